//! A limit on how many things go on at once.

use core::num::NonZeroU64;

use crate::{Decision, Tick};

/// Counts what is inside and admits up to a maximum: requests in flight, for instance.
///
/// Time does not empty a gauge: only those inside who [leave](Self::leave) do. So a full gauge
/// cannot say when to come back, and answers `Wait` until [`Tick::MAX`], which means: when someone
/// has left.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU64;
/// use outcrop_quota::{Decision, Gauge, Tick};
///
/// let mut gauge = Gauge::new(NonZeroU64::new(2).unwrap());
/// assert!(gauge.enter(2).is_admitted());
/// assert_eq!(gauge.enter(1), Decision::Wait { until: Tick::MAX });
/// gauge.leave(1);
/// assert!(gauge.enter(1).is_admitted());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gauge {
    max: NonZeroU64,
    inside: u64,
}

impl Gauge {
    /// An empty gauge that admits up to `max` at once.
    pub const fn new(max: NonZeroU64) -> Self {
        Self { max, inside: 0 }
    }

    /// The most that may be inside.
    pub const fn max(&self) -> NonZeroU64 {
        self.max
    }

    /// How many are inside. More than the maximum only after [`force`](Self::force).
    pub const fn inside(&self) -> u64 {
        self.inside
    }

    /// Lets `n` in if there is room for all of them. Anything but [`Decision::Admit`] leaves the
    /// gauge as it was.
    pub fn enter(&mut self, n: u64) -> Decision<()> {
        let decision = self.check(n);
        if decision.is_admitted() {
            self.force(n);
        }
        decision
    }

    /// What [`enter`](Self::enter) would say, without letting anyone in.
    pub const fn check(&self, n: u64) -> Decision<()> {
        let max = self.max.get();
        if n > max {
            Decision::Never { max }
        } else if n <= max.saturating_sub(self.inside) {
            Decision::Admit(())
        } else {
            Decision::Wait { until: Tick::MAX }
        }
    }

    /// Lets `n` in whether there is room or not.
    pub const fn force(&mut self, n: u64) {
        self.inside = self.inside.saturating_add(n);
    }

    /// Lets `n` out, or all that are inside if they are fewer.
    pub const fn leave(&mut self, n: u64) {
        self.inside = self.inside.saturating_sub(n);
    }
}
