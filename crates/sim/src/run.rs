//! The event loop: a policy, a server and a workload, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::policy::{Answer, Next, Policy};
use crate::rng::Rng;
use crate::server::{Held, Kind, Refusal, Server};
use crate::time::{NEVER, SECOND};
use crate::workload::Workload;

/// What came of a run.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Run {
    /// Calls made, retries included.
    pub calls: u64,
    /// Calls refused for a quota.
    pub throttled: u64,
    /// Calls refused for want of capacity.
    pub unavailable: u64,
    /// Requests given up.
    pub given_up: u64,
    /// When the last request ended.
    pub makespan: u64,
    /// The admissions, in their order.
    pub admitted: Vec<Admission>,
}

/// A request that was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Admission {
    /// When.
    pub at: u64,
    /// How long after its arrival.
    pub waited: u64,
    /// Its number in the workload.
    pub id: usize,
}

/// Runs a policy over a workload on a server of this kind.
pub fn run(kind: &Kind, work: &Workload, policy: &mut dyn Policy, seed: u64) -> Run {
    let mut world = World::new(kind, work);
    let mut chance = Rng::new(seed);
    let mut result = Run::default();
    let mut arrivals = work.requests.iter().enumerate().peekable();
    let mut left = work.requests.len();
    let mut wake = NEVER;
    while left > 0 {
        let arrival = arrivals.peek().map_or(NEVER, |(_, request)| request.prompt.arrival);
        let now = arrival.min(world.next()).min(wake);
        if now == NEVER {
            // A policy that waits for nothing has lost its requests.
            result.given_up += left as u64;
            break;
        }
        while let Some((id, request)) =
            arrivals.next_if(|(_, request)| request.prompt.arrival <= now)
        {
            policy.arrive(now, id, &request.prompt);
        }
        while let Some((id, answer)) = world.pop(now) {
            if let Answer::Done { .. } = answer {
                left -= 1;
                result.makespan = now;
            }
            policy.answer(now, id, answer);
        }
        wake = loop {
            match policy.next(now) {
                Next::Wait(until) => break until.max(now + 1),
                Next::GiveUp(_) => {
                    left -= 1;
                    result.given_up += 1;
                }
                Next::Send(id) => {
                    result.calls += 1;
                    match world.send(now, id, chance.draw()) {
                        Ok(waited) => result.admitted.push(Admission { at: now, waited, id }),
                        Err(Refusal::Unavailable) => result.unavailable += 1,
                        Err(_) => result.throttled += 1,
                    }
                }
            }
        };
    }
    result
}

/// A client that could ask the server itself: each request, in the order of arrival at its model, at
/// the first tick at which the server lets it in.
pub fn ideal(kind: &Kind, work: &Workload) -> Run {
    // What others take belongs to the bound as well; random failures do not.
    let kind = Kind { unavailable: 0, ..*kind };
    let mut world = World::new(&kind, work);
    let mut result = Run::default();
    let mut queues: Vec<std::collections::VecDeque<usize>> =
        work.models.iter().map(|_| Default::default()).collect();
    for (id, request) in work.requests.iter().enumerate() {
        if let Some(queue) = queues.get_mut(request.prompt.model) {
            queue.push_back(id);
        }
    }
    let mut now = 0;
    loop {
        let mut next = NEVER;
        for queue in &mut queues {
            while let Some(&id) = queue.front() {
                let Some(request) = work.requests.get(id) else { break };
                let prompt = &request.prompt;
                let reserved = prompt.input + prompt.max_tokens;
                let earliest = world.server.earliest(now, prompt.model, reserved);
                let Some(earliest) = earliest else {
                    queue.pop_front();
                    result.given_up += 1;
                    continue;
                };
                let at = earliest.max(prompt.arrival);
                if at > now {
                    next = next.min(at);
                    break;
                }
                result.calls += 1;
                queue.pop_front();
                match world.send(now, id, u64::MAX) {
                    Ok(waited) => result.admitted.push(Admission { at: now, waited, id }),
                    Err(_) => result.throttled += 1,
                }
            }
        }
        let is_done = queues.iter().all(|queue| queue.is_empty()) && world.under_way == 0;
        now = next.min(world.next());
        if is_done || now == NEVER {
            return result;
        }
        while let Some((_, answer)) = world.pop(now) {
            if let Answer::Done { .. } = answer {
                result.makespan = now;
            }
        }
    }
}

/// A server, and what is on its way back from it.
struct World<'a> {
    server: Server,
    kind: Kind,
    work: &'a Workload,
    /// By time, then in order.
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    order: u64,
    held: Vec<Option<Held>>,
    under_way: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Done(usize),
    Refused(usize, u8),
    Others,
}

impl<'a> World<'a> {
    fn new(kind: &Kind, work: &'a Workload) -> Self {
        let mut world = World {
            server: Server::new(kind, &work.models),
            kind: *kind,
            work,
            events: BinaryHeap::new(),
            order: 0,
            held: vec![None; work.requests.len()],
            under_way: 0,
        };
        if kind.others > 0 {
            world.push(OTHERS, Event::Others);
        }
        world
    }

    fn next(&self) -> u64 {
        self.events.peek().map_or(NEVER, |Reverse((at, ..))| *at)
    }

    fn push(&mut self, at: u64, event: Event) {
        self.order += 1;
        self.events.push(Reverse((at, self.order, event)));
    }

    /// Sends a request; says how long it has waited if it is let in.
    fn send(&mut self, now: u64, id: usize, chance: u64) -> Result<u64, Refusal> {
        let Some(request) = self.work.requests.get(id) else { return Err(Refusal::Unavailable) };
        let prompt = &request.prompt;
        self.under_way += 1;
        match self.server.admit(now, prompt.model, prompt.input + prompt.max_tokens, chance) {
            Ok(held) => {
                if let Some(place) = self.held.get_mut(id) {
                    *place = Some(held);
                }
                self.push(now + request.latency, Event::Done(id));
                Ok(now - prompt.arrival)
            }
            Err(refusal) => {
                self.push(now + REFUSAL, Event::Refused(id, refusal as u8));
                Err(refusal)
            }
        }
    }

    /// The next answer that is there by now. What others take is taken on the way.
    fn pop(&mut self, now: u64) -> Option<(usize, Answer)> {
        while self.next() <= now {
            let Reverse((at, _, event)) = self.events.pop()?;
            match event {
                Event::Others => {
                    self.server.others(at, &self.work.models, self.kind.others);
                    self.push(at + OTHERS, Event::Others);
                }
                Event::Refused(id, why) => {
                    self.under_way -= 1;
                    let why = [Refusal::Requests, Refusal::Tokens, Refusal::Daily]
                        .into_iter()
                        .find(|refusal| *refusal as u8 == why)
                        .unwrap_or(Refusal::Unavailable);
                    return Some((id, Answer::Refused(why)));
                }
                Event::Done(id) => {
                    self.under_way -= 1;
                    let request = self.work.requests.get(id)?;
                    let model = self.work.models.get(request.prompt.model)?;
                    if let Some(held) = self.held.get_mut(id).and_then(Option::take) {
                        self.server.settle(at, held, request.cost(model));
                    }
                    let (input, output) = (request.prompt.input, request.output);
                    return Some((id, Answer::Done { input, output }));
                }
            }
        }
        None
    }
}

/// How long a refusal takes to come back.
const REFUSAL: u64 = SECOND / 50;
/// How often others take their part.
const OTHERS: u64 = SECOND / 10;

#[cfg(test)]
mod tests;
