//! What quotas count: tokens, requests, and both together.

use core::fmt;

use crate::decision::Meet;

macro_rules! count {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// None.
            pub const ZERO: Self = Self(0);
            /// The largest number that can be counted; where a bound is meant, no bound.
            pub const MAX: Self = Self(u64::MAX);

            /// So many.
            #[inline]
            pub const fn new(count: u64) -> Self {
                Self(count)
            }

            /// The bare number.
            #[inline]
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The sum, at most [`Self::MAX`].
            #[inline]
            pub const fn saturating_add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }

            /// The difference, at least zero.
            #[inline]
            pub const fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }

            /// So many times as much, at most [`Self::MAX`].
            #[inline]
            pub const fn saturating_mul(self, times: u64) -> Self {
                Self(self.0.saturating_mul(times))
            }
        }

        impl From<u64> for $name {
            fn from(count: u64) -> Self {
                Self(count)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

count! {
    /// A number of tokens.
    Tokens
}

count! {
    /// A number of requests.
    Requests
}

/// What one call takes from every limit at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Charge {
    /// Taken from the limits on requests.
    pub requests: Requests,
    /// Taken from the limits on tokens.
    pub tokens: Tokens,
    /// Taken from the limit on input tokens, where the service counts them apart.
    pub input: Tokens,
    /// Taken from the limit on output tokens, where the service counts them apart.
    pub output: Tokens,
}

impl Charge {
    /// Nothing.
    pub const ZERO: Self = Self::new(Requests::ZERO, Tokens::ZERO);
    /// As a bound: none.
    pub const MAX: Self = Self {
        requests: Requests::MAX,
        tokens: Tokens::MAX,
        input: Tokens::MAX,
        output: Tokens::MAX,
    };

    /// So many requests and so many tokens, which are not counted apart.
    #[inline]
    pub const fn new(requests: Requests, tokens: Tokens) -> Self {
        Self { requests, tokens, input: Tokens::ZERO, output: Tokens::ZERO }
    }

    /// One request with so many tokens.
    #[inline]
    pub const fn request(tokens: Tokens) -> Self {
        Self::new(Requests::new(1), tokens)
    }

    /// The same charge with so many tokens counted apart.
    #[inline]
    #[must_use]
    pub const fn with_parts(self, input: Tokens, output: Tokens) -> Self {
        Self { input, output, ..self }
    }

    /// The sum, each part at most its maximum.
    #[inline]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            tokens: self.tokens.saturating_add(other.tokens),
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
        }
    }

    /// The difference, each part at least zero.
    #[inline]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(other.requests),
            tokens: self.tokens.saturating_sub(other.tokens),
            input: self.input.saturating_sub(other.input),
            output: self.output.saturating_sub(other.output),
        }
    }

    /// Part by part, the larger.
    #[inline]
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            requests: self.requests.max(other.requests),
            tokens: self.tokens.max(other.tokens),
            input: self.input.max(other.input),
            output: self.output.max(other.output),
        }
    }
}

impl Meet for Charge {
    /// Part by part: what fits under both bounds.
    fn meet(self, other: Self) -> Self {
        Self {
            requests: self.requests.min(other.requests),
            tokens: self.tokens.min(other.tokens),
            input: self.input.min(other.input),
            output: self.output.min(other.output),
        }
    }
}
