//! What the usual clients have in common: each request tries by itself, backs off and tries again;
//! a gate in front may hold back those that are due.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::{Answer, Next, Policy};
use crate::rng::Rng;
use crate::server::Refusal;
use crate::time::{NEVER, SECOND};
use crate::workload::{Model, Prompt, Workload};

/// What a client does about failures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retries {
    /// Attempts in all.
    pub(super) attempts: u32,
    /// The first pause after a throttle and after a shortage, which double up to 20 s, with full
    /// jitter.
    pub(super) base: [u64; 2],
    /// What a retry costs after each, of a budget of 500.
    pub(super) cost: [u64; 2],
}

/// Holds calls back.
pub(super) trait Gate {
    /// Lets a call go, or says when to ask again.
    fn ask(&mut self, now: u64, prompt: &Prompt) -> Result<(), u64>;

    /// What came of a call.
    fn answer(&mut self, now: u64, prompt: &Prompt, answer: Answer);
}

/// A policy with one gate and one budget for each model.
pub(super) fn make<G: Gate + 'static>(
    work: &Workload,
    seed: u64,
    retries: Retries,
    gate: impl Fn(&Model) -> G,
) -> Box<dyn Policy> {
    let lanes = work.models.iter().map(|model| Lane {
        gate: gate(model),
        due: BinaryHeap::new(),
        budget: BUDGET,
    });
    Box::new(Gated {
        lanes: lanes.collect(),
        retries,
        calls: vec![Call::default(); work.requests.len()],
        given_up: VecDeque::new(),
        rng: Rng::new(seed),
        order: 0,
    })
}

struct Gated<G> {
    lanes: Vec<Lane<G>>,
    retries: Retries,
    calls: Vec<Call>,
    given_up: VecDeque<usize>,
    rng: Rng,
    order: u64,
}

struct Lane<G> {
    gate: G,
    /// By time, then in order.
    due: BinaryHeap<Reverse<(u64, u64, usize)>>,
    budget: u64,
}

#[derive(Clone, Copy, Default)]
struct Call {
    prompt: Prompt,
    attempts: u32,
    /// What its latest retry has cost.
    paid: u64,
}

impl<G: Gate> Policy for Gated<G> {
    fn arrive(&mut self, now: u64, id: usize, prompt: &Prompt) {
        if let Some(call) = self.calls.get_mut(id) {
            call.prompt = *prompt;
        }
        self.push(now, prompt.model, id);
    }

    fn next(&mut self, now: u64) -> Next {
        if let Some(id) = self.given_up.pop_front() {
            return Next::GiveUp(id);
        }
        let mut until = NEVER;
        for lane in &mut self.lanes {
            let Some(&Reverse((due, _, id))) = lane.due.peek() else { continue };
            if due > now {
                until = until.min(due);
                continue;
            }
            let Some(call) = self.calls.get_mut(id) else { continue };
            match lane.gate.ask(now, &call.prompt) {
                Ok(()) => {
                    lane.due.pop();
                    call.attempts += 1;
                    return Next::Send(id);
                }
                Err(when) => until = until.min(when.max(now + 1)),
            }
        }
        Next::Wait(until)
    }

    fn answer(&mut self, now: u64, id: usize, answer: Answer) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let Some(lane) = self.lanes.get_mut(call.prompt.model) else { return };
        lane.gate.answer(now, &call.prompt, answer);
        let cause = match answer {
            Answer::Done { .. } => {
                let back = if call.attempts > 1 { call.paid } else { 1 };
                lane.budget = (lane.budget + back).min(BUDGET);
                return;
            }
            Answer::Refused(Refusal::Unavailable) => 1,
            Answer::Refused(_) => 0,
        };
        let [base, cost] = [self.retries.base, self.retries.cost]
            .map(|of| of.get(cause).copied().unwrap_or_default());
        if call.attempts >= self.retries.attempts || lane.budget < cost {
            self.given_up.push_back(id);
            return;
        }
        lane.budget -= cost;
        call.paid = cost;
        let ceiling = (base << (call.attempts - 1).min(20)).min(CAP);
        let pause = (ceiling as f64 * self.rng.part()) as u64;
        let model = call.prompt.model;
        self.push(now + pause, model, id);
    }
}

impl<G> Gated<G> {
    fn push(&mut self, due: u64, model: usize, id: usize) {
        self.order += 1;
        if let Some(lane) = self.lanes.get_mut(model) {
            lane.due.push(Reverse((due, self.order, id)));
        }
    }
}

/// Lets everything go.
pub(super) struct Open;

impl Gate for Open {
    fn ask(&mut self, _now: u64, _prompt: &Prompt) -> Result<(), u64> {
        Ok(())
    }

    fn answer(&mut self, _now: u64, _prompt: &Prompt, _answer: Answer) {}
}

const BUDGET: u64 = 500;
const CAP: u64 = 20 * SECOND;
