//! How fast a quota comes back.

use core::num::NonZeroU64;

use crate::Span;

/// A refill rate: so many units in so much time, neither of them zero.
///
/// The units are whatever the [`Bucket`](crate::Bucket) counts: requests, tokens, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    amount: NonZeroU64,
    per: NonZeroU64,
}

impl Rate {
    /// `amount` units in every `per`; `None` if `per` is no time at all.
    pub const fn new(amount: NonZeroU64, per: Span) -> Option<Self> {
        match NonZeroU64::new(per.as_nanos()) {
            Some(per) => Some(Self { amount, per }),
            None => None,
        }
    }

    /// `amount` units a second.
    pub const fn per_second(amount: NonZeroU64) -> Self {
        Self { amount, per: SECOND }
    }

    /// `amount` units a minute: the form in which Bedrock states most of its quotas.
    pub const fn per_minute(amount: NonZeroU64) -> Self {
        Self { amount, per: MINUTE }
    }

    /// `amount` units a day of 24 hours.
    pub const fn per_day(amount: NonZeroU64) -> Self {
        Self { amount, per: DAY }
    }

    /// The units that come back in [`per`](Self::per).
    pub const fn amount(self) -> NonZeroU64 {
        self.amount
    }

    /// The time in which [`amount`](Self::amount) units come back, never zero.
    pub const fn per(self) -> Span {
        Span::from_nanos(self.per.get())
    }

    /// This part of the rate, in millionths, exactly where `u64` allows; never less than one unit in
    /// `u64::MAX` nanoseconds.
    ///
    /// For instance, 850,000 of a quota that is not to be used to the last token.
    #[must_use]
    pub fn part(self, millionths: u32) -> Self {
        self.times(millionths.into(), MILLION)
    }

    /// The rate times `numerator / denominator`, rounded as [`part`](Self::part) is. The denominator
    /// must not be zero.
    pub(crate) fn times(self, numerator: u64, denominator: u64) -> Self {
        let amount = u128::from(self.amount.get()) * u128::from(numerator);
        let per = u128::from(self.per.get()) * u128::from(denominator.max(1));
        let common = gcd(amount, per);
        let (mut amount, mut per) = (amount / common, per / common);
        while amount.max(per) > u64::MAX.into() {
            // Rounded so that the rate becomes lower rather than higher.
            (amount, per) = (amount / 2, per.div_ceil(2));
        }
        let number = |n: u128| u64::try_from(n).ok().and_then(NonZeroU64::new);
        match (number(amount), number(per)) {
            (Some(amount), Some(per)) => Self { amount, per },
            _ => Self { amount: NonZeroU64::MIN, per: NonZeroU64::MAX },
        }
    }

    /// The time in which `n` units come back, rounded up, at most [`Span::MAX`].
    pub fn time_for(self, n: u64) -> Span {
        let parts = u128::from(n) * u128::from(self.per.get());
        let nanos = parts.div_ceil(u128::from(self.amount.get()));
        Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// The whole units that come back in `span`, rounded down, at most `u64::MAX`.
    ///
    /// For instance, the burst that allows two seconds' worth of a quota at once.
    pub fn over(self, span: Span) -> u64 {
        let parts = u128::from(self.amount.get()) * u128::from(span.as_nanos());
        u64::try_from(parts / u128::from(self.per.get())).unwrap_or(u64::MAX)
    }
}

/// The greatest common divisor, of which at least the second number must not be zero.
const fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while a != 0 {
        (a, b) = (b % a, a);
    }
    b
}

const MILLION: u64 = 1_000_000;
const SECOND: NonZeroU64 = non_zero(Span::SECOND);
const MINUTE: NonZeroU64 = non_zero(Span::MINUTE);
const DAY: NonZeroU64 = non_zero(Span::DAY);

const fn non_zero(span: Span) -> NonZeroU64 {
    match NonZeroU64::new(span.as_nanos()) {
        Some(nanos) => nanos,
        None => NonZeroU64::MIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_rates_bring_their_amount_in_their_period() {
        let amount = NonZeroU64::new(7).unwrap();
        assert_eq!(Rate::per_second(amount).over(Span::from_millis(1_000)), 7);
        assert_eq!(Rate::per_minute(amount).over(Span::from_secs(60)), 7);
        assert_eq!(Rate::per_day(amount).over(Span::from_secs(86_400)), 7);
    }

    #[test]
    fn no_time_is_no_period() {
        assert_eq!(Rate::new(NonZeroU64::MIN, Span::ZERO), None);
    }
}
