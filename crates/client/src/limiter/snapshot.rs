//! A limiter at one moment, for people.

use std::num::NonZeroU32;
use std::time::Duration;

use quota::{Cause, Charge, Decision, Kind, Requests, Tick, Tokens};

use super::{Limiter, lock};

/// What is left of a model's quotas at one moment, and what goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuotaSnapshot {
    /// Requests left of the quota by the minute; `None` if they are not limited.
    pub requests_left: Option<u64>,
    /// Tokens left of the quota by the minute; `None` if they are not limited.
    pub tokens_left: Option<u64>,
    /// Input tokens left, where they are counted apart.
    pub input_tokens_left: Option<u64>,
    /// Output tokens left, where they are counted apart.
    pub output_tokens_left: Option<u64>,
    /// Tokens left of the quota by the day; `None` if they are not limited.
    pub daily_tokens_left: Option<u64>,
    /// Tokens left of what all models together may take by the day; `None` if that is not limited.
    pub account_daily_tokens_left: Option<u64>,
    /// Calls that could still be in flight besides; `None` if they are not limited.
    pub concurrent_left: Option<u64>,
    /// Calls in flight. One that was given up after it was sent counts for another minute.
    pub in_flight: u64,
    /// Tokens that calls in flight hold.
    pub held: u64,
    /// Calls that wait.
    pub waiting: usize,
    /// When the next call may go: the first that waits, or else a newcomer of no tokens. `None` if
    /// that depends on a call in flight.
    pub next_admission: Option<Duration>,
    /// The limit that the first of those who wait is waiting for.
    pub binds: Option<Kind>,
    /// The part of the stated rate of requests that is used at most, in millionths.
    pub request_rate: u32,
    /// The part of the stated rate of tokens that is used at most, in millionths.
    pub token_rate: u32,
    /// The throttles so far.
    pub throttles: Throttles,
    /// The tenants that share the quotas, those without a name first; none if none was named.
    pub tenants: Vec<TenantSnapshot>,
}

/// A tenant in the queue of one model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TenantSnapshot {
    /// Its name; `None` for the calls that name no tenant.
    pub name: Option<String>,
    /// Its weight: while tenants wait, each is served tokens in proportion to it.
    pub weight: NonZeroU32,
    /// Its calls that wait.
    pub waiting: usize,
    /// The tokens that these ask for.
    pub tokens: u64,
}

/// How often the service throttled, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Throttles {
    /// Too many requests.
    pub requests: u64,
    /// Too many tokens.
    pub tokens: u64,
    /// The tokens of the day were used up.
    pub daily: u64,
    /// The service was short of capacity.
    pub capacity: u64,
    /// It did not say.
    pub unknown: u64,
}

impl Limiter {
    pub(crate) fn snapshot(&self) -> QuotaSnapshot {
        let moment = self.clock.now();
        let mut state = lock(&self.state);
        let now = state.dial.tick(moment);
        let tenants = self.tenants.iter().enumerate().map(|(number, (name, weight))| {
            let all = state.queue.all_of(number);
            let (waiting, tokens) = (all.waiting, all.charge.tokens.get());
            TenantSnapshot { name: name.map(str::to_owned), weight, waiting, tokens }
        });
        let tenants = if self.tenants.is_one() { Vec::new() } else { tenants.collect() };
        let first = state.queue.first();
        let charge = first.unwrap_or(Charge::new(Requests::new(1), Tokens::ZERO));
        let next = match state.check(moment, charge) {
            Decision::Wait { until } => state.or_expiry(until),
            Decision::Admit(()) | Decision::Never { .. } => now,
        };
        let admission = &state.admission;
        let adapt = admission.adapt();
        QuotaSnapshot {
            requests_left: admission.left(now, Kind::Requests),
            tokens_left: admission.left(now, Kind::Tokens),
            input_tokens_left: admission.left(now, Kind::Input),
            output_tokens_left: admission.left(now, Kind::Output),
            daily_tokens_left: admission.left(now, Kind::DailyTokens),
            account_daily_tokens_left: state
                .member
                .as_ref()
                .and_then(|member| member.daily_tokens_left(moment)),
            concurrent_left: admission.left(now, Kind::Concurrent),
            in_flight: admission.outstanding(),
            held: admission.held().tokens.get(),
            waiting: state.queue.len(),
            next_admission: (next < Tick::MAX).then(|| Duration::from(next.since(now))),
            binds: first.and_then(|charge| {
                let account =
                    || (next > now && state.member.is_some()).then_some(Kind::DailyTokens);
                admission.binds(now, charge).or_else(account)
            }),
            request_rate: adapt.requests(now),
            token_rate: adapt.tokens(now),
            throttles: Throttles {
                requests: adapt.throttles(Cause::RequestRate),
                tokens: adapt.throttles(Cause::TokenRate),
                daily: adapt.throttles(Cause::Daily),
                capacity: adapt.throttles(Cause::Capacity),
                unknown: adapt.throttles(Cause::Unknown),
            },
            tenants,
        }
    }
}
