//! Reserve over three joined buckets, and settle: without a clock, a lock or a queue.

use std::hint::black_box;
use std::num::NonZeroU64;

use quota::{Bucket, Charge, Decision, Ledger, Limits, Rate, Span, Tick, Tokens};

use crate::governed::Governed;
use crate::pair;

/// Requests and tokens by the minute and tokens by the day; a call holds 5,000 tokens and uses 1,800.
pub(crate) fn measure() {
    let many = |n| NonZeroU64::new(n).unwrap();
    let bucket = |rate: Rate| Bucket::new(rate, rate.amount());
    let mut ledger = Ledger::new(
        Limits::unlimited()
            .with_requests(bucket(Rate::per_minute(many(6_000_000))))
            .with_tokens(bucket(Rate::per_minute(many(20_000_000_000))))
            .with_daily_tokens(bucket(Rate::per_day(many(20_000_000_000_000)))),
    );
    let mut now = Tick::ZERO;
    let ours = || {
        // Some ten thousand calls a second, as the quota allows.
        now = now.after(Span::from_nanos(100_000));
        let held = Charge::request(Tokens::new(black_box(5_000)));
        let Decision::Admit(reservation) = ledger.reserve(now, held) else { unreachable!() };
        let used = Charge::request(Tokens::new(black_box(1_800)));
        black_box(ledger.settle(now, reservation, used));
    };
    let governed = Governed::new();
    pair::run("reserve-and-settle", 0.5, ours, || governed.check());
}
