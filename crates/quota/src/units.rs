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
            pub const fn new(count: u64) -> Self {
                Self(count)
            }

            /// The bare number.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The sum, at most [`Self::MAX`].
            pub const fn saturating_add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }

            /// The difference, at least zero.
            pub const fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }

            /// So many times as much, at most [`Self::MAX`].
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
    /// Taken from the limit on requests.
    pub requests: Requests,
    /// Taken from the limit on tokens.
    pub tokens: Tokens,
}

impl Charge {
    /// Nothing.
    pub const ZERO: Self = Self::new(Requests::ZERO, Tokens::ZERO);
    /// As a bound: none.
    pub const MAX: Self = Self::new(Requests::MAX, Tokens::MAX);

    /// So many requests and so many tokens.
    pub const fn new(requests: Requests, tokens: Tokens) -> Self {
        Self { requests, tokens }
    }

    /// One request with so many tokens.
    pub const fn request(tokens: Tokens) -> Self {
        Self::new(Requests::new(1), tokens)
    }

    /// The sum, each part at most its maximum.
    pub const fn saturating_add(self, other: Self) -> Self {
        Self::new(
            self.requests.saturating_add(other.requests),
            self.tokens.saturating_add(other.tokens),
        )
    }

    /// The difference, each part at least zero.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self::new(
            self.requests.saturating_sub(other.requests),
            self.tokens.saturating_sub(other.tokens),
        )
    }
}

impl Meet for Charge {
    /// Part by part: what fits under both bounds.
    fn meet(self, other: Self) -> Self {
        Self::new(self.requests.min(other.requests), self.tokens.min(other.tokens))
    }
}
