//! The facade over a scripted transport and a clock that is moved by hand.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod admission;
mod invoke;
mod stream;
mod support;
mod time_limits;
