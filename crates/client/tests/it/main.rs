//! The facade over a scripted transport and a clock that is moved by hand.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod admission;
mod applied;
mod batch;
mod invoke;
mod map;
#[cfg(feature = "aws")]
mod scenarios;
mod shared_quotas;
mod stream;
mod support;
mod time_limits;
