//! Time as numbers: a point on a monotonic clock, and a length of time.

use core::time::Duration;

/// A point in time: nanoseconds since an epoch that the caller chooses, usually the start of the
/// program.
///
/// It must come from a monotonic clock. Should the clock go back all the same, nothing breaks: the
/// types of this crate then use the latest tick that they have seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(u64);

impl Tick {
    /// The epoch.
    pub const ZERO: Self = Self(0);
    /// The end of time, some 584 years after the epoch.
    pub const MAX: Self = Self(u64::MAX);

    /// The tick that lies `nanos` nanoseconds after the epoch.
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the epoch.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The tick `span` later, at most [`Tick::MAX`].
    #[inline]
    pub const fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The time from `earlier` to here; nothing if `earlier` is in fact later.
    #[inline]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// A length of time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// One second.
    pub const SECOND: Self = Self::from_secs(1);
    /// One minute.
    pub const MINUTE: Self = Self::from_secs(60);
    /// One day of 24 hours.
    pub const DAY: Self = Self::from_secs(24 * 60 * 60);
    /// The longest span, some 584 years.
    pub const MAX: Self = Self(u64::MAX);

    /// A span of so many nanoseconds.
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// A span of so many milliseconds, at most [`Span::MAX`].
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(NANOS_PER_MILLI))
    }

    /// A span of so many seconds, at most [`Span::MAX`].
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(NANOS_PER_SEC))
    }

    /// The same length as a `Duration`, at most [`Span::MAX`].
    pub fn from_duration(duration: Duration) -> Self {
        Self(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
    }

    /// The length in nanoseconds.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Both spans one after the other, at most [`Span::MAX`].
    #[inline]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        Self::from_nanos(span.0)
    }
}

const NANOS_PER_MILLI: u64 = 1_000_000;
const NANOS_PER_SEC: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stops_at_its_ends() {
        let tick = Tick::from_nanos(5);
        assert_eq!(tick.after(Span::MAX), Tick::MAX);
        assert_eq!(tick.since(tick.after(Span::SECOND)), Span::ZERO);
        assert_eq!(tick.after(Span::SECOND).since(tick), Span::SECOND);
        assert_eq!(Span::from_secs(u64::MAX), Span::MAX);
        assert_eq!(Span::from_duration(Duration::MAX), Span::MAX);
        assert_eq!(Span::from_duration(Duration::from(Span::DAY)), Span::DAY);
    }
}
