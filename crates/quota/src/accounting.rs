//! What a call is charged: before it, by its worst case; after it, by its usage.

use core::num::NonZeroU64;

use crate::{Charge, Requests, Tokens};

/// The charge rules of one way of calling a model.
///
/// The rules are data: [`formula`](Self::formula) shows them, and the day on which they were last
/// compared with what AWS publishes.
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
    /// output times the burndown rate, with cache reads free.
    OnDemand {
        /// Quota tokens per output token, a property of the model.
        burndown: NonZeroU64,
    },
    /// Provisioned throughput that is counted by tokens: cache writes cost a quarter more than
    /// input and cache reads a tenth of it; there is no burndown.
    ///
    /// What is held at the start is not published: this holds the most that can be charged.
    Provisioned,
    /// The `bedrock-mantle` endpoint, which counts input and output tokens apart: the call holds
    /// its input and its `max_tokens` in the limit on input; output counts as it is generated.
    ///
    /// None of these crates calls that endpoint. The library applies these rules to quotas that
    /// state input and output apart, for a transport of your own.
    Mantle,
}

impl Accounting {
    /// The burndown rate to assume where a model's own is unknown: the largest that is known, so
    /// that a call is rather charged too much here than too little.
    pub const UNKNOWN_BURNDOWN: NonZeroU64 = NonZeroU64::new(15).unwrap();

    /// The rules of on-demand inference for a model with this burndown rate.
    pub const fn on_demand(burndown: NonZeroU64) -> Self {
        Self::OnDemand { burndown }
    }

    /// Quota tokens per output token once a call ends: the burndown rate, or 1 where there is none.
    pub const fn burndown(self) -> NonZeroU64 {
        match self {
            Self::OnDemand { burndown } => burndown,
            Self::Provisioned | Self::Mantle => NonZeroU64::MIN,
        }
    }

    /// What to reserve for a call; its output is the `max_tokens` of the call or, where the call
    /// sets none, the largest output of the model: see [`TokenCounts::with_most_output`].
    ///
    /// On demand that is `input + cache_read + cache_write + output`. AWS does not state as a rule that
    /// the burndown rate has no part in it: it was observed in the examples of its samples, as of
    /// 2026-09-21, and others hold the rate times the output. So a long answer can cost more than was
    /// reserved.
    #[inline]
    pub fn reserve(self, most: TokenCounts) -> Charge {
        self.formula().reserve.charge(most)
    }

    /// What to hold for a call once so much of its output has arrived, for
    /// [`Ledger::adjust`](crate::Ledger::adjust): what was reserved, or more if the output so far
    /// already costs more.
    ///
    /// `most` is what the reservation was made from. It starts at [`reserve`](Self::reserve), never
    /// falls, and is at least what the call settles if it ends here.
    pub fn hold(self, most: TokenCounts, output: Tokens) -> Charge {
        let formula = self.formula();
        let reserved = formula.reserve.charge(most);
        reserved.max(formula.settle.charge(TokenCounts { output, ..most }))
    }

    /// What a call has cost by the usage that the service reported.
    ///
    /// On demand that is `input + cache_write + burndown × output`.
    #[inline]
    pub fn settle(self, used: TokenCounts) -> Charge {
        self.formula().settle.charge(used)
    }

