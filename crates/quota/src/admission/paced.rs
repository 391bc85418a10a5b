//! Limits that let a charge larger than their burst go when they are full.

use crate::{Bucket, Charge, Decision, Kind, Limit, Limits, Requests, Tick, Tokens};

/// Small bursts under charges of any size: what exceeds a burst goes when the bucket is full, and the
/// next ones wait until it has been paid for.
///
/// Buckets by the day, and of input and output apart, refuse as in [`Limits`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paced {
    limits: Limits,
}

impl Paced {
    /// These limits, paced.
    pub const fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// The limits as they stand.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A bucket, to change its rate.
    pub fn bucket_mut(&mut self, kind: Kind) -> Option<&mut Bucket> {
        self.limits.bucket_mut(kind)
    }

    /// Whether `charge` may go.
    pub fn answer(&self, now: Tick, charge: Charge) -> Decision<(), Charge> {
        let daily = self.limits.bucket(Kind::DailyTokens);
        let daily =
            daily.map_or(Decision::Admit(()), |daily| daily.check(now, charge.tokens.get()));
        if !daily.is_admitted() {
            return daily.map_max(|n| Charge { tokens: Tokens::new(n), ..Charge::MAX });
        }
        let most = |bucket: Option<&Bucket>| bucket.map_or(u64::MAX, |b| b.burst().get());
        let requests = charge.requests.get().min(most(self.limits.requests()));
        let tokens = charge.tokens.get().min(most(self.limits.tokens()));
        let clipped = Charge::new(Requests::new(requests), Tokens::new(tokens));
        self.limits.check(now, clipped.with_parts(charge.input, charge.output))
    }
}

impl Limit for Paced {
    type Place = ();

    fn check(&self, now: Tick, (): (), charge: Charge) -> Decision<(), Charge> {
        self.answer(now, charge)
    }

    fn charge(&mut self, now: Tick, (): (), charge: Charge) {
        self.limits.charge(now, charge);
    }

    fn give_back(&mut self, now: Tick, (): (), charge: Charge) -> Charge {
        self.limits.give_back(now, charge)
    }

    fn enter(&mut self, (): (), requests: Requests) {
        self.limits.enter(requests);
    }

    fn leave(&mut self, (): (), requests: Requests) {
        self.limits.leave(requests);
    }
}
