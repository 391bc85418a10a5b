//! Admission where only the published quotas are known, and not how the service keeps them.

mod paced;

use core::num::NonZeroU64;

use crate::{
    Adapt, Bucket, Cause, Charge, Decision, Kind, Ledger, Limits, Policy, Rate, Requests,
    Reservation, Slot, Span, Tick, Tokens, Verdict, Window,
};

pub use paced::Paced;

/// Admits calls by quotas a minute, without knowing whether the service refills a bucket, and of
/// which burst, or counts by the window.
///
/// Three things have to agree:
///
/// * a bucket for each quota, with the burst of one second: it never holds more than a bucket of the
///   same rate and a larger burst, so that what it admits such a service admits, too;
/// * a sliding window of a minute for each quota: what it admits, a service that counts by the
///   window admits, sliding or aligned;
/// * [`Adapt`], which scales the rate of the buckets: it starts at 85 %, and throttles lower it.
///
/// The window can hold calls back in vain, if the service has none. So, when nothing else is in the
/// way, it is put aside on [trial](Self::is_on_trial), after a minute for the first time. If a call
/// that it would have refused is throttled, it is back, and the next trial comes after a pause that
/// doubles each time.
#[derive(Debug)]
pub struct Admission {
    stated: Limits,
    ledger: Ledger<Paced>,
    requests: Option<Window>,
    tokens: Option<Window>,
    adapt: Adapt,
    scaled: Tick,
    trial: Trial,
    /// Since when, and how many calls went and found no capacity since.
    minute: (Tick, u64, u64),
}

impl Admission {
    /// What [`Adapt`] does by default, but with a ceiling of 98.5 %: at the whole of a quota there is
    /// nothing left for what the estimates miss.
    pub fn policy() -> Policy {
        Policy { ceiling: 985_000, ..Policy::default() }
    }

    /// Keeps to these quotas by the minute and the day, where `None` is no limit.
    pub fn new(
        now: Tick,
        requests: Option<NonZeroU64>,
        tokens: Option<NonZeroU64>,
        daily: Option<NonZeroU64>,
        policy: Policy,
    ) -> Self {
        let mut stated = Limits::unlimited();
        if let Some(n) = requests {
            stated = stated.with_requests(second_of(Rate::per_minute(n)));
        }
        if let Some(n) = tokens {
            stated = stated.with_tokens(second_of(Rate::per_minute(n)));
        }
        if let Some(n) = daily {
            stated = stated.with_daily_tokens(Bucket::new(Rate::per_day(n), n));
        }
        let window = |quota: Option<NonZeroU64>| quota.map(|n| Window::sliding(n, Span::MINUTE));
        let mut new = Self {
            ledger: Ledger::new(Paced::new(stated.clone())),
            stated,
            requests: window(requests),
            tokens: window(tokens),
            adapt: Adapt::new(now, policy),
            scaled: now,
            trial: Trial { on: false, next: now.after(Span::MINUTE), pause: FIRST_PAUSE },
            minute: (now, 0, 0),
        };
        new.scale(now);
        new
    }

    /// Takes `charge` from every limit, or says when to ask again.
    pub fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Admitted, Charge> {
        if let Some(until) = self.adapt.closed_until(now) {
            return Decision::Wait { until };
        }
        if now.since(self.scaled) >= Span::SECOND {
            self.scale(now);
        }
        let window = self.window(now, charge);
        let buckets = self.ledger.limits().answer(now, charge);
        let in_excess = !window.is_admitted();
        match (buckets, window) {
            (Decision::Admit(()), Decision::Wait { until }) if !self.trial.on => {
                if now < self.trial.next {
                    return Decision::Wait { until: until.min(self.trial.next) };
                }
                self.trial.on = true;
            }
            (Decision::Admit(()), Decision::Admit(()) | Decision::Wait { .. }) => {}
            (Decision::Wait { until }, Decision::Wait { .. }) => return Decision::Wait { until },
            (buckets, window) => match buckets.join(window) {
                Decision::Never { max } => return Decision::Never { max },
                Decision::Wait { until } => return Decision::Wait { until },
                Decision::Admit(()) => {}
            },
        }
        self.count(now, 0);
        let (requests, tokens) = (charge.requests.get(), charge.tokens.get());
        self.ledger.reserve_in(now, (), charge).map(|reservation| Admitted {
            reservation,
            requests: self.requests.as_mut().map(|window| window.charge(now, requests)),
            tokens: self.tokens.as_mut().map(|window| window.charge(now, tokens)),
            in_excess,
        })
    }

