//! One limit: a bucket that refills continuously and can go into debt.

use core::num::NonZeroU64;

use crate::{Decision, Rate, Span, Tick};

/// A bucket that holds at most `burst` units, refills at a steady [`Rate`], and gives exact waiting
/// times.
///
/// Refill is counted in parts of a unit: with `amount` units per `per` nanoseconds, a unit is made
/// of `per` parts and every nanosecond brings `amount` of them. So nothing is ever rounded away,
/// however odd the rate and however often the bucket is asked.
///
/// Nobody may take more than is there. What was used beyond that can still be [charged]: the
/// bucket is then in debt and admits nothing until the refill has paid for it.
///
/// A tick earlier than the latest change counts as the tick of that change.
///
/// [charged]: Self::charge
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU64;
/// use outcrop_quota::{Bucket, Decision, Rate, Tick};
///
/// let sixty = NonZeroU64::new(60).unwrap();
/// let mut bucket = Bucket::new(Rate::per_minute(sixty), NonZeroU64::new(2).unwrap());
///
/// assert!(bucket.take(Tick::ZERO, 2).is_admitted());
/// let next = Tick::from_nanos(1_000_000_000);
/// assert_eq!(bucket.take(Tick::ZERO, 1), Decision::Wait { until: next });
/// assert!(bucket.take(next, 1).is_admitted());
/// assert_eq!(bucket.take(next, 3), Decision::Never { max: 2 });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    rate: Rate,
    burst: NonZeroU64,
    /// The parts missing from a full bucket at `at`. More than a burst's worth is debt.
    missing: u128,
    /// The latest change.
    at: Tick,
}

impl Bucket {
    /// A full bucket.
    ///
    /// `burst` bounds what can be taken at once, so it must not be smaller than the largest single
    /// request: a larger one is answered with [`Decision::Never`].
    pub const fn new(rate: Rate, burst: NonZeroU64) -> Self {
        Self { rate, burst, missing: 0, at: Tick::ZERO }
    }

    /// How fast the bucket refills.
    pub const fn rate(&self) -> Rate {
        self.rate
    }

    /// The most that the bucket holds.
    pub const fn burst(&self) -> NonZeroU64 {
        self.burst
    }

    /// The same books under another burst: what is missing does not depend on it.
    pub(crate) fn with_burst(&self, burst: NonZeroU64) -> Self {
        Self { burst, ..self.clone() }
    }

    /// What is missing from a full bucket, rounded up.
    pub(crate) fn missing(&self, now: Tick) -> u64 {
        whole(self.missing_at(now).div_ceil(self.unit()))
    }

    /// Refills at `rate` from now on.
    ///
    /// What is missing stays missing, but for a part of a unit that cannot be said in parts of the
    /// new rate: it is rounded against the caller.
    pub fn set_rate(&mut self, now: Tick, rate: Rate) {
        let missing = self.missing_at(now);
        let (old, new) = (self.unit(), u128::from(rate.per().as_nanos()));
        let part = (missing % old * new).div_ceil(old);
        self.missing = (missing / old).saturating_mul(new).saturating_add(part);
        self.at = self.latest(now);
        self.rate = rate;
    }

    /// Takes `n` units if they are there. Anything but [`Decision::Admit`] leaves the bucket as it
    /// was.
    #[inline]
    pub fn take(&mut self, now: Tick, n: u64) -> Decision<()> {
        match self.without(now, n) {
            Some(missing) => {
                self.change(now, missing);
                Decision::Admit(())
            }
            None => self.refusal(now, n),
        }
    }

    /// What [`take`](Self::take) would say, without taking anything.
    ///
    /// A bucket in debt refuses everything, even to take nothing.
    #[inline]
    pub fn check(&self, now: Tick, n: u64) -> Decision<()> {
        match self.without(now, n) {
            Some(_) => Decision::Admit(()),
            None => self.refusal(now, n),
        }
    }

