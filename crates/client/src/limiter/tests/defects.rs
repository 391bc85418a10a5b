//! The defects that limiters usually have, each shown to be absent here.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use codec::ThrottleCause;
use futures_util::future::{self, BoxFuture, FutureExt};

use super::super::*;
use super::support::{Bench, tokens};
use crate::{ErrorKind, Quotas, ServerModel};

#[test]
fn the_request_is_not_spent_when_tokens_refuse() {
    let bench = Bench::with_burst(10, 100);
    let _held = bench.now(tokens(100)).unwrap();
    for _ in 0..50 {
        assert!(bench.now(tokens(1)).is_err());
    }
    assert_eq!(bench.limiter.snapshot().requests_left, Some(9));
}

#[test]
fn a_timed_out_wait_is_an_error_and_charges_nothing() {
    let bench = Bench::with_burst(10, 100);
    let _held = bench.now(tokens(100)).unwrap();
    let wait = Admission::Within(Duration::from_secs(3));
    let end = bench.clock.run(bench.limiter.acquire(tokens(50), wait, None)).unwrap();
    assert_eq!(end.err().unwrap().kind(), ErrorKind::NotAdmitted);
    let snapshot = bench.limiter.snapshot();
    assert_eq!((snapshot.in_flight, snapshot.held), (1, 100));
}

#[test]
fn who_lost_the_race_waits_on() {
    let bench = Bench::with_burst(1_000, 60);
    let mut held = bench.now(tokens(60)).unwrap();
    held.sent();
    let mut pair = [1, 2].map(|_| bench.start(tokens(30), Admission::Wait));
    for one in &mut pair {
        assert!(one.poll().is_none());
    }
    bench.clock.advance(Duration::from_secs(30));
    let [first, second] = &mut pair;
    let _first = first.poll().unwrap().unwrap();
    assert!(second.poll().is_none());
    assert_eq!(bench.limiter.snapshot().tokens_left, Some(0));
}

#[test]
fn a_call_larger_than_the_bucket_does_not_wait_for_ever() {
    for bench in [Bench::with_burst(10, 100), Bench::paced(10, 100)] {
        let end = bench.clock.run(bench.limiter.acquire(tokens(101), Admission::Wait, None));
        assert_eq!(end.unwrap().err().unwrap().kind(), ErrorKind::TooLarge);
    }
}

#[test]
fn a_call_larger_than_the_bucket_does_not_join_the_queue() {
    for bench in [Bench::with_burst(10, 100), Bench::paced(10, 100)] {
        let _held = bench.now(tokens(100)).unwrap();
        let mut first = bench.start(tokens(100), Admission::Wait);
        assert!(first.poll().is_none());
        for patience in [Admission::Wait, Admission::FailFast] {
            let error = bench.start(tokens(101), patience).poll().unwrap().err().unwrap();
            assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
        }
        assert_eq!(bench.limiter.snapshot().waiting, 1);
    }
}

#[test]
fn the_part_that_is_too_large_is_named() {
    let few = |n: u64| n.try_into().unwrap();
    let quotas = Quotas::default()
        .with_input_tokens_per_minute(few(1_000))
        .with_output_tokens_per_minute(few(50));
    let message = |quotas: &Quotas, input: u64, output: u64| {
        let charge = tokens(2_000).with_parts(Tokens::new(input), Tokens::new(output));
        Bench::new(quotas).now(charge).err().unwrap().to_string()
    };
    let input = "reserves 1001 input tokens, and the quota never holds more than 1000";
    let output = "reserves 51 output tokens, and the quota never holds more than 50";
    assert!(message(&quotas, 1_001, 9).ends_with(&format!("the call {input}")));
    assert!(message(&quotas, 1_000, 51).ends_with(&format!("the call {output}")));
    let every = quotas.with_tokens_per_minute(few(1_999));
    let tokens = "reserves 2000 tokens, and the quota never holds more than 1999";
    let said = message(&every, 1_001, 51);
    assert!(said.ends_with(&format!("the call {tokens}; it {input}; it {output}")), "{said}");
}

#[test]
fn throttles_lower_the_rate_for_a_while_only() {
    let bench = Bench::paced(6_000, 600_000);
    for _ in 0..100 {
        let held = bench.clock.run(bench.limiter.acquire(tokens(1), Admission::Wait, None));
        held.unwrap().unwrap().throttled(ThrottleCause::Requests).unwrap();
        bench.clock.advance(Duration::from_secs(2));
    }
    assert!(bench.limiter.snapshot().request_rate < 300_000);
    // Nothing but time has to pass: no success, no reset.
    bench.clock.advance(Duration::from_secs(360));
    assert_eq!(bench.limiter.snapshot().request_rate, 985_000);
}

#[test]
fn a_wall_clock_that_jumps_moves_no_wait() {
    for server in [ServerModel::Unknown, ServerModel::Sliding, ServerModel::ClockMinute] {
        let quotas = Quotas::default().with_tokens_per_minute(NonZeroU64::MIN).with_server(server);
        let clock = Arc::new(Jumping::default());
        let admission = |now| quota::Admission::new(now, &quotas);
        let limiter =
            Arc::new(Limiter::new(clock.clone(), clock.clone(), Arc::default(), admission));
        let ask = || limiter.acquire(tokens(1), Admission::FailFast, None).now_or_never().unwrap();
        ask().unwrap().settle(tokens(1));
        let next = limiter.snapshot().next_admission;
        for jump in [u64::MAX, 0, 1 << 40] {
            clock.0.store(jump, Ordering::Relaxed);
            assert!(ask().is_err(), "{server:?}");
            assert_eq!(limiter.snapshot().next_admission, next);
        }
    }
}

#[test]
fn the_estimate_follows_the_prompt() {
    let bench = Bench::paced(10, 1_000);
    assert_eq!(bench.limiter.estimate(3_000).get(), 1_000);
    for _ in 0..100 {
        bench.limiter.learn(400, Tokens::new(100));
    }
    // Not what the calls before were in all, but what such a prompt will be.
    let [small, large] = [400, 40_000].map(|bytes| bench.limiter.estimate(bytes).get());
    assert!((100..=107).contains(&small) && (10_000..=10_700).contains(&large), "{small} {large}");
}

#[test]
fn what_was_reserved_is_settled() {
    let bench = Bench::with_burst(10, 1_000);
    bench.now(tokens(900)).unwrap().settle(tokens(10));
    bench.now(tokens(990)).unwrap().settle(tokens(1_990));
    // A thousand tokens of debt keep everyone out for a minute.
    bench.clock.run(bench.limiter.acquire(tokens(1), Admission::Wait, None)).unwrap().unwrap();
    assert!(bench.elapsed() >= Duration::from_secs(60), "{:?}", bench.elapsed());
}

/// A clock that stands still by its own count, and whose wall clock shows any time.
#[derive(Debug, Default)]
struct Jumping(AtomicU64);

impl Clock for Jumping {
    fn now(&self) -> Moment {
        Moment::default()
    }

    fn wall(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

impl Timer for Jumping {
    fn sleep_until(&self, _until: Moment) -> BoxFuture<'static, ()> {
        future::pending().boxed()
    }
}
