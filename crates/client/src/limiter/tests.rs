//! The limiter on a clock that is moved by hand: who is woken, when, and what is charged.

mod support;

mod account;
mod defects;
mod fair;
#[cfg(feature = "interleavings")]
mod interleavings;
mod laws;
mod model;
mod wakes;

use std::time::Duration;

use codec::ThrottleCause;

use transport::testing::ManualClock;

use self::support::{Bench, tokens};
use super::*;
use crate::ErrorKind;
use crate::{Quotas, ServerModel};

#[test]
fn a_settlement_wakes_the_one_who_waits() {
    let bench = Bench::with_burst(1_000, 100);
    let held = bench.now(tokens(100)).unwrap();
    let mut waiting = bench.start(tokens(100), Admission::Wait);
    assert!(waiting.poll().is_none());
    assert_eq!(waiting.wakes(), 0);
    held.refund();
    assert_eq!(waiting.wakes(), 1);
    waiting.poll().unwrap().unwrap();
}

#[test]
fn a_call_that_is_dropped_gives_everything_back_only_if_it_was_not_sent() {
    let bench = Bench::with_burst(1_000, 100);
    for (sent, expected) in [(false, 100), (true, 60)] {
        let mut held = bench.now(tokens(40)).unwrap();
        if sent {
            held.sent();
        }
        assert_eq!(bench.limiter.snapshot().tokens_left, Some(60));
        drop(held);
        assert_eq!(bench.limiter.snapshot().tokens_left, Some(expected));
    }
}

#[test]
fn a_full_gauge_lets_the_next_one_in_when_one_leaves() {
    let bench = Bench::new(&Quotas::default().with_concurrent(1.try_into().unwrap()));
    let first = bench.now(tokens(5)).unwrap();
    let mut second = bench.start(tokens(5), Admission::Wait);
    assert!(second.poll().is_none());
    assert_eq!(bench.clock.next_wake_up(), None, "no time brings it in");
    assert_eq!(bench.limiter.snapshot().next_admission, None);
    first.settle(tokens(1));
    assert_eq!(second.wakes(), 1);
    second.poll().unwrap().unwrap();
}

#[test]
fn a_call_given_up_after_it_was_sent_leaves_the_gauge_after_a_minute() {
    let bench = Bench::new(&Quotas::default().with_concurrent(1.try_into().unwrap()));
    let mut first = bench.now(tokens(5)).unwrap();
    first.sent();
    drop(first);
    bench.clock.run(bench.limiter.acquire(tokens(5), Admission::Wait, None)).unwrap().unwrap();
    assert_eq!(bench.elapsed(), Duration::from_secs(60));
}

#[test]
fn calls_are_spaced_evenly_where_the_server_model_is_unknown() {
    let bench = Bench::paced(60, 1_000_000);
    bench.clock.advance(Duration::from_secs(600));
    let start = bench.elapsed();
    for _ in 0..60 {
        let acquire = bench.limiter.acquire(tokens(1), Admission::Wait, None);
        bench.clock.run(acquire).unwrap().unwrap().settle(tokens(1));
    }
    // However long it was idle, sixty calls at 98.5 % of sixty a minute have 59.9 s between them.
    let took = bench.elapsed() - start;
    assert!((59.8..60.0).contains(&took.as_secs_f64()), "{took:?}");
}

#[test]
fn the_first_minute_uses_no_more_than_the_quota() {
    let bench = Bench::paced(100_000, 60_000);
    let mut used = 0;
    loop {
        let acquire = bench.limiter.acquire(tokens(500), Admission::Wait, None);
        let held = bench.clock.run(acquire).unwrap().unwrap();
        if bench.elapsed() >= Duration::from_secs(60) {
            break;
        }
        held.settle(tokens(500));
        used += 500;
    }
    assert!((50_000..=60_000).contains(&used), "{used}");
}

#[test]
fn a_minute_of_the_clock_brings_all_of_it_back() {
    let quotas = Quotas::default().with_tokens_per_minute(1_000.try_into().unwrap());
    for (server, waits) in [(ServerModel::ClockMinute, 20_000), (ServerModel::Sliding, 60_100)] {
        // It is twenty seconds before the full minute by the wall clock.
        let clock = ManualClock::at(Duration::from_secs(1_700_000_040 - 20));
        let bench = Bench::at(clock, &quotas.clone().with_server(server));
        for (n, at) in [(600, 0), (400, 0), (1_000, waits)] {
            let acquire = bench.limiter.acquire(tokens(n), Admission::Wait, None);
            bench.clock.run(acquire).unwrap().unwrap().settle(tokens(n));
            assert_eq!(bench.elapsed(), Duration::from_millis(at), "{server:?}");
        }
        assert_eq!(bench.now(tokens(1_001)).err().unwrap().kind(), ErrorKind::TooLarge);
    }
}

#[test]
fn an_exact_share_is_used_where_one_is_stated() {
    let sixty = 60.try_into().unwrap();
    let quotas = Quotas::default().with_requests_per_minute(sixty).with_quota_use(500_000);
    let bench = Bench::new(&quotas);
    for _ in 0..11 {
        let acquire = bench.limiter.acquire(tokens(1), Admission::Wait, None);
        bench.clock.run(acquire).unwrap().unwrap().settle(tokens(1));
    }
    assert_eq!(bench.elapsed(), Duration::from_secs(20));
}

