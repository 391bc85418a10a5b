//! A limiter, its clock, and waits that are polled by hand.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use quota::{Bucket, Quotas, Rate, Tokens};
use transport::testing::ManualClock;

use super::super::*;
use crate::Error;

pub(super) struct Bench {
    pub(super) clock: ManualClock,
    pub(super) limiter: Arc<Limiter>,
}

impl Bench {
    pub(super) fn new(quotas: &Quotas) -> Self {
        Self::at(ManualClock::new(), quotas)
    }

    /// On this clock.
    pub(super) fn at(clock: ManualClock, quotas: &Quotas) -> Self {
        Self::with(clock, |now| quota::Admission::new(now, quotas))
    }

    /// Against a service that holds exactly a minute's worth.
    pub(super) fn with_burst(rpm: u64, tpm: u64) -> Self {
        Self::with(ManualClock::new(), |now| quota::Admission::over(now, minute(rpm, tpm)))
    }

    /// The same, shared by tenants of these weights, and by one of weight 1 before them.
    pub(super) fn shared(rpm: u64, tpm: u64, weights: &[u32]) -> Self {
        let mut tenants = Tenants::default();
        for (number, weight) in weights.iter().enumerate() {
            tenants.set(number.to_string(), (*weight).try_into().unwrap());
        }
        let admission = |now| quota::Admission::over(now, minute(rpm, tpm));
        Self::among(tenants, ManualClock::new(), admission)
    }

    /// Models of so many tokens a minute, within an account of so many.
    pub(super) fn models<const N: usize>(account: u64, models: [u64; N]) -> [Self; N] {
        let clock = ManualClock::new();
        let account = Arc::new(Account::new(minute(1_000, account)));
        models.map(|tpm| {
            let admission = |now| quota::Admission::over(now, minute(1_000, tpm));
            let time = Arc::new(clock.clone());
            let limiter = Limiter::new(time.clone(), time, Arc::default(), admission);
            Self { clock: clock.clone(), limiter: limiter.within(&account) }
        })
    }

    fn with(clock: ManualClock, admission: impl FnOnce(Tick) -> quota::Admission) -> Self {
        Self::among(Tenants::default(), clock, admission)
    }

    fn among(
        tenants: Tenants,
        clock: ManualClock,
        admission: impl FnOnce(Tick) -> quota::Admission,
    ) -> Self {
        let time = Arc::new(clock.clone());
        let limiter = Limiter::new(time.clone(), time, Arc::new(tenants), admission);
        Self { clock, limiter: Arc::new(limiter) }
    }

    /// Against a service that nobody knows.
    pub(super) fn paced(rpm: u64, tpm: u64) -> Self {
        Self::new(&quotas(rpm, tpm))
    }

    /// Admitted now or not at all.
    pub(super) fn now(&self, charge: Charge) -> Result<Held, Error> {
        self.start(charge, Admission::FailFast).poll().unwrap()
    }

    pub(super) fn start(&self, charge: Charge, admission: Admission) -> Started {
        self.start_as(Rank::default(), charge, admission)
    }

    pub(super) fn start_as(&self, rank: Rank, charge: Charge, admission: Admission) -> Started {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let wait = self.limiter.acquire(charge, admission, None).ranked(rank);
        Started { future: Box::pin(wait), woken, waker }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.clock.now().since(Moment::default())
    }
}

/// A wait, and how often it was woken.
pub(super) struct Started {
    future: Pin<Box<Acquire>>,
    woken: Arc<Woken>,
    waker: Waker,
}

impl Started {
    pub(super) fn poll(&mut self) -> Option<Result<Held, Error>> {
        match self.future.as_mut().poll(&mut Context::from_waker(&self.waker)) {
            Poll::Ready(end) => Some(end),
            Poll::Pending => None,
        }
    }

    pub(super) fn wakes(&self) -> usize {
        self.woken.0.load(Ordering::Relaxed)
    }

    /// Whether it was woken since it was last asked.
    pub(super) fn take_wakes(&self) -> usize {
        self.woken.0.swap(0, Ordering::Relaxed)
    }
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

pub(super) fn tokens(n: u64) -> Charge {
    Charge::request(Tokens::new(n))
}

/// Buckets that hold a minute's worth.
pub(super) fn minute(rpm: u64, tpm: u64) -> quota::Limits {
    let [rpm, tpm] = [rpm, tpm].map(|n| {
        let n = n.try_into().unwrap();
        Bucket::new(Rate::per_minute(n), n)
    });
    quota::Limits::unlimited().with_requests(rpm).with_tokens(tpm)
}

fn quotas(rpm: u64, tpm: u64) -> Quotas {
    Quotas::default()
        .with_requests_per_minute(rpm.try_into().unwrap())
        .with_tokens_per_minute(tpm.try_into().unwrap())
}
