//! The defects that limiters usually have, each shown to be absent here.

use std::time::Duration;

use super::support::{Bench, tokens};
use crate::{Admission, ErrorKind};

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
fn what_was_reserved_is_settled() {
    let bench = Bench::with_burst(10, 1_000);
    bench.now(tokens(900)).unwrap().settle(tokens(10));
    bench.now(tokens(990)).unwrap().settle(tokens(1_990));
    // A thousand tokens of debt keep everyone out for a minute.
    bench.clock.run(bench.limiter.acquire(tokens(1), Admission::Wait, None)).unwrap().unwrap();
    assert!(bench.elapsed() >= Duration::from_secs(60), "{:?}", bench.elapsed());
}
