//! The limits of one model under a policy: what is stated, the pace, and what throttles taught.

use std::num::NonZeroU64;

use quota::{
    Adapt, Bucket, Cause, Charge, Decision, Gauge, Kind, Limit, Limits, Pacer, Policy, Rate,
    Requests, Span, Tick, Verdict,
};

use super::recent::Recent;
use crate::quotas::{Quotas, ServerModel};

/// Limits that a ledger can keep its books over.
///
/// Where the server model is unknown, each quota by the minute has a pace besides its bucket.
#[derive(Debug)]
pub(super) struct Gate {
    limits: Limits,
    requests: Option<Minute>,
    tokens: Option<Minute>,
    adapt: Adapt,
    scaled: Tick,
}

/// A quota by the minute.
#[derive(Debug)]
struct Minute {
    stated: NonZeroU64,
    recent: Recent,
    pace: Option<Pace>,
}

/// Even spacing, with a little that refunds have saved up.
#[derive(Debug)]
struct Pace {
    pacer: Pacer,
    /// Given back while nobody was held up: the next ones cost less by as much.
    credit: u64,
}

impl Gate {
    /// The limits of these quotas, with nothing taken.
    pub(super) fn new(now: Tick, quotas: &Quotas) -> Self {
        let is_paced = quotas.server == ServerModel::Unknown;
        let burst = |rate: Rate, stated| match quotas.server {
            ServerModel::Unknown => stated,
            ServerModel::Bucket { burst } => {
                NonZeroU64::new(rate.over(Span::from_duration(burst))).unwrap_or(NonZeroU64::MIN)
            }
        };
        let bucket = |stated: NonZeroU64| {
            let rate = Rate::per_minute(stated);
            Bucket::new(rate, burst(rate, stated))
        };
        let minute = |stated: NonZeroU64| Minute {
            stated,
            recent: Recent::default(),
            pace: is_paced.then(|| Pace { pacer: Pacer::new(Rate::per_minute(stated)), credit: 0 }),
        };
        let mut limits = Limits::unlimited();
        if let Some(n) = quotas.requests_per_minute {
            limits = limits.with_requests(bucket(n));
        }
        if let Some(n) = quotas.tokens_per_minute {
            limits = limits.with_tokens(bucket(n));
        }
        if let Some(n) = quotas.tokens_per_day {
            limits = limits.with_daily_tokens(Bucket::new(Rate::per_day(n), n));
        }
        if let Some(n) = quotas.concurrent {
            limits = limits.with_concurrent(Gauge::new(n));
        }
        let mut policy = Policy::default();
        policy.start = quotas.quota_use.unwrap_or(if is_paced { policy.start } else { MILLION });
        policy.ceiling = quotas.quota_use.unwrap_or(policy.ceiling).min(MILLION);
        policy.start = policy.start.min(policy.ceiling);
        let mut gate = Self {
            limits,
            requests: quotas.requests_per_minute.map(minute),
            tokens: quotas.tokens_per_minute.map(minute),
            adapt: Adapt::new(now, policy),
            scaled: now,
        };
        gate.scale(now);
        gate
    }

