//! Even spacing: nothing goes before the previous one has been paid for.

use core::num::NonZeroU64;

use crate::{Bucket, Decision, Rate, Tick};

/// Spreads sends evenly, because bursts are throttled even where they fit into the minute.
///
/// After a send that costs `n`, the next may go when `n` units have come back at the rate, and not
/// before, however long nothing was sent. It has no maximum: what is large only keeps the next one
/// waiting longer. Use it on top of [`Limits`](crate::Limits), and send when both admit.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU64;
/// use outcrop_quota::{Decision, Pacer, Rate, Tick};
///
/// let mut pacer = Pacer::new(Rate::per_second(NonZeroU64::new(1_000).unwrap()));
/// assert!(pacer.take(Tick::ZERO, 500).is_admitted());
/// let half_a_second = Tick::from_nanos(500_000_000);
/// assert_eq!(pacer.take(Tick::ZERO, 10), Decision::Wait { until: half_a_second });
/// assert!(pacer.take(half_a_second, 10).is_admitted());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pacer {
    /// Holds one unit, and is full exactly when everything before has been paid for.
    bucket: Bucket,
}

impl Pacer {
    /// A pacer that lets the first one go at once.
    pub const fn new(rate: Rate) -> Self {
        Self { bucket: Bucket::new(rate, NonZeroU64::MIN) }
    }

    /// How fast it lets units go.
    pub const fn rate(&self) -> Rate {
        self.bucket.rate()
    }

    /// Lets units go at `rate` from now on.
    pub fn set_rate(&mut self, now: Tick, rate: Rate) {
        self.bucket.set_rate(now, rate);
    }

    /// Lets `n` units go if it is their turn. Never answers [`Decision::Never`].
    pub fn take(&mut self, now: Tick, n: u64) -> Decision<()> {
        let decision = self.check(now);
        if decision.is_admitted() {
            self.bucket.charge(now, n);
        }
        decision
    }

    /// What [`take`](Self::take) would say, to any number of units.
    pub fn check(&self, now: Tick) -> Decision<()> {
        self.bucket.check(now, 1)
    }

    /// Lets `n` units go whether it is their turn or not; the next ones wait for them as well.
    pub fn charge(&mut self, now: Tick, n: u64) {
        self.bucket.charge(now, n);
    }

    /// Makes up for `n` units that did not go after all, or turned out not to be used: the next
    /// ones go sooner by as much, but not before now. Returns the units that made nothing sooner.
    pub fn give_back(&mut self, now: Tick, n: u64) -> u64 {
        self.bucket.give_back(now, n)
    }
}
