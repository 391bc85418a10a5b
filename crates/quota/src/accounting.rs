//! What a call is charged: before it, by its worst case; after it, by its usage.

use core::num::NonZeroU64;

use crate::{Charge, Tokens};

/// The charge rules of one way of calling a model.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU64;
/// use outcrop_quota::{Accounting, TokenCounts, Tokens};
///
/// let rules = Accounting::on_demand(NonZeroU64::new(5).unwrap());
/// let mut counts = TokenCounts::default();
/// counts.input = Tokens::new(1_000);
/// counts.cache_write = Tokens::new(200);
/// counts.output = Tokens::new(100);
/// assert_eq!(rules.settle(counts).tokens, Tokens::new(1_700));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Accounting {
    /// On-demand inference: the call holds its input and its `max_tokens`, and is then charged its
    /// output times the burn-down rate, with cache reads free.
    OnDemand {
        /// Quota tokens per output token, a property of the model.
        burn_down: NonZeroU64,
    },
}

impl Accounting {
    /// The rules of on-demand inference for a model with this burn-down rate.
    pub const fn on_demand(burn_down: NonZeroU64) -> Self {
        Self::OnDemand { burn_down }
    }

    /// What to reserve for a call; its output is the `max_tokens` of the call or, where the call
    /// sets none, the largest output of the model.
    ///
    /// `input + cache_read + cache_write + output`. The burn-down rate has no part in it, so that a
    /// long answer can cost more than was reserved.
    pub fn reserve(self, most: TokenCounts) -> Charge {
        let tokens = match self {
            Self::OnDemand { .. } => most
                .input
                .saturating_add(most.cache_read)
                .saturating_add(most.cache_write)
                .saturating_add(most.output),
        };
        Charge::request(tokens)
    }

    /// What a call has cost by the usage that the service reported.
    ///
    /// `input + cache_write + burn_down × output`.
    pub fn settle(self, used: TokenCounts) -> Charge {
        let tokens = match self {
            Self::OnDemand { burn_down } => used
                .input
                .saturating_add(used.cache_write)
                .saturating_add(used.output.saturating_mul(burn_down.get())),
        };
        Charge::request(tokens)
    }
}

/// The four counters of a call's usage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "usage has these four counters")]
pub struct TokenCounts {
    /// Input tokens outside the cache.
    pub input: Tokens,
    /// Input tokens read from the cache.
    pub cache_read: Tokens,
    /// Input tokens written to the cache.
    pub cache_write: Tokens,
    /// Output tokens; before the call, the most that may come.
    pub output: Tokens,
}