    /// The rules written out.
    #[inline]
    pub const fn formula(self) -> Formula {
        match self {
            Self::OnDemand { burndown } => Formula {
                checked: "2026-09-21",
                reserve: Parts { tokens: Weights::EVERY, ..Parts::NONE },
                settle: Parts {
                    tokens: Weights {
                        cache_read: 0,
                        output: ONE * burndown.get() as u128,
                        ..Weights::EVERY
                    },
                    ..Parts::NONE
                },
            },
            Self::Provisioned => Formula {
                checked: "2026-03-12",
                reserve: Parts { tokens: PROVISIONED, ..Parts::NONE },
                settle: Parts { tokens: PROVISIONED, ..Parts::NONE },
            },
            Self::Mantle => Formula {
                checked: "2026-11-21",
                reserve: Parts {
                    input: Weights { cache_read: 0, ..Weights::EVERY },
                    ..Parts::NONE
                },
                settle: Parts {
                    input: Weights { cache_read: 0, output: 0, ..Weights::EVERY },
                    output: Weights { output: ONE, ..Weights::NONE },
                    ..Parts::NONE
                },
            },
        }
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

impl TokenCounts {
    /// The most output that a model of unknown size is taken to give: the most that is known of
    /// any.
    pub const UNKNOWN_OUTPUT: Tokens = Tokens::new(131_072);

    /// These counts with the output that the service holds back for: `max_tokens` where the call
    /// sets it, else the largest output of the model, else [`UNKNOWN_OUTPUT`](Self::UNKNOWN_OUTPUT).
    #[must_use]
    pub fn with_most_output(self, max_tokens: Option<Tokens>, model: Option<Tokens>) -> Self {
        Self { output: max_tokens.or(model).unwrap_or(Self::UNKNOWN_OUTPUT), ..self }
    }
}

/// The rules of an [`Accounting`], written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Formula {
    /// The day on which the rules were last compared with what AWS publishes: year-month-day.
    pub checked: &'static str,
    /// What is reserved for the most that a call may use.
    pub reserve: Parts,
    /// What is settled for what it has used.
    pub settle: Parts,
}

/// What counts in which limit. Every call counts as one request besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Parts {
    /// In the limits on tokens.
    pub tokens: Weights,
    /// In the limit on input tokens.
    pub input: Weights,
    /// In the limit on output tokens.
    pub output: Weights,
}

impl Parts {
    const NONE: Self = Self { tokens: Weights::NONE, input: Weights::NONE, output: Weights::NONE };

    #[inline]
    fn charge(self, counts: TokenCounts) -> Charge {
        Charge::new(Requests::new(1), self.tokens.of(counts))
            .with_parts(self.input.of(counts), self.output.of(counts))
    }
}

/// How much one token of each counter costs, in [`ONE`ths](Self::ONE) of a quota token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Weights {
    /// Of [`TokenCounts::input`].
    pub input: u128,
    /// Of [`TokenCounts::cache_read`].
    pub cache_read: u128,
    /// Of [`TokenCounts::cache_write`].
    pub cache_write: u128,
    /// Of [`TokenCounts::output`].
    pub output: u128,
}

impl Weights {
    /// The weight of a token that costs one quota token. The finest published weights are tenths
    /// and quarters, hence twentieths.
    pub const ONE: u128 = 20;

    const NONE: Self = Self { input: 0, cache_read: 0, cache_write: 0, output: 0 };
    const EVERY: Self = Self { input: ONE, cache_read: ONE, cache_write: ONE, output: ONE };

    /// The weighted sum in quota tokens, rounded up, at most [`Tokens::MAX`].
    #[inline]
    fn of(self, counts: TokenCounts) -> Tokens {
        let sum = [
            (self.input, counts.input),
            (self.cache_read, counts.cache_read),
            (self.cache_write, counts.cache_write),
            (self.output, counts.output),
        ]
        .into_iter()
        .map(|(weight, count)| weight.saturating_mul(count.get().into()))
        .fold(0, u128::saturating_add);
        match u64::try_from(sum) {
            // Divided in one word, which is faster, where it fits.
            Ok(sum) => Tokens::new(sum.div_ceil(Self::ONE as u64)),
            Err(_) => Tokens::new(u64::try_from(sum.div_ceil(ONE)).unwrap_or(u64::MAX)),
        }
    }
}

const ONE: u128 = Weights::ONE;
const PROVISIONED: Weights =
    Weights { cache_read: ONE / 10, cache_write: ONE / 4 * 5, ..Weights::EVERY };
