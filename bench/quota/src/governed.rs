//! The reference of the limiters: two checks of `governor` in sequence, of requests and of tokens.

use std::hint::black_box;
use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

pub(crate) struct Governed {
    requests: DefaultDirectRateLimiter,
    tokens: DefaultDirectRateLimiter,
    five: NonZeroU32,
}

impl Governed {
    pub(crate) fn new() -> Self {
        let number = |n| NonZeroU32::new(n).unwrap();
        let limiter = |n| RateLimiter::direct(Quota::per_second(number(n)));
        Self { requests: limiter(1_000_000_000), tokens: limiter(4_000_000_000), five: number(5) }
    }

    pub(crate) fn check(&self) {
        assert!(black_box(self.requests.check()).is_ok());
        assert!(matches!(black_box(self.tokens.check_n(self.five)), Ok(Ok(()))));
    }
}
