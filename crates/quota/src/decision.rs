//! The answer of a limit, as a value, and how the answers of several limits become one.

use crate::Tick;

/// What a limit says to a request to take something from it.
///
/// `M` is how the limit states the most that it could ever admit: a bare number for one
/// [`Bucket`](crate::Bucket), a [`Charge`](crate::Charge) for [`Limits`](crate::Limits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a decision changes nothing unless it is obeyed"]
#[expect(clippy::exhaustive_enums, reason = "yes, later, never: there is no fourth answer")]
pub enum Decision<T, M = u64> {
    /// Yes: it has been taken.
    Admit(T),
    /// Not yet, and nothing was taken. If nobody else takes anything, the same request is admitted
    /// at this tick and not before.
    ///
    /// [`Tick::MAX`] means that no tick is known: it is a [`Gauge`](crate::Gauge) that is full, and
    /// the request may be admitted as soon as somebody leaves.
    Wait {
        /// The first tick at which to ask again.
        until: Tick,
    },
    /// Waiting does not help: the request is larger than the limit can hold. Nothing was taken.
    Never {
        /// The most that could be admitted at once.
        max: M,
    },
}

impl<T, M> Decision<T, M> {
    /// Whether the request was admitted.
    pub const fn is_admitted(&self) -> bool {
        matches!(self, Self::Admit(_))
    }

    /// The same decision, with something else to hand out on admission.
    #[inline]
    pub fn map<U>(self, admit: impl FnOnce(T) -> U) -> Decision<U, M> {
        match self {
            Self::Admit(value) => Decision::Admit(admit(value)),
            Self::Wait { until } => Decision::Wait { until },
            Self::Never { max } => Decision::Never { max },
        }
    }

    /// The same decision, with the bound stated in other terms.
    #[inline]
    pub fn map_max<N>(self, bound: impl FnOnce(M) -> N) -> Decision<T, N> {
        match self {
            Self::Admit(value) => Decision::Admit(value),
            Self::Wait { until } => Decision::Wait { until },
            Self::Never { max } => Decision::Never { max: bound(max) },
        }
    }
}

impl<M: Meet> Decision<(), M> {
    /// The decision of two limits together: both must admit, the later wait wins, and `Never` wins
    /// over everything. The order and the grouping of joins do not matter, nor do repetitions.
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never { max: a }, Self::Never { max: b }) => Self::Never { max: a.meet(b) },
            (never @ Self::Never { .. }, _) | (_, never @ Self::Never { .. }) => never,
            (Self::Wait { until: a }, Self::Wait { until: b }) => Self::Wait { until: a.max(b) },
            (wait @ Self::Wait { .. }, _) | (_, wait @ Self::Wait { .. }) => wait,
            (Self::Admit(()), Self::Admit(())) => Self::Admit(()),
        }
    }
}

impl<M> Decision<(), M> {
    /// The decision where either of two is enough: the earlier wins.
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Admit(()), _) | (_, Self::Admit(())) => Self::Admit(()),
            (Self::Wait { until: a }, Self::Wait { until: b }) => Self::Wait { until: a.min(b) },
            (wait @ Self::Wait { .. }, _) | (_, wait) => wait,
        }
    }
}

/// Bounds that can be combined: the meet of two is the largest that fits under both.
///
/// Implementations must be commutative, associative and idempotent.
pub trait Meet {
    /// The largest bound that is within `self` and within `other`.
    #[must_use]
    fn meet(self, other: Self) -> Self;
}

impl Meet for u64 {
    fn meet(self, other: Self) -> Self {
        self.min(other)
    }
}
