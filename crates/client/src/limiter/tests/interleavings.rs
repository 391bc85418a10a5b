//! The limiter under every order in which threads may take its lock, as a scheduler draws them.
//!
//! Its lock is that of the scheduler here, so that these tests run with the feature `interleavings`
//! and the others without it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use quota::Priority::{High, Normal};
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

/// All of one kind.
fn crowd() {
    run([Rank::default(); 4]);
}

/// Of two tenants and two priorities, so that those who come later overtake.
fn tenants() {
    let ranks = [(0, Normal), (1, Normal), (1, High), (0, High)];
    run(ranks.map(|(tenant, priority)| Rank { tenant, priority }));
}

/// A hundred tokens, which hardly refill, and threads that want sixty and end in every way. All of
/// them get them in the end: whoever is lost in the queue would stop the run.
fn run(ranks: [Rank; 4]) {
    let clock = Arc::new(Still);
    let admission = |now| quota::Admission::over(now, minute(1_000, QUOTA));
    let mut tenants = Tenants::default();
    tenants.set("other".to_owned(), 2.try_into().unwrap());
    let limiter = Arc::new(Limiter::new(clock.clone(), clock, Arc::new(tenants), admission));
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
            held.adjust(tokens(20));
            books.give(SHARE - 20);
            held.settle(tokens(20));
        },
    ];
    let mut ranks = ranks.into_iter();
    let threads = ends.map(|end| {
        let rank = ranks.next().unwrap();
        let (limiter, books) = (Arc::clone(&limiter), Arc::clone(&books));
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
    assert_eq!(limiter.snapshot().tokens_left, Some(QUOTA - 10 - 20));
    assert_eq!((limiter.snapshot().in_flight, limiter.snapshot().waiting), (0, 0));
}

type End = fn(Held, &Books);

/// What is taken, by the account of those who took it. It is less than what the limiter holds at any
/// time, since they write it down after they were admitted, and strike it out before they end.
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
