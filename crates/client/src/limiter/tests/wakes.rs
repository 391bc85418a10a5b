//! However many wait, one is woken at a time, and the clock has one sleeper.

use std::collections::VecDeque;
use std::time::Duration;

use super::support::{Bench, Started, tokens};
use crate::{Admission, Quotas};

#[test]
fn of_100_000_waiters_each_admission_wakes_one() {
    let bench = Bench::with_burst(60, 1_000_000);
    for _ in 0..60 {
        bench.now(tokens(1)).unwrap().settle(tokens(1));
    }
    let mut waiting: VecDeque<Started> =
        (0..100_000).map(|_| bench.start(tokens(1), Admission::Wait)).collect();
    for one in &mut waiting {
        assert!(one.poll().is_none());
    }
    let wakes = |waiting: &VecDeque<Started>| waiting.iter().map(Started::wakes).sum::<usize>();
    assert_eq!(wakes(&waiting), 0);

    let mut woken = 0;
    for second in 1..=50 {
        let next = bench.clock.next_wake_up().unwrap();
        assert_eq!(next.as_nanos(), second * 1_000_000_000);
        bench.clock.advance(Duration::from_secs(1));
        let mut first = waiting.pop_front().unwrap();
        woken += first.wakes();
        first.poll().unwrap().unwrap().settle(tokens(1));
        // The others sleep on.
        assert_eq!(wakes(&waiting), 0);
    }
    assert_eq!(woken, 50);
    assert_eq!(bench.limiter.snapshot().waiting, 100_000 - 50);
}

#[test]
fn what_comes_back_for_many_at_once_wakes_one_after_the_other() {
    let bench = Bench::with_burst(1_000, 1_000);
    let held = bench.now(tokens(1_000)).unwrap();
    let mut waiting: Vec<_> = (0..100).map(|_| bench.start(tokens(10), Admission::Wait)).collect();
    for one in &mut waiting {
        assert!(one.poll().is_none());
    }
    held.refund();
    for one in &mut waiting {
        assert_eq!(one.wakes(), 1);
        one.poll().unwrap().unwrap().settle(tokens(10));
    }
}

#[test]
fn who_gives_up_after_being_woken_passes_it_on() {
    let bench = Bench::with_burst(1_000, 100);
    let held = bench.now(tokens(100)).unwrap();
    let mut waiting: VecDeque<_> =
        (0..3).map(|_| bench.start(tokens(100), Admission::Wait)).collect();
    for one in &mut waiting {
        assert!(one.poll().is_none());
    }
    held.refund();
    assert_eq!(waiting[0].wakes(), 1);
    drop(waiting.pop_front());
    assert_eq!([waiting[0].wakes(), waiting[1].wakes()], [1, 0]);
    waiting[0].poll().unwrap().unwrap();
}

#[test]
fn each_gives_up_at_its_own_moment_by_the_one_timer() {
    let bench = Bench::new(&Quotas::default().with_concurrent(1.try_into().unwrap()));
    let _stays = bench.now(tokens(1)).unwrap();
    let patience = [40, 10, 30, 20];
    let mut waiting: Vec<_> = patience
        .iter()
        .map(|secs| bench.start(tokens(1), Admission::Within(Duration::from_secs(*secs))))
        .collect();
    for one in &mut waiting {
        assert!(one.poll().is_none());
    }
    for (secs, index) in [(10, 1), (20, 3), (30, 2), (40, 0)] {
        let next = bench.clock.next_wake_up().unwrap();
        assert_eq!(next.as_nanos(), secs * 1_000_000_000);
        bench.clock.advance(Duration::from_secs(10));
        assert_eq!(waiting[index].take_wakes(), 1);
        assert!(waiting[index].poll().unwrap().is_err());
    }
    assert_eq!(bench.limiter.snapshot().waiting, 0);
    assert_eq!(bench.clock.next_wake_up(), None);
}
