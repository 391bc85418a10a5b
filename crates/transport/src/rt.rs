//! Time and chance, as things that are handed in.
//!
//! Everything above the seam that waits, measures or draws does it through these three traits, so
//! that a test moves the clock by hand and a run can be repeated.

#[cfg(feature = "tokio")]
pub mod system;

use std::fmt::Debug;
use std::time::Duration;

use futures_util::future::BoxFuture;

/// A point on a clock that never goes back, in nanoseconds since an origin of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// The point that lies this many nanoseconds after the origin.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the origin.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// How long it is from `earlier` to here; nothing, if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// The point `span` later, or the last one there is.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)))
    }
}

/// Tells the time.
pub trait Clock: Debug + Send + Sync {
    /// The present, on a clock that never goes back.
    fn now(&self) -> Moment;

    /// The present as seconds and nanoseconds since 1970-01-01T00:00:00Z, for people and file names;
    /// it may jump.
    fn wall(&self) -> Duration;
}

/// Waits.
pub trait Timer: Debug + Send + Sync {
    /// Ends when the [`Clock`] that belongs to this timer has reached `until`; at once, if it has.
    fn sleep_until(&self, until: Moment) -> BoxFuture<'static, ()>;
}

/// Draws numbers.
pub trait Entropy: Debug + Send + Sync {
    /// A number drawn evenly from all of `u64`.
    fn draw(&self) -> u64;
}
