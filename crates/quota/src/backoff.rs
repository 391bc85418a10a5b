//! How long to pause before a retry.

use crate::Span;

/// Exponential backoff as a pure function of the attempt and a drawn number.
///
/// # Examples
///
/// ```
/// use outcrop_quota::{Backoff, Span};
///
/// // The third retry after throttles draws from 0 to 4 seconds.
/// assert_eq!(Backoff::THROTTLED.delay(2, 0, None), Span::ZERO);
/// assert_eq!(Backoff::THROTTLED.delay(2, u64::MAX, None), Span::from_secs(4));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Backoff {
    jitter: Jitter,
    base: Span,
    cap: Span,
}

impl Backoff {
    /// After a throttle: full jitter, from 1 s, at most 20 s. So do the AWS SDKs, in retry 2.0 and in
    /// retry 2.1, which is their default since 2026-11-10.
    pub const THROTTLED: Self = Self::new(Jitter::Full, Span::from_secs(1), Span::from_secs(20));

    /// After any other failure that may pass: full jitter, from 50 ms, at most 20 s. So do the AWS
    /// SDKs since retry 2.1, of 2026-11-10; retry 2.0 began at 1 s.
    pub const TRANSIENT: Self = Self::new(Jitter::Full, Span::from_millis(50), Span::from_secs(20));

    /// Pauses that start at `base`, double with every retry and stop growing at `cap`.
    pub const fn new(jitter: Jitter, base: Span, cap: Span) -> Self {
        Self { jitter, base, cap }
    }

    /// The pause before retry `attempt`, where 0 is the first retry.
    ///
    /// `draw` is a number drawn evenly from all of `u64`, anew for each pause. `hint` is the pause
    /// that the server asked for: it can lengthen the drawn pause by 5 s at most and never shortens
    /// it.
    pub fn delay(&self, attempt: u32, draw: u64, hint: Option<Span>) -> Span {
        let ceiling = self.ceiling(attempt);
        let drawn = match self.jitter {
            Jitter::None => ceiling,
            Jitter::Full => scale(ceiling, draw),
            Jitter::Equal => {
                let floor = Span::from_nanos(ceiling.as_nanos() / 2);
                let rest = Span::from_nanos(ceiling.as_nanos() - floor.as_nanos());
                floor.saturating_add(scale(rest, draw))
            }
        };
        heed(hint, drawn)
    }

    /// The longest pause before retry `attempt`, server hints aside: `min(cap, base · 2^attempt)`.
    pub fn ceiling(&self, attempt: u32) -> Span {
        let factor = 1_u64.checked_shl(attempt).unwrap_or(u64::MAX);
        Span::from_nanos(self.base.as_nanos().saturating_mul(factor)).min(self.cap)
    }
}

/// Backoff that grows from the previous pause instead of the number of the attempt.
///
/// Each pause is drawn between `base` and three times the pause before it, up to `cap`. Clients that
/// failed together come apart further with every retry.
///
/// # Examples
///
/// ```
/// use outcrop_quota::{Decorrelated, Span};
///
/// let backoff = Decorrelated::new(Span::from_secs(1), Span::from_secs(20));
/// let first = backoff.delay(None, u64::MAX, None);
/// assert_eq!(first, Span::from_secs(3));
/// assert_eq!(backoff.delay(Some(first), u64::MAX, None), Span::from_secs(9));
/// assert_eq!(backoff.delay(Some(first), 0, None), Span::from_secs(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decorrelated {
    base: Span,
    cap: Span,
}

impl Decorrelated {
    /// Pauses of at least `base` and at most `cap`. If `cap` is the smaller, it is both.
    pub const fn new(base: Span, cap: Span) -> Self {
        Self { base, cap }
    }

    /// The pause after the pause `previous`, or before the first retry if there was none.
    ///
    /// `draw` and `hint` are those of [`Backoff::delay`]. A pause that the hint has lengthened is
    /// not to be told as `previous`: tell the drawn one, which is this without a hint.
    pub fn delay(&self, previous: Option<Span>, draw: u64, hint: Option<Span>) -> Span {
        let previous = previous.unwrap_or(self.base).as_nanos();
        let top = Span::from_nanos(previous.saturating_mul(3)).max(self.base);
        let above = Span::from_nanos(top.as_nanos().saturating_sub(self.base.as_nanos()));
        heed(hint, self.base.saturating_add(scale(above, draw)).min(self.cap))
    }
}

/// What part of a pause is left to chance, so that clients that failed together do not return
/// together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Jitter {
    /// All of it: from zero to the full pause.
    Full,
    /// Half of it: from half the pause to the full pause.
    Equal,
    /// Nothing: always the full pause.
    None,
}

/// Spreads `draw` evenly over `0..=top`.
fn scale(top: Span, draw: u64) -> Span {
    let product = (u128::from(top.as_nanos()) + 1) * u128::from(draw);
    Span::from_nanos(u64::try_from(product >> 64).unwrap_or(u64::MAX))
}

/// A server's hint can lengthen a pause a little and never shortens it.
fn heed(hint: Option<Span>, drawn: Span) -> Span {
    hint.map_or(drawn, |hint| hint.clamp(drawn, drawn.saturating_add(HINT_MARGIN)))
}

const HINT_MARGIN: Span = Span::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttles_pause_for_seconds() {
        let longest = [0, 1, 2, 3, 4, 5, 99].map(|n| Backoff::THROTTLED.delay(n, u64::MAX, None));
        assert_eq!(longest, [1, 2, 4, 8, 16, 20, 20].map(Span::from_secs));
    }

    #[test]
    fn other_failures_pause_for_milliseconds() {
        let longest = [0, 1, 2, 8, 9, 99].map(|n| Backoff::TRANSIENT.delay(n, u64::MAX, None));
        assert_eq!(longest, [50, 100, 200, 12_800, 20_000, 20_000].map(Span::from_millis));
    }

    #[test]
    fn half_a_draw_is_half_a_pause() {
        assert_eq!(Backoff::THROTTLED.delay(1, 0, None), Span::ZERO);
        assert_eq!(Backoff::THROTTLED.delay(1, 1 << 63, None), Span::from_secs(1));
        let equal = Backoff::new(Jitter::Equal, Span::from_secs(2), Span::MAX);
        assert_eq!(equal.delay(0, 1 << 63, None), Span::from_millis(1_500));
    }
}
