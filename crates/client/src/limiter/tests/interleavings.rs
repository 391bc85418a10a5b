//! The limiter under every order in which threads may take its lock, as a scheduler draws them.
//!
//! Its lock is that of the scheduler here, so that these tests run with the feature `interleavings`
//! and the others without it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use quota::Priority::{High, Normal};
use quota::{Bucket, Limits, Rate};
use shuttle::future::block_on;
use shuttle::thread;

use super::super::*;
use super::support::{minute, tokens};
use crate::options::Admission;

#[test]
fn no_interleaving_of_reserve_settle_drop_and_cancel_admits_too_much() {
    shuttle::check_random(crowd, 3_000);
}

#[test]
fn nor_does_one_that_few_ill_timed_turns_bring_about() {
    shuttle::check_pct(crowd, 2_000, 3);
}

#[test]
fn nor_do_tenants_and_priorities_lose_anybody() {
    shuttle::check_random(tenants, 3_000);
    shuttle::check_pct(tenants, 2_000, 3);
}

#[test]
fn nor_do_models_lose_each_other_in_the_line_of_their_account() {
    shuttle::check_random(models, 3_000);
    shuttle::check_pct(models, 2_000, 3);
}

/// All of one kind.
fn crowd() {
    let limiter = Arc::new(limiter());
    run([(); 4].map(|()| (Arc::clone(&limiter), Rank::default())));
    assert_rest(&limiter);
    assert_eq!(limiter.snapshot().tokens_left, Some(REST));
}

/// Of two tenants and two priorities, so that those who come later overtake.
fn tenants() {
    let limiter = Arc::new(limiter());
    let ranks = [(0, Normal), (1, Normal), (1, High), (0, High)];
    run(ranks.map(|(tenant, priority)| (Arc::clone(&limiter), Rank { tenant, priority })));
    assert_rest(&limiter);
    assert_eq!(limiter.snapshot().tokens_left, Some(REST));
}

/// Of two models, of which each has room enough, and an account that has not.
fn models() {
    let account = Limits::unlimited().with_daily_tokens(bucket());
    let account = Arc::new(Account::new(account));
    let [one, other] = [(); 2].map(|()| limiter().within(&account));
    run([&one, &other, &one, &other].map(|limiter| (Arc::clone(limiter), Rank::default())));
    for limiter in [one, other] {
        assert_rest(&limiter);
        assert_eq!(limiter.snapshot().account_daily_tokens_left, Some(REST));
    }
}

fn assert_rest(limiter: &Limiter) {
    assert_eq!((limiter.snapshot().in_flight, limiter.snapshot().waiting), (0, 0));
}

fn limiter() -> Limiter {
    let clock = Arc::new(Still);
    let admission = |now| quota::Admission::over(now, minute(1_000, QUOTA));
    let mut tenants = Tenants::default();
    tenants.set("other".to_owned(), 2.try_into().unwrap());
    Limiter::new(clock.clone(), clock, Arc::new(tenants), admission)
}

fn bucket() -> Bucket {
    let quota = QUOTA.try_into().unwrap();
    Bucket::new(Rate::per_day(quota), quota)
}

/// A hundred tokens, which hardly refill, and threads that want sixty and end in every way. All of
/// them get them in the end: whoever is lost in the queue would stop the run.
fn run(places: [(Arc<Limiter>, Rank); 4]) {
    let books = Arc::new(Books::default());
    let ends: [End; 4] = [
        |held, books| {
            books.give(SHARE - 10);
            held.settle(tokens(10));
        },
        |held, books| {
            books.give(SHARE);
            held.refund();
        },
        |held, books| {
            books.give(SHARE);
            drop(held);
        },
        |mut held, books| {
            books.give(SHARE - 20);
            held.adjust(tokens(20));
            held.settle(tokens(20));
        },
    ];
    let mut places = places.into_iter();
    let threads = ends.map(|end| {
        let (limiter, rank) = places.next().unwrap();
        let books = Arc::clone(&books);
        thread::spawn(move || {
            // One that gives up at once, whether it has come to its turn or not.
            let acquire = || limiter.acquire(tokens(SHARE), Admission::Wait, None).ranked(rank);
            let cancelled = acquire().now_or_never();
            if let Some(held) = cancelled {
                books.take(SHARE);
                books.give(SHARE);
                drop(held);
            }
            let held = block_on(acquire()).unwrap();
            books.take(SHARE);
            end(held, &books);
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
}

type End = fn(Held, &Books);

/// What is taken, by the account of those who took it. It is less than what the limiter holds at any
/// time, since they write it down after they were admitted, and strike it out before they give it back.
#[derive(Default)]
struct Books(AtomicU64);

impl Books {
    fn take(&self, n: u64) {
        let taken = self.0.fetch_add(n, Ordering::SeqCst) + n;
        assert!(taken <= QUOTA, "{taken} of {QUOTA} are taken");
    }

    fn give(&self, n: u64) {
        self.0.fetch_sub(n, Ordering::SeqCst);
    }
}

/// A clock that stands still.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Moment {
        Moment::default()
    }

    fn wall(&self) -> Duration {
        Duration::ZERO
    }
}

impl Timer for Still {
    fn sleep_until(&self, _until: Moment) -> BoxFuture<'static, ()> {
        future::pending().boxed()
    }
}

const QUOTA: u64 = 100;
const SHARE: u64 = 60;
/// What is left in the end.
const REST: u64 = QUOTA - 10 - 20;
