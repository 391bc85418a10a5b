//! The ideal client against one that tries every second.

use std::collections::VecDeque;

use outcrop_sim::server::{Kind, Refill};
use outcrop_sim::time::SECOND;
use outcrop_sim::{Model, Prompt, Request, Workload, ideal};
use proptest::prelude::*;

use crate::naive::Service;

/// The seconds and numbers of the admissions, and the second when all had ended: each request in the
/// order of arrival at its model, in the first second in which the written-out service has room.
fn brute_force(refill: Refill, work: &Workload) -> (Vec<(u64, usize)>, u64) {
    let mut services: Vec<Service> =
        work.models.iter().map(|model| Service::new(refill, model)).collect();
    let mut queues = vec![VecDeque::new(); work.models.len()];
    for (id, request) in work.requests.iter().enumerate() {
        queues[request.prompt.model].push_back(id);
    }
    let (mut admitted, mut makespan) = (Vec::new(), 0);
    let mut taken = vec![0; work.models.len()];
    // By the second of their end, in the order in which they were let in.
    let mut under_way: Vec<(u64, usize, usize)> = Vec::new();
    for second in 0..MOST {
        let (over, rest) = under_way.into_iter().partition(|(end, ..)| *end == second);
        under_way = rest;
        let over: Vec<(u64, usize, usize)> = over;
        for (end, number, id) in over {
            let request = &work.requests[id];
            let model = request.prompt.model;
            services[model].settle(second, number, request.cost(&work.models[model]));
            makespan = end;
        }
        for (model, queue) in queues.iter_mut().enumerate() {
            while let Some(id) = queue.front().copied() {
                let request = &work.requests[id];
                let reserved = request.prompt.input + request.prompt.max_tokens;
                let is_here = request.prompt.arrival <= second * SECOND;
                if !is_here || services[model].refusal(second, 0, reserved).is_some() {
                    break;
                }
                queue.pop_front();
                services[model].take(second, reserved);
                under_way.push((second + request.latency / SECOND, taken[model], id));
                taken[model] += 1;
                admitted.push((second, id));
            }
        }
        if queues.iter().all(VecDeque::is_empty) && under_way.is_empty() {
            break;
        }
    }
    (admitted, makespan)
}

/// Enough for any of these cases.
const MOST: u64 = 3_600;

/// Small requests in whole seconds, for two models.
fn requests() -> impl Strategy<Value = Vec<Request>> {
    let request = (0_u64..90, 0_usize..2, 1_u64..5, 1_u64..6, 1_u64..6, 1_u64..40);
    prop::collection::vec(request, 1..8).prop_map(|all| {
        let mut all: Vec<Request> = all
            .into_iter()
            .map(|(arrival, model, input, max_tokens, output, latency)| {
                let arrival = arrival * SECOND;
                let prompt = Prompt { arrival, model, input, max_tokens, ..Prompt::default() };
                Request { prompt, output: output.min(max_tokens), latency: latency * SECOND }
            })
            .collect();
        all.sort_by_key(|request| request.prompt.arrival);
        all
    })
}

proptest! {
    /// A token a second, so that whatever is refused fits in a whole second.
    #[test]
    fn ideal_is_the_first_second_at_which_each_fits(
        refill in prop_oneof![
            Just(Refill::Bucket(10 * SECOND)),
            Just(Refill::Bucket(60 * SECOND)),
            Just(Refill::Sliding),
            Just(Refill::Minute),
        ],
        requests in requests(),
        burn in 1_u64..6,
        rpm in prop_oneof![Just(0_u64), Just(60)],
    ) {
        let model = Model { rpm, tpm: 60, tpd: 0, burn };
        let mut work = Workload::backlog("tiny", model, &NOTHING, 0, 1);
        work.models.push(Model { burn: 1, ..model });
        work.requests = requests;
        let run = ideal(&Kind::new("test", refill), &work);
        let (mut admitted, makespan) = brute_force(refill, &work);
        let mut ours: Vec<(u64, usize)> =
            run.admitted.iter().map(|admission| (admission.at / SECOND, admission.id)).collect();
        ours.sort_unstable();
        admitted.sort_unstable();
        prop_assert_eq!(ours, admitted);
        prop_assert_eq!(run.makespan, makespan * SECOND);
    }
}

const NOTHING: outcrop_sim::Mix = outcrop_sim::Mix {
    input: outcrop_sim::Dist::Constant(1.0),
    output: outcrop_sim::Dist::Constant(1.0),
    max_tokens: 1,
    latency: outcrop_sim::Dist::Constant(1.0),
};