    pub(super) const fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) const fn adapt(&self) -> &Adapt {
        &self.adapt
    }

    /// Lets the rates follow the policy, once a second at most.
    pub(super) fn refresh(&mut self, now: Tick) {
        if now.since(self.scaled) >= Span::SECOND {
            self.scale(now);
        }
    }

    /// The service throttled a call.
    pub(super) fn throttled(&mut self, now: Tick, cause: Cause) -> Verdict {
        let used = |minute: &mut Option<Minute>| {
            minute.as_mut().map(|minute| minute.recent.used(now, minute.stated.get()))
        };
        let used = match cause {
            Cause::RequestRate => used(&mut self.requests),
            Cause::TokenRate => used(&mut self.tokens),
            Cause::Unknown => used(&mut self.requests).max(used(&mut self.tokens)),
            _ => cause.used(now, &self.limits),
        };
        let verdict = self.adapt.throttled(now, cause, used);
        self.scale(now);
        verdict
    }

    /// The limit that keeps `charge` waiting for longest, if one does.
    pub(super) fn binds(&self, now: Tick, charge: Charge) -> Option<Kind> {
        let minutes = [(Kind::Requests, &self.requests), (Kind::Tokens, &self.tokens)];
        let paces = minutes.into_iter().filter_map(|(kind, minute)| {
            Some((kind, minute.as_ref()?.pace.as_ref()?.pacer.check(now)))
        });
        let waits =
            self.limits.answers(now, charge).chain(paces).filter_map(|(kind, one)| match one {
                Decision::Wait { until } => Some((until, kind)),
                _ => None,
            });
        waits.max_by_key(|(until, _)| *until).map(|(_, kind)| kind)
    }

    /// The first tick at which a call of `own` could go if those `ahead` of it go first and all
    /// that is `held` came back at once: it cannot be earlier.
    pub(super) fn earliest(&self, now: Tick, ahead: Charge, own: Charge, held: Charge) -> Tick {
        let after = |rate: Rate, n: u64| now.after(rate.time_for(n));
        let buckets = self.limits.buckets().map(|(kind, bucket)| {
            let here = bucket.level(now).available.saturating_add(kind.part(held));
            let wanted = kind.part(ahead).saturating_add(kind.part(own));
            after(bucket.rate(), wanted.saturating_sub(here))
        });
        let paces = [(Kind::Requests, &self.requests), (Kind::Tokens, &self.tokens)];
        let paces = paces.into_iter().filter_map(|(kind, minute)| {
            let pace = minute.as_ref()?.pace.as_ref()?;
            let here = pace.credit.saturating_add(kind.part(held));
            // The last of those ahead is paid for when this one goes; the pacer's own start and
            // the first of them are left out, which can only be too early.
            Some(after(pace.pacer.rate(), kind.part(ahead).saturating_sub(here)))
        });
        buckets.chain(paces).max().unwrap_or(now)
    }

    fn scale(&mut self, now: Tick) {
        self.scaled = now;
        for (kind, minute) in
            [(Kind::Requests, &mut self.requests), (Kind::Tokens, &mut self.tokens)]
        {
            let Some(minute) = minute else { continue };
            let rate = self.adapt.rate(now, kind, Rate::per_minute(minute.stated));
            match &mut minute.pace {
                Some(pace) => pace.pacer.set_rate(now, rate),
                None => {
                    if let Some(bucket) = self.limits.bucket_mut(kind) {
                        bucket.set_rate(now, rate);
                    }
                }
            }
        }
    }

    fn minutes(&mut self) -> impl Iterator<Item = (Kind, &mut Minute)> {
        let minutes = [(Kind::Requests, &mut self.requests), (Kind::Tokens, &mut self.tokens)];
        minutes.into_iter().filter_map(|(kind, minute)| Some((kind, minute.as_mut()?)))
    }
}

impl Limit for Gate {
    type Place = ();

    fn check(&self, now: Tick, (): (), charge: Charge) -> Decision<(), Charge> {
        let mut decision = self.limits.check(now, charge);
        if let Some(until) = self.adapt.closed_until(now) {
            decision = decision.join(Decision::Wait { until });
        }
        for minute in [&self.requests, &self.tokens].into_iter().flatten() {
            if let Some(pace) = &minute.pace {
                decision = decision.join(pace.pacer.check(now).map_max(|_| Charge::MAX));
            }
        }
        decision
    }

    fn charge(&mut self, now: Tick, (): (), charge: Charge) {
        self.limits.charge(now, charge);
        for (kind, minute) in self.minutes() {
            let n = kind.part(charge);
            minute.recent.charge(now, n);
            if let Some(pace) = &mut minute.pace {
                let saved = pace.credit.min(n);
                pace.credit -= saved;
                pace.pacer.charge(now, n - saved);
            }
        }
    }

    fn give_back(&mut self, now: Tick, (): (), charge: Charge) -> Charge {
        for (kind, minute) in self.minutes() {
            let n = kind.part(charge);
            minute.recent.give_back(now, n);
            if let Some(pace) = &mut minute.pace {
                let most = pace.pacer.rate().over(Span::SECOND);
                let unused = pace.pacer.give_back(now, n);
                pace.credit = pace.credit.saturating_add(unused).min(most);
            }
        }
        self.limits.give_back(now, charge)
    }

    fn enter(&mut self, (): (), requests: Requests) {
        self.limits.enter(requests);
    }

    fn leave(&mut self, (): (), requests: Requests) {
        self.limits.leave(requests);
    }
}

const MILLION: u32 = 1_000_000;
