//! The defects that quota-aware clients usually have, each shown to be absent here.

use core::num::NonZeroU64;

use outcrop_quota::{
    Accounting, Adapt, Bucket, Cause, Charge, Decision, Ledger, Limits, Policy, Rate, Requests,
    Span, Tick, TokenCounts, Tokens,
};

#[test]
fn request_is_not_spent_when_tokens_refuse() {
    let mut limits = limits(10, 1_000);
    assert!(limits.take(Tick::ZERO, tokens(1_000)).is_admitted());
    for _ in 0..100 {
        assert!(matches!(limits.take(Tick::ZERO, tokens(1)), Decision::Wait { .. }));
    }
    assert_eq!(limits.requests().unwrap().level(Tick::ZERO).available, 9);
}

#[test]
fn tokens_are_not_spent_when_requests_refuse() {
    let mut limits = limits(1, 1_000);
    assert!(limits.take(Tick::ZERO, tokens(100)).is_admitted());
    assert!(matches!(limits.take(Tick::ZERO, tokens(100)), Decision::Wait { .. }));
    assert_eq!(limits.tokens().unwrap().level(Tick::ZERO).available, 900);
}

#[test]
fn waiting_is_no_ticket_when_another_was_faster() {
    let mut limits = limits(60, 1_000);
    assert!(limits.take(Tick::ZERO, tokens(1_000)).is_admitted());
    let Decision::Wait { until } = limits.take(Tick::ZERO, tokens(500)) else {
        panic!("500 tokens of an empty bucket");
    };
    // Both callers were told the same tick; the second one has to wait again.
    assert!(limits.take(until, tokens(500)).is_admitted());
    let second = limits.take(until, tokens(500));
    assert_eq!(second, Decision::Wait { until: until.after(until.since(Tick::ZERO)) });
}

#[test]
fn timed_out_wait_admits_nothing() {
    let mut ledger = Ledger::new(limits(60, 1_000));
    assert!(ledger.reserve(Tick::ZERO, tokens(1_000)).is_admitted());
    let Decision::Wait { until } = ledger.reserve(Tick::ZERO, tokens(500)) else {
        panic!("500 tokens of an empty bucket");
    };
    // Whoever loses patience half-way has been admitted to nothing, and asking once more is no way
    // round the limit either.
    let half_way = Tick::from_nanos(until.as_nanos() / 2);
    for _ in 0..10 {
        assert_eq!(ledger.reserve(half_way, tokens(500)).map(|_| ()), Decision::Wait { until });
    }
    assert_eq!(ledger.outstanding(), 1);
}

#[test]
fn throttle_lowers_the_rate_for_a_while_only() {
    let mut adapt = Adapt::new(Tick::ZERO, Policy::default());
    for quarter in 0..100 {
        let now = Tick::ZERO.after(Span::from_secs(15 * quarter));
        let _ = adapt.throttled(now, Cause::Unknown, Some(100));
    }
    let now = Tick::ZERO.after(Span::from_secs(15 * 99));
    assert!(adapt.tokens(now) < 100_000 && adapt.requests(now) < 100_000);
    // Nothing but time has to pass: no success, no reset.
    let later = now.after(Span::from_secs(6 * 60));
    assert_eq!([adapt.tokens(later), adapt.requests(later)], [1_000_000; 2]);
}

#[test]
fn request_larger_than_the_bucket_does_not_wait_for_ever() {
    let mut limits = limits(10, 1_000);
    let mut max = Charge::MAX;
    max.tokens = Tokens::new(1_000);
    assert_eq!(limits.take(Tick::ZERO, tokens(1_001)), Decision::Never { max });
    assert!(limits.take(Tick::ZERO, tokens(1_000)).is_admitted());
    assert_eq!(limits.take(Tick::ZERO, tokens(1_001)), Decision::Never { max });
}

#[test]
fn refusals_and_settlements_do_not_lower_the_rate() {
    let mut ledger = Ledger::new(limits(600, 6_000));
    let mut now = Tick::ZERO;
    let mut used = 0;
    // Ten minutes of asking ten times a second for more than there is, and overspending.
    for _ in 0..6_000 {
        now = now.after(Span::from_millis(100));
        if let Decision::Admit(reservation) = ledger.reserve(now, tokens(3_000)) {
            ledger.settle(now, reservation, tokens(4_000));
            used += 4_000;
        }
    }
    // Everything that refilled was used, but for what was being saved up for the next request.
    assert!((60_000..=66_000).contains(&used), "{used} tokens");
    let rested = now.after(Span::MINUTE);
    assert_eq!(ledger.limits().tokens().unwrap().level(rested).available, 6_000);
}

#[test]
fn clock_that_goes_back_gives_nothing_and_takes_nothing() {
    let mut limits = limits(60, 60_000);
    let noon = Tick::ZERO.after(Span::DAY);
    let earlier = Tick::from_nanos(noon.as_nanos() - Span::MINUTE.as_nanos());
    assert!(limits.take(noon, tokens(60_000)).is_admitted());
    let next = Decision::Wait { until: noon.after(Span::SECOND) };
    assert_eq!(limits.take(noon, tokens(1_000)), next);
    assert_eq!(limits.take(earlier, tokens(1_000)), next);
    assert_eq!(limits.take(noon, tokens(1_000)), next);
    assert!(limits.take(noon.after(Span::SECOND), tokens(1_000)).is_admitted());
}

#[test]
fn estimate_follows_the_prompt_and_holds_max_tokens() {
    let rules = Accounting::on_demand(NonZeroU64::new(5).unwrap());
    let most = |input, output| {
        rules.reserve(TokenCounts {
            input: Tokens::new(input),
            output: Tokens::new(output),
            ..TokenCounts::default()
        })
    };
    assert_eq!(most(500, 1_000).tokens, Tokens::new(1_500));
    assert_eq!(most(1_000, 64_000).tokens, Tokens::new(65_000));
}

#[test]
fn settlement_replaces_the_estimate() {
    let rules = Accounting::on_demand(NonZeroU64::new(5).unwrap());
    let mut ledger = Ledger::new(limits(10, 10_000));
    let mut counts = TokenCounts { input: Tokens::new(1_000), ..TokenCounts::default() };
    counts.cache_read = Tokens::new(2_000);
    counts.output = Tokens::new(4_000);
    let Decision::Admit(reservation) = ledger.reserve(Tick::ZERO, rules.reserve(counts)) else {
        panic!("7,000 of 10,000 tokens");
    };
    assert_eq!(level(&ledger), 3_000);
    // The answer was short: cache reads are free and the rest of max_tokens comes back.
    counts.output = Tokens::new(100);
    let settled = ledger.settle(Tick::ZERO, reservation, rules.settle(counts));
    assert_eq!(settled.returned, Charge::new(Requests::ZERO, Tokens::new(5_500)));
    assert_eq!(level(&ledger), 8_500);
    assert_eq!(ledger.outstanding(), 0);
}

fn limits(rpm: u64, tpm: u64) -> Limits {
    Limits::unlimited().with_requests(minute(rpm)).with_tokens(minute(tpm))
}

/// A minute's worth may be taken at once.
fn minute(amount: u64) -> Bucket {
    let amount = NonZeroU64::new(amount).unwrap();
    Bucket::new(Rate::per_minute(amount), amount)
}

fn tokens(n: u64) -> Charge {
    Charge::request(Tokens::new(n))
}

fn level(ledger: &Ledger) -> u64 {
    ledger.limits().tokens().unwrap().level(Tick::ZERO).available
}