    /// The parts missing once `n` units are taken, if they are there: all that has to be known most
    /// of the time.
    #[inline]
    pub(crate) fn without(&self, now: Tick, n: u64) -> Option<u128> {
        let missing = self.missing_at(now).checked_add(self.parts(n))?;
        (missing <= self.parts(self.burst.get())).then_some(missing)
    }

    /// What is said to one who asks for units that are not there.
    #[cold]
    fn refusal(&self, now: Tick, n: u64) -> Decision<()> {
        let burst = self.burst.get();
        let Some(rest) = burst.checked_sub(n) else {
            return Decision::Never { max: burst };
        };
        let excess = self.missing_at(now).saturating_sub(self.parts(rest));
        let wait = excess.div_ceil(u128::from(self.rate.amount().get()));
        let wait = Span::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX));
        Decision::Wait { until: self.latest(now).after(wait) }
    }

    /// Takes `n` units whether they are there or not; what is not there becomes debt.
    ///
    /// This is for settlement, when something turns out to have cost more than was reserved.
    #[inline]
    pub fn charge(&mut self, now: Tick, n: u64) {
        self.change(now, self.missing_at(now).saturating_add(self.parts(n)));
    }

    /// Takes all that is there.
    pub(crate) fn empty(&mut self, now: Tick) {
        self.missing = self.missing_at(now).max(self.parts(self.burst.get()));
        self.at = self.latest(now);
    }

    /// Puts back units that were taken and not used, and returns how many of them did not fit.
    ///
    /// A bucket never holds more than its burst: what refilled in the meantime has already taken the
    /// place of some. The books are kept in whole units, so that they balance exactly: the level
    /// rises by `n` less what is returned.
    #[inline]
    #[must_use = "the units that did not fit are gone"]
    pub fn give_back(&mut self, now: Tick, n: u64) -> u64 {
        let missing = self.missing_at(now);
        if let Some(missing) = missing.checked_sub(self.parts(n)) {
            self.change(now, missing);
            return 0;
        }
        // What is missing is less than `n` units, so that its whole units are a `u64`.
        self.change(now, missing % self.unit());
        n.saturating_sub(whole(missing / self.unit()))
    }

    /// What is in the bucket, or what it owes.
    pub fn level(&self, now: Tick) -> Level {
        let (missing, full) = (self.missing_at(now), self.parts(self.burst.get()));
        Level {
            available: whole(full.saturating_sub(missing) / self.unit()),
            debt: whole(missing.saturating_sub(full).div_ceil(self.unit())),
        }
    }

    /// How much of the burst is used, in thousandths rounded down: 0 when full, 1,000 and more when
    /// empty or in debt.
    pub fn used(&self, now: Tick) -> u32 {
        let missing = whole(self.missing_at(now) / self.unit());
        let thousandths = u128::from(missing) * 1_000 / u128::from(self.burst.get());
        u32::try_from(thousandths).unwrap_or(u32::MAX)
    }

    /// The parts missing at `now`, after the refill since the latest change.
    #[inline]
    fn missing_at(&self, now: Tick) -> u128 {
        let refill =
            u128::from(now.since(self.at).as_nanos()) * u128::from(self.rate.amount().get());
        self.missing.saturating_sub(refill)
    }

    /// From `now` on, so many parts are missing.
    #[inline]
    pub(crate) fn change(&mut self, now: Tick, missing: u128) {
        self.missing = missing;
        self.at = self.latest(now);
    }

    #[inline]
    fn latest(&self, now: Tick) -> Tick {
        now.max(self.at)
    }

    #[inline]
    fn unit(&self) -> u128 {
        u128::from(self.rate.per().as_nanos())
    }

    #[inline]
    fn parts(&self, n: u64) -> u128 {
        u128::from(n) * self.unit()
    }
}

/// The level of a [`Bucket`] in whole units. At most one of the two numbers is not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Level {
    /// What could be taken now, rounded down.
    pub available: u64,
    /// What must refill before the bucket is at zero again, rounded up.
    pub debt: u64,
}

fn whole(units: u128) -> u64 {
    u64::try_from(units).unwrap_or(u64::MAX)
}
