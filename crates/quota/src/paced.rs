//! Limits that let a charge larger than their burst go when they are full.

use crate::limits::joined;
use crate::{Bucket, Charge, Decision, Kind, Limit, Limits, Requests, Tick};

/// Small bursts under charges of any size: what exceeds the burst of a bucket goes when the bucket
/// is full, and the next ones wait until it has been paid for.
///
/// The bucket of a day refuses what exceeds it, as in [`Limits`].
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU64;
/// use outcrop_quota::{Bucket, Charge, Decision, Limit, Limits, Paced, Rate, Tick, Tokens};
///
/// let [rate, burst] = [1_000, 100].map(|n| NonZeroU64::new(n).unwrap());
/// let tokens = Bucket::new(Rate::per_second(rate), burst);
/// let mut paced = Paced::new(Limits::unlimited().with_tokens(tokens));
///
/// let large = Charge::request(Tokens::new(500));
/// assert!(paced.check(Tick::ZERO, (), large).is_admitted());
/// paced.charge(Tick::ZERO, (), large);
/// let paid = Tick::from_nanos(500_000_000);
/// assert_eq!(paced.check(Tick::ZERO, (), large), Decision::Wait { until: paid });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paced {
    limits: Limits,
    most: Charge,
}

impl Paced {
    /// These limits, under charges of any size.
    pub const fn new(limits: Limits) -> Self {
        Self { limits, most: Charge::MAX }
    }

    /// The same, but what exceeds `most` in any part is never admitted.
    #[must_use]
    pub const fn with_most(self, most: Charge) -> Self {
        Self { most, ..self }
    }

    /// The limits as they stand.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A bucket, to [change its rate](Bucket::set_rate).
    pub fn bucket_mut(&mut self, kind: Kind) -> Option<&mut Bucket> {
        self.limits.bucket_mut(kind)
    }

    /// What a bucket has left for a single charge, of which the burst holds a part back; `None` if
    /// there is no such bucket.
    pub(crate) fn left(&self, now: Tick, kind: Kind) -> Option<u64> {
        let bucket = self.limits.bucket(kind)?;
        let burst = bucket.burst().get();
        let beyond = self.most(kind, burst).saturating_sub(burst);
        let level = bucket.level(now);
        Some(level.available.saturating_add(beyond).saturating_sub(level.debt))
    }

    /// What each limit alone says to its part of `charge`: this tells which of them binds.
    #[inline]
    pub fn answers(&self, now: Tick, charge: Charge) -> impl Iterator<Item = (Kind, Decision<()>)> {
        let buckets = self.limits.buckets().map(move |(kind, bucket)| {
            let n = kind.part(charge);
            let burst = bucket.burst().get();
            let most = self.most(kind, burst);
            let answer = if n > most {
                Decision::Never { max: most }
            } else {
                bucket.check(now, n.min(burst))
            };
            (kind, answer)
        });
        let gauge = self.limits.concurrent();
        buckets
            .chain(gauge.map(move |gauge| (Kind::Concurrent, gauge.check(charge.requests.get()))))
    }

    /// The most that the bucket of this kind lets go at once.
    const fn most(&self, kind: Kind, burst: u64) -> u64 {
        match kind {
            Kind::DailyTokens => burst,
            _ => kind.part(self.most),
        }
    }
}

impl Limit for Paced {
    type Place = ();

    fn check(&self, now: Tick, (): (), charge: Charge) -> Decision<(), Charge> {
        joined(self.answers(now, charge))
    }

    fn charge(&mut self, now: Tick, (): (), charge: Charge) {
        self.limits.charge(now, charge);
    }

    fn give_back(&mut self, now: Tick, (): (), _taken: Tick, charge: Charge) -> Charge {
        self.limits.give_back(now, charge)
    }

    fn enter(&mut self, (): (), requests: Requests) {
        self.limits.enter(requests);
    }

    fn leave(&mut self, (): (), requests: Requests) {
        self.limits.leave(requests);
    }
}