#[test]
fn refunds_let_the_next_calls_go_as_though_they_had_asked_for_less() {
    let bench = Bench::paced(100_000, 60_000);
    // Holds of 4,000 that end at 500 after two seconds: the pace is that of 500.
    let mut open = std::collections::VecDeque::new();
    let mut done = 0_u32;
    while bench.elapsed() < Duration::from_secs(300) {
        let acquire = bench.limiter.acquire(tokens(1_000), Admission::Wait, None);
        open.push_back((bench.elapsed(), bench.clock.run(acquire).unwrap().unwrap()));
        while let Some((at, _)) = open.front()
            && bench.elapsed() >= *at + Duration::from_secs(2)
        {
            open.pop_front().unwrap().1.settle(tokens(500));
            done += 1;
        }
    }
    // 300,000 tokens are there in five minutes, less what is kept at the start.
    let used = f64::from(done) * 500.0 / 300_000.0;
    assert!((0.9..=1.0).contains(&used), "{used}");
}

#[test]
fn who_cannot_be_in_time_is_refused_at_once_even_behind_others() {
    let bench = Bench::with_burst(1_000, 60);
    bench.now(tokens(60)).unwrap().settle(tokens(60));
    let mut first = bench.start(tokens(30), Admission::Wait);
    assert!(first.poll().is_none());
    // One token a second: the first goes after 30 s, the next one 20 s later.
    for (span, is_refused) in [(49, true), (50, false)] {
        let mut next = bench.start(tokens(20), Admission::Within(Duration::from_secs(span)));
        let end = next.poll();
        assert_eq!(end.is_some(), is_refused);
        if let Some(Err(error)) = end {
            assert_eq!(error.kind(), ErrorKind::NotAdmitted);
            assert!(error.to_string().contains("50.000 s"), "{error}");
        }
    }
}

#[test]
fn who_may_yet_be_in_time_waits_for_what_is_in_flight() {
    let bench = Bench::with_burst(1_000, 60);
    let held = bench.now(tokens(60)).unwrap();
    let mut next = bench.start(tokens(60), Admission::Within(Duration::from_secs(5)));
    assert!(next.poll().is_none());
    held.settle(tokens(0));
    next.poll().unwrap().unwrap().refund();

    let _stays = bench.now(tokens(60)).unwrap();
    let acquire =
        bench.limiter.acquire(tokens(60), Admission::Within(Duration::from_secs(5)), None);
    let error = bench.clock.run(acquire).unwrap().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotAdmitted);
    assert_eq!(bench.elapsed(), Duration::from_secs(5));
}

#[test]
fn a_throttle_that_is_not_ours_is_named_and_lowers_its_own_rate() {
    let bench = Bench::paced(1_000, 100_000);
    let held = bench.now(tokens(41_000)).unwrap();
    held.settle(tokens(41_000));
    bench.clock.advance(Duration::from_secs(40));
    let verdict = bench.now(tokens(100)).unwrap().throttled(ThrottleCause::Tokens).unwrap();
    assert_eq!(verdict.to_string(), "41 % used: not your quota, or someone else on the account");
    let snapshot = bench.limiter.snapshot();
    assert_eq!(snapshot.throttles.tokens, 1);
    assert!(snapshot.token_rate < 650_000 && snapshot.request_rate >= 850_000, "{snapshot:?}");
    // Time alone brings it back.
    bench.clock.advance(Duration::from_secs(600));
    assert_eq!(bench.limiter.snapshot().token_rate, 985_000);
}

#[test]
fn a_daily_throttle_closes_for_who_cannot_wait_so_long() {
    let bench = Bench::paced(1_000, 100_000);
    bench.now(tokens(1)).unwrap().throttled(ThrottleCause::TokensPerDay).unwrap();
    let error = bench.now(tokens(1)).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotAdmitted);
    assert!(error.to_string().contains("3600.000 s"), "{error}");
}

#[test]
fn the_server_model_and_the_day_are_limits_of_their_own() {
    let [rpm, day] = [60, 100].map(|n: u64| n.try_into().unwrap());
    // Three requests, of which one is left for ways of different length.
    let burst = ServerModel::Bucket { burst: Duration::from_secs(3) };
    let quotas =
        Quotas::default().with_requests_per_minute(rpm).with_tokens_per_day(day).with_server(burst);
    let bench = Bench::new(&quotas);
    for n in [60, 1] {
        bench.now(tokens(n)).unwrap().settle(tokens(n));
    }
    assert_eq!(bench.now(tokens(1)).err().unwrap().kind(), ErrorKind::NotAdmitted);
    bench.clock.advance(Duration::from_secs(60));
    assert_eq!(bench.now(tokens(90)).err().unwrap().kind(), ErrorKind::NotAdmitted);
    assert_eq!(bench.now(tokens(101)).err().unwrap().kind(), ErrorKind::TooLarge);
}
