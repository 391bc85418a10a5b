//! What our two policies have in common: a fair queue for each model, and books that say when the
//! next call may go.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroU32;

use quota::{
    Accounting, Backoff, Cause, Charge, Decision, Job, Rate, Share, Tenant, Tick, TokenCounts,
    Tokens, Turn,
};

use super::{Answer, Next, Policy};
use crate::rng::Rng;
use crate::server::Refusal;
use crate::time::NEVER;
use crate::workload::{Model, Prompt, Workload};

/// The books of one model.
pub(super) trait Books {
    /// What they hand out for a call under way.
    type Held;

    /// The tokens of the prompt, as far as the client knows.
    fn input(&self, prompt: &Prompt) -> u64;

    /// Takes the charge of a call, or says when to ask again.
    fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Self::Held, Charge>;

    /// The call is done.
    fn settle(&mut self, now: Tick, held: Self::Held, prompt: &Prompt, input: u64, actual: Charge);

    /// The call was refused.
    fn refuse(&mut self, now: Tick, held: Self::Held, cause: Cause);
}

/// A policy with these books for each model.
pub(super) fn make<B: Books + 'static>(
    work: &Workload,
    seed: u64,
    books: impl Fn(&Model) -> B,
) -> Box<dyn Policy> {
    let lanes = work.models.iter().map(|model| {
        let tpm = model.tpm.max(1).try_into().unwrap_or(std::num::NonZeroU64::MIN);
        let mut share = Share::new(Rate::per_minute(tpm), tpm);
        let weight = |weight: &u32| NonZeroU32::new(*weight).unwrap_or(NonZeroU32::MIN);
        let tenants = work.weights.iter().map(|w| share.add_tenant(weight(w))).collect();
        let burn = model.burn.max(1).try_into().unwrap_or(std::num::NonZeroU64::MIN);
        Lane {
            books: books(model),
            rules: Accounting::on_demand(burn),
            share,
            tenants,
            head: None,
            again: BinaryHeap::new(),
        }
    });
    Box::new(Ours {
        lanes: lanes.collect(),
        calls: work.requests.iter().map(|_| Call::default()).collect(),
        given_up: Vec::new(),
        rng: Rng::new(seed),
    })
}

struct Ours<B: Books> {
    lanes: Vec<Lane<B>>,
    calls: Vec<Call<B::Held>>,
    given_up: Vec<usize>,
    rng: Rng,
}

struct Lane<B> {
    books: B,
    rules: Accounting,
    share: Share<usize>,
    tenants: Vec<Tenant>,
    /// Whose turn it is, until it has gone.
    head: Option<usize>,
    /// Those that were refused, by the time of their next attempt.
    again: BinaryHeap<Reverse<(u64, usize)>>,
}

struct Call<H> {
    prompt: Prompt,
    held: Option<H>,
    refusals: u32,
}

impl<H> Default for Call<H> {
    fn default() -> Self {
        Self { prompt: Prompt::default(), held: None, refusals: 0 }
    }
}

impl<B: Books> Policy for Ours<B> {
    fn arrive(&mut self, now: u64, id: usize, prompt: &Prompt) {
        let (Some(call), Some(lane)) = (self.calls.get_mut(id), self.lanes.get_mut(prompt.model))
        else {
            return;
        };
        call.prompt = *prompt;
        let Some(tenant) = lane.tenants.get(prompt.tenant) else { return };
        let cost = Tokens::new(lane.books.input(prompt) + prompt.max_tokens);
        // Without a deadline, no job is refused.
        let _ticket = lane.share.push(Tick::from_nanos(now), Job::new(*tenant, cost), id);
    }

    fn next(&mut self, now: u64) -> Next {
        if let Some(id) = self.given_up.pop() {
            return Next::GiveUp(id);
        }
        let tick = Tick::from_nanos(now);
        let mut wait = NEVER;
        for lane in &mut self.lanes {
            let again = lane.again.peek().map(|Reverse(first)| *first);
            let is_due = again.is_some_and(|(due, _)| due <= now);
            if let Some((due, _)) = again.filter(|_| !is_due) {
                wait = wait.min(due);
            }
            if lane.head.is_none() && !is_due {
                lane.head = lane.share.pop(tick).map(|(Turn::Go(_, id) | Turn::Late(_, id))| id);
            }
            let next = again.filter(|_| is_due).map(|(_, id)| id).or(lane.head);
            let Some((id, call)) = next.and_then(|id| Some((id, self.calls.get_mut(id)?))) else {
                continue;
            };
            let charge = lane.rules.reserve(TokenCounts {
                input: Tokens::new(lane.books.input(&call.prompt)),
                output: Tokens::new(call.prompt.max_tokens),
                ..TokenCounts::default()
            });
            let decision = lane.books.reserve(tick, charge);
            if let Decision::Wait { until } = decision {
                wait = wait.min(until.as_nanos());
                continue;
            }
            if is_due {
                lane.again.pop();
            } else {
                lane.head = None;
            }
            let Decision::Admit(held) = decision else { return Next::GiveUp(id) };
            call.held = Some(held);
            return Next::Send(id);
        }
        Next::Wait(wait)
    }

    fn answer(&mut self, now: u64, id: usize, answer: Answer) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let Some(lane) = self.lanes.get_mut(call.prompt.model) else { return };
        let Some(held) = call.held.take() else { return };
        let tick = Tick::from_nanos(now);
        let cause = match answer {
            Answer::Done { input, output } => {
                let actual = lane.rules.settle(TokenCounts {
                    input: Tokens::new(input),
                    output: Tokens::new(output),
                    ..TokenCounts::default()
                });
                lane.books.settle(tick, held, &call.prompt, input, actual);
                return;
            }
            Answer::Refused(Refusal::Requests) => Cause::RequestRate,
            Answer::Refused(Refusal::Tokens) => Cause::TokenRate,
            Answer::Refused(Refusal::Daily) => Cause::Daily,
            Answer::Refused(Refusal::Unavailable) => Cause::Capacity,
        };
        lane.books.refuse(tick, held, cause);
        let backoff =
            if cause == Cause::Capacity { Backoff::TRANSIENT } else { Backoff::THROTTLED };
        let pause = backoff.delay(call.refusals, self.rng.draw(), None);
        call.refusals += 1;
        lane.again.push(Reverse((now + pause.as_nanos(), id)));
    }
}
