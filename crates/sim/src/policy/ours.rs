//! Our policy, as the client has it: [`Admission`] for each model, behind a fair queue.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::{NonZeroU32, NonZeroU64};

use quota::{
    Accounting, Admission, Admitted, Backoff, Cause, DailyReset, Decision, Job, Quotas, Rate,
    ServerModel, Share, Tenant, Tick, TokenCounts, Tokens, Turn,
};

use super::{Answer, Next, Policy};
use crate::rng::Rng;
use crate::server::Refusal;
use crate::time::NEVER;
use crate::workload::{Prompt, Workload};

/// How a client knows the tokens of a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// It counts them.
    Counted,
    /// It guesses them from bytes.
    Guessed,
}

/// The policy towards a service that is known to keep its quotas in this way.
pub(super) fn make(work: &Workload, server: ServerModel, size: Size, seed: u64) -> Box<dyn Policy> {
    let lanes = work.models.iter().map(|model| {
        let tpm = model.tpm.max(1).try_into().unwrap_or(NonZeroU64::MIN);
        let mut share = Share::new(Rate::per_minute(tpm), tpm);
        let weight = |weight: &u32| NonZeroU32::new(*weight).unwrap_or(NonZeroU32::MIN);
        let tenants = work.weights.iter().map(|w| share.add_tenant(weight(w))).collect();
        let burn = model.burn.max(1).try_into().unwrap_or(NonZeroU64::MIN);
        let mut quotas = Quotas::default().with_server(server);
        quotas.requests_per_minute = NonZeroU64::new(model.rpm);
        quotas.tokens_per_minute = NonZeroU64::new(model.tpm);
        quotas.tokens_per_day = NonZeroU64::new(model.tpd);
        if server != ServerModel::Unknown {
            quotas.daily_reset = DailyReset::Midnight;
        }
        Lane {
            admission: Admission::new(Tick::ZERO, &quotas),
            size,
            rules: Accounting::on_demand(burn),
            share,
            tenants,
            head: None,
            told: None,
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

struct Ours {
    lanes: Vec<Lane>,
    calls: Vec<Call>,
    given_up: Vec<usize>,
    rng: Rng,
}

struct Lane {
    admission: Admission,
    size: Size,
    rules: Accounting,
    share: Share<usize>,
    tenants: Vec<Tenant>,
    /// Whose turn it is, until it has gone.
    head: Option<usize>,
    /// Who has been told to wait, and until when if nothing comes back before.
    told: Option<(usize, u64)>,
    /// Those that were refused, by the time of their next attempt.
    again: BinaryHeap<Reverse<(u64, usize)>>,
}

#[derive(Default)]
struct Call {
    prompt: Prompt,
    held: Option<Admitted>,
    refusals: u32,
}

impl Lane {
    /// The tokens of the prompt, as far as the client knows.
    fn input(&self, prompt: &Prompt) -> Tokens {
        match self.size {
            Size::Counted => Tokens::new(prompt.input),
            Size::Guessed => self.admission.estimate(prompt.bytes),
        }
    }
}

impl Policy for Ours {
    fn arrive(&mut self, now: u64, id: usize, prompt: &Prompt) {
        let (Some(call), Some(lane)) = (self.calls.get_mut(id), self.lanes.get_mut(prompt.model))
        else {
            return;
        };
        call.prompt = *prompt;
        let Some(tenant) = lane.tenants.get(prompt.tenant) else { return };
        let cost = lane.input(prompt).saturating_add(Tokens::new(prompt.max_tokens));
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
            if let Some((told, until)) = lane.told
                && next == Some(told)
                && now < until
            {
                wait = wait.min(until);
                continue;
            }
            let Some((id, call)) = next.and_then(|id| Some((id, self.calls.get_mut(id)?))) else {
                continue;
            };
            let charge = lane.rules.reserve(TokenCounts {
                input: lane.input(&call.prompt),
                output: Tokens::new(call.prompt.max_tokens),
                ..TokenCounts::default()
            });
            let decision = lane.admission.reserve(tick, charge);
            if let Decision::Wait { until } = decision {
                lane.told = Some((id, until.as_nanos()));
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
        lane.told = None;
        let tick = Tick::from_nanos(now);
        let cause = match answer {
            Answer::Done { input, output } => {
                let actual = lane.rules.settle(TokenCounts {
                    input: Tokens::new(input),
                    output: Tokens::new(output),
                    ..TokenCounts::default()
                });
                lane.admission.learn(call.prompt.bytes, Tokens::new(input));
                lane.admission.settle(tick, held, actual);
                return;
            }
            Answer::Refused(Refusal::Requests) => Cause::RequestRate,
            Answer::Refused(Refusal::Tokens) => Cause::TokenRate,
            Answer::Refused(Refusal::Daily) => Cause::Daily,
            Answer::Refused(Refusal::Unavailable) => Cause::Capacity,
        };
        lane.admission.throttled(tick, held, cause);
        let backoff =
            if cause == Cause::Capacity { Backoff::TRANSIENT } else { Backoff::THROTTLED };
        let pause = backoff.delay(call.refusals, self.rng.draw(), None);
        call.refusals += 1;
        lane.again.push(Reverse((now + pause.as_nanos(), id)));
    }
}