    /// The call has cost `actual`.
    pub fn settle(&mut self, now: Tick, admitted: Admitted, actual: Charge) {
        self.ledger.settle(now, admitted.reservation, actual);
        if let (Some(window), Some(slot)) = (&mut self.requests, admitted.requests) {
            window.correct(now, slot, actual.requests.get());
        }
        if let (Some(window), Some(slot)) = (&mut self.tokens, admitted.tokens) {
            window.correct(now, slot, actual.tokens.get());
        }
    }

    /// The service refused the call, and charged nothing. Says whose throttle it was.
    pub fn throttled(&mut self, now: Tick, admitted: Admitted, cause: Cause) -> Verdict {
        let windows = match cause {
            Cause::RequestRate => [self.requests.as_ref(), None],
            Cause::TokenRate => [self.tokens.as_ref(), None],
            Cause::Unknown => [self.requests.as_ref(), self.tokens.as_ref()],
            Cause::Daily | Cause::Capacity => [None, None],
        };
        let used = windows.into_iter().flatten().map(|window| window.used(now)).max();
        let used = used.max(cause.used(now, self.ledger.limits().limits()));
        let in_excess = admitted.in_excess;
        self.settle(now, admitted, Charge::ZERO);
        if in_excess && !matches!(cause, Cause::Daily | Cause::Capacity) {
            // The window was right, and the rate need not fall for it.
            self.trial.fail(now);
            return Verdict::Ours { used: used.unwrap_or_default() };
        }
        if cause == Cause::Capacity && !self.is_short(now) {
            return Verdict::Service;
        }
        let verdict = self.adapt.throttled(now, cause, used);
        self.scale(now);
        verdict
    }

    /// Lets the reserved charge stand, for a call whose cost nobody will know.
    pub fn keep(&mut self, admitted: Admitted) {
        self.ledger.keep(admitted.reservation);
    }

    /// What was learned from throttles.
    pub const fn adapt(&self) -> &Adapt {
        &self.adapt
    }

    /// Whether the window is put aside.
    pub const fn is_on_trial(&self) -> bool {
        self.trial.on
    }

    /// The calls under way.
    pub const fn outstanding(&self) -> u64 {
        self.ledger.outstanding()
    }

    fn window(&self, now: Tick, charge: Charge) -> Decision<(), Charge> {
        let check = |window: &Option<Window>, n| {
            window.as_ref().map_or(Decision::Admit(()), |window| window.check(now, n))
        };
        let requests = check(&self.requests, charge.requests.get())
            .map_max(|n| Charge { requests: Requests::new(n), ..Charge::MAX });
        let tokens = check(&self.tokens, charge.tokens.get())
            .map_max(|n| Charge { tokens: Tokens::new(n), ..Charge::MAX });
        requests.join(tokens)
    }

    /// Counts a call, and perhaps a failure.
    fn count(&mut self, now: Tick, failures: u64) {
        let (since, calls, failed) = &mut self.minute;
        if now.since(*since) >= Span::MINUTE {
            (*since, *calls, *failed) = (now, 0, 0);
        }
        *calls = calls.saturating_add(1 - failures.min(1));
        *failed = failed.saturating_add(failures);
    }

    /// Whether a tenth of the calls found no capacity: a few do at any time, and many calls would
    /// meet three of them in every minute.
    fn is_short(&mut self, now: Tick) -> bool {
        self.count(now, 1);
        let (_, calls, failed) = self.minute;
        failed.saturating_mul(10) >= calls
    }

    fn scale(&mut self, now: Tick) {
        self.scaled = now;
        for kind in [Kind::Requests, Kind::Tokens] {
            let Some(stated) = self.stated.bucket(kind) else { continue };
            let rate = self.adapt.rate(now, kind, stated.rate());
            if let Some(bucket) = self.ledger.limits_mut().bucket_mut(kind) {
                bucket.set_rate(now, rate);
            }
        }
    }
}

/// A call that an [`Admission`] let go, to be settled once.
#[derive(Debug)]
#[must_use = "an unsettled call holds its quota"]
pub struct Admitted {
    reservation: Reservation,
    requests: Option<Slot>,
    tokens: Option<Slot>,
    in_excess: bool,
}

#[derive(Debug)]
struct Trial {
    on: bool,
    next: Tick,
    pause: Span,
}

impl Trial {
    fn fail(&mut self, now: Tick) {
        if self.on {
            self.on = false;
            self.next = now.after(self.pause);
            self.pause = self.pause.saturating_add(self.pause);
        }
    }
}

/// A bucket of this rate that holds what refills in a second.
fn second_of(rate: Rate) -> Bucket {
    Bucket::new(rate, NonZeroU64::new(rate.over(Span::SECOND)).unwrap_or(NonZeroU64::MIN))
}

const FIRST_PAUSE: Span = Span::from_secs(5 * 60);
