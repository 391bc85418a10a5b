//! `outcrop`: our books, knowing how the server keeps its quotas, with every token counted.

use std::num::NonZeroU64;

use quota::{
    Adapt, Bucket, Cause, Charge, Decision, Kind, Ledger, Limits, Rate, Reservation, Slot, Span,
    Tick, Window,
};

use super::Policy;
use super::ours::{self, Books};
use crate::server::Refill;
use crate::workload::{Model, Prompt, Workload};

pub(super) fn make(work: &Workload, refill: Refill, seed: u64) -> Box<dyn Policy> {
    ours::make(work, seed, |model| Known::new(model, refill))
}

/// The server's limits, kept on the client's side; scaled down only where throttles show that there
/// is less than was stated.
struct Known {
    /// What is stated by the minute.
    stated: [Option<NonZeroU64>; 2],
    ledger: Ledger,
    windows: [Option<Window>; 2],
    adapt: Adapt,
    /// When the rates were last scaled; never, before the first throttle.
    scaled: Option<Tick>,
}

impl Known {
    fn new(model: &Model, refill: Refill) -> Self {
        let stated = [model.rpm, model.tpm].map(NonZeroU64::new);
        let [rpm, tpm] = stated;
        let mut limits = Limits::unlimited();
        let mut windows = [None, None];
        match refill {
            Refill::Bucket(burst) => {
                let bucket = |n: NonZeroU64| {
                    let rate = Rate::per_minute(n);
                    let most = NonZeroU64::new(rate.over(Span::from_nanos(burst)));
                    Bucket::new(rate, most.unwrap_or(NonZeroU64::MIN))
                };
                if let Some(rpm) = rpm {
                    limits = limits.with_requests(bucket(rpm));
                }
                if let Some(tpm) = tpm {
                    limits = limits.with_tokens(bucket(tpm));
                }
            }
            Refill::Sliding => {
                windows = stated.map(|n| n.map(|n| Window::sliding(n, Span::MINUTE)))
            }
            Refill::Minute => windows = stated.map(|n| n.map(|n| Window::aligned(n, Span::MINUTE))),
        }
        if let Some(tpd) = NonZeroU64::new(model.tpd) {
            limits = limits.with_daily_tokens(Bucket::new(Rate::per_day(tpd), tpd));
        }
        let mut policy = quota::Policy::default();
        policy.start = policy.ceiling;
        let adapt = Adapt::new(Tick::ZERO, policy);
        Self { stated, ledger: Ledger::new(limits), windows, adapt, scaled: None }
    }

    fn scale(&mut self, now: Tick) {
        self.scaled = Some(now);
        let kinds = [Kind::Requests, Kind::Tokens];
        for ((kind, stated), window) in kinds.into_iter().zip(self.stated).zip(&mut self.windows) {
            let Some(stated) = stated else { continue };
            let rate = self.adapt.rate(now, kind, Rate::per_minute(stated));
            if let Some(bucket) = self.ledger.limits_mut().bucket_mut(kind) {
                bucket.set_rate(now, rate);
            }
            if let Some(window) = window {
                window.set_quota(rate.over(Span::MINUTE).try_into().unwrap_or(NonZeroU64::MIN));
            }
        }
    }
}

impl Books for Known {
    type Held = (Reservation, [Option<Slot>; 2]);

    fn input(&self, prompt: &Prompt) -> u64 {
        prompt.input
    }

    fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Self::Held, Charge> {
        if let Some(until) = self.adapt.closed_until(now) {
            return Decision::Wait { until };
        }
        if self.scaled.is_some_and(|scaled| now.since(scaled) >= Span::SECOND) {
            self.scale(now);
        }
        let parts = [charge.requests.get(), charge.tokens.get()];
        let answers = self
            .windows
            .iter()
            .zip(parts)
            .filter_map(|(window, n)| window.as_ref().map(|window| window.check(now, n)));
        match answers.fold(Decision::Admit(()), Decision::join) {
            Decision::Admit(()) => {}
            Decision::Wait { until } => return Decision::Wait { until },
            Decision::Never { .. } => return Decision::Never { max: Charge::ZERO },
        }
        let windows = &mut self.windows;
        self.ledger.reserve(now, charge).map(|reservation| {
            let mut slots = [None, None];
            for ((slot, window), n) in slots.iter_mut().zip(windows).zip(parts) {
                *slot = window.as_mut().map(|window| window.charge(now, n));
            }
            (reservation, slots)
        })
    }

    fn settle(
        &mut self,
        now: Tick,
        held: Self::Held,
        _prompt: &Prompt,
        _input: u64,
        actual: Charge,
    ) {
        let (reservation, slots) = held;
        self.ledger.settle(now, reservation, actual);
        let parts = [actual.requests.get(), actual.tokens.get()];
        for ((slot, window), n) in slots.into_iter().zip(&mut self.windows).zip(parts) {
            if let (Some(slot), Some(window)) = (slot, window) {
                window.correct(now, slot, n);
            }
        }
    }

    fn refuse(&mut self, now: Tick, held: Self::Held, cause: Cause) {
        self.settle(now, held, &Prompt::default(), 0, Charge::ZERO);
        if cause != Cause::Capacity {
            self.adapt.throttled(now, cause, cause.used(now, self.ledger.limits()));
            self.scale(now);
        }
    }
}
