//! What other clients do, by the numbers that were published of them.

use outcrop_sim::Model;
use outcrop_sim::policy::Next;
use outcrop_sim::server::Refusal;
use outcrop_sim::time::{MINUTE, SECOND};

use crate::drive::Drive;

const OPEN: Model = Model { rpm: 0, tpm: 0, tpd: 0, burn: 1 };

/// The pauses before the two retries of a request that is always refused for the same cause, from
/// many seeds. It is given up then.
fn pauses(name: &str, why: Refusal) -> [Vec<u64>; 2] {
    let mut all = [Vec::new(), Vec::new()];
    for seed in 0..4_000 {
        let mut drive = Drive::new(name, OPEN, 1, seed);
        for pauses in &mut all {
            let before = drive.now;
            assert_eq!(drive.next(), Some(Next::Send(0)));
            drive.refuse(0, why);
            pauses.push(drive.now - before);
        }
        // The first call goes at once; what was noted is the time before each call.
        let before = drive.now;
        assert_eq!(drive.next(), Some(Next::Send(0)));
        drive.refuse(0, why);
        let [first, second] = &mut all;
        *first.last_mut().unwrap() = *second.last().unwrap();
        *second.last_mut().unwrap() = drive.now - before;
        assert_eq!(drive.next(), Some(Next::GiveUp(0)));
        assert_eq!(drive.next(), None);
    }
    all
}

/// Full jitter: spread evenly from nothing to the ceiling.
fn is_even(pauses: &[u64], ceiling: u64) {
    let mean = pauses.iter().sum::<u64>() / pauses.len() as u64;
    assert!(mean.abs_diff(ceiling / 2) < ceiling / 40, "{mean} of {ceiling}");
    let (least, most) = (*pauses.iter().min().unwrap(), *pauses.iter().max().unwrap());
    assert!(least < ceiling / 100 && (ceiling / 100 * 99..=ceiling).contains(&most));
}

#[test]
fn standard_mode_makes_three_attempts_with_full_jitter() {
    for (name, why, bases) in [
        ("sdk-standard-2.0", Refusal::Tokens, [SECOND, 2 * SECOND]),
        ("sdk-standard-2.0", Refusal::Unavailable, [SECOND, 2 * SECOND]),
        ("sdk-standard-2.1", Refusal::Tokens, [SECOND, 2 * SECOND]),
        ("sdk-standard-2.1", Refusal::Unavailable, [SECOND / 20, SECOND / 10]),
    ] {
        let [first, second] = pauses(name, why);
        is_even(&first, bases[0]);
        is_even(&second, bases[1]);
    }
}

/// The calls of 300 requests that are all refused: one each, and retries until the budget is empty.
fn calls(name: &str, why: Refusal) -> usize {
    let mut drive = Drive::new(name, OPEN, 300, 1);
    let mut calls = 0;
    while let Some(next) = drive.next() {
        if let Next::Send(id) = next {
            calls += 1;
            drive.refuse(id, why);
        }
    }
    calls
}

#[test]
fn standard_mode_retries_out_of_a_budget_of_500() {
    assert_eq!(calls("sdk-standard-2.0", Refusal::Tokens), 300 + 500 / 5);
    assert_eq!(calls("sdk-standard-2.0", Refusal::Unavailable), 300 + 500 / 5);
    assert_eq!(calls("sdk-standard-2.1", Refusal::Tokens), 300 + 500 / 5);
    assert_eq!(calls("sdk-standard-2.1", Refusal::Unavailable), 300 + 500 / 14);
    assert_eq!(calls("none", Refusal::Tokens), 300);
}

#[test]
fn success_pays_back_the_last_retry_or_one() {
    let mut drive = Drive::new("sdk-standard-2.1", OPEN, 400, 1);
    for id in 0..400 {
        assert_eq!(drive.next(), Some(Next::Send(id)));
    }
    // What a retry has cost comes back, so that the budget never ends.
    for id in 0..200 {
        drive.refuse(id, Refusal::Tokens);
        assert_eq!(drive.next(), Some(Next::Send(id)));
        drive.done(id, 250, 1);
    }
    // Two retries each empty it.
    for id in 200..250 {
        for _ in 0..2 {
            drive.refuse(id, Refusal::Tokens);
            assert_eq!(drive.next(), Some(Next::Send(id)));
        }
    }
    drive.refuse(250, Refusal::Tokens);
    assert_eq!(drive.next(), Some(Next::GiveUp(250)));
    // Five successes without a retry pay for one.
    (251..256).for_each(|id| drive.done(id, 250, 1));
    drive.refuse(256, Refusal::Tokens);
    assert_eq!(drive.next(), Some(Next::Send(256)));
    drive.refuse(257, Refusal::Tokens);
    assert_eq!(drive.next(), Some(Next::GiveUp(257)));
}

/// When each of so many requests is sent, if each is done at once.
fn times(name: &str, model: Model, count: usize) -> Vec<u64> {
    let mut drive = Drive::new(name, model, count, 1);
    let mut times = Vec::new();
    while let Some(next) = drive.next() {
        let Next::Send(id) = next else { return times };
        drive.done(id, 250, 50);
        times.push(drive.now);
    }
    assert_eq!(times.len(), count);
    times
}

#[test]
fn request_bucket_sends_a_minute_at_once_and_then_evenly() {
    let times = times("request-bucket", Model { rpm: 60, tpm: 1, ..OPEN }, 200);
    let expected: Vec<u64> = (0..200).map(|n: u64| n.saturating_sub(59) * SECOND).collect();
    assert_eq!(times, expected);
}

#[test]
fn minute_window_counts_what_has_come_back_in_this_minute() {
    // 300 tokens each, whatever the burndown: the fourth finds 900 of 1,150 used, the fifth 1,200.
    let model = Model { rpm: 50, tpm: 1_150, tpd: 0, burn: 5 };
    let expected: Vec<u64> = (0..20).map(|n| n / 4 * MINUTE).collect();
    assert_eq!(times("minute-window", model, 20), expected);
    let model = Model { rpm: 5, ..model };
    let expected: Vec<u64> = (0..20).map(|n| n / 4 * MINUTE).collect();
    assert_eq!(times("minute-window", model, 20), expected);
    let model = Model { rpm: 3, ..model };
    let expected: Vec<u64> = (0..20).map(|n| n / 3 * MINUTE).collect();
    assert_eq!(times("minute-window", model, 20), expected);
    // It does not see what is under way: without replies, everything goes.
    let mut drive = Drive::new("minute-window", Model { tpm: 1, ..OPEN }, 20, 1);
    for id in 0..20 {
        assert_eq!(drive.next(), Some(Next::Send(id)));
    }
    assert_eq!(drive.now, 0);
}

#[test]
fn two_window_85_spaces_calls_at_85_per_cent_of_the_quota() {
    // 250 + 5 × 120 tokens, and 85 % of 60,000 tokens a minute are 850 a second.
    let model = Model { rpm: 0, tpm: 60_000, tpd: 0, burn: 5 };
    let expected: Vec<u64> = (0..100).map(|n| n * SECOND).collect();
    assert_eq!(times("two-window-85", model, 100), expected);
    // 85 % of 60 requests are 51.
    let model = Model { rpm: 60, tpm: 0, ..model };
    let expected: Vec<u64> = (0..100).map(|n| n * (MINUTE / 51)).collect();
    assert_eq!(times("two-window-85", model, 100), expected);
}
