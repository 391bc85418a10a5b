//! The simulator beside a bare loop over as many events, kept in a binary heap.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use sim::{Kind, Request, Workload, policy, run};

use crate::pair;

/// Steady chat, with a client that only sends and with one that keeps to the quota.
pub(crate) fn measure() {
    let work = Workload::all(SEED).swap_remove(0);
    compare("simulator-none", &work, "none");
    compare("simulator-outcrop", &work, "outcrop");
}

fn compare(name: &str, work: &Workload, policy: &str) {
    let kind = Kind::named("bucket-60s").unwrap();
    let client = || policy::make(policy, &kind, work, SEED).unwrap();
    // Each request comes, and each call is answered.
    let whole = run(&kind, work, &mut *client(), SEED);
    let events = work.requests.len() as u64 + whole.calls;
    let time_both = || {
        let mut client = client();
        let ours = time(|| run(&kind, work, &mut *client, SEED));
        let reference = time(|| bare(&work.requests));
        [ours, reference]
    };
    pair::compare(name, 5.0, RUNS, events.try_into().unwrap(), time_both);
}

/// Every request is answered when its time is over; says when the last one was.
fn bare(requests: &[Request]) -> u64 {
    let mut arrivals = requests.iter().enumerate();
    let mut events = BinaryHeap::new();
    let mut come = |events: &mut BinaryHeap<_>| {
        let next = arrivals.next();
        events.extend(next.map(|(id, next)| Reverse((next.prompt.arrival, id, Event::Arrival))));
    };
    come(&mut events);
    let mut end = 0;
    while let Some(Reverse((at, id, event))) = events.pop() {
        if let Event::Arrival = event {
            come(&mut events);
            events.push(Reverse((at + requests[id].latency, id, Event::Answer)));
        }
        end = at;
    }
    end
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrival,
    Answer,
}

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

const SEED: u64 = 7;
const RUNS: u32 = 100;
