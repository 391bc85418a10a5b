//! A limiter, its clock, and waits that are polled by hand.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use quota::Tokens;
use transport::testing::ManualClock;

use super::super::*;
use crate::Error;
use crate::quotas::ServerModel;

pub(super) struct Bench {
    pub(super) clock: ManualClock,
    pub(super) limiter: Arc<Limiter>,
}

impl Bench {
    pub(super) fn new(quotas: &Quotas) -> Self {
        let clock = ManualClock::new();
        let time = Arc::new(clock.clone());
        let limiter = Arc::new(Limiter::new(time.clone(), time, quotas));
        Self { clock, limiter }
    }

    /// Against a service that holds a minute's worth.
    pub(super) fn with_burst(rpm: u64, tpm: u64) -> Self {
        let burst = ServerModel::Bucket { burst: Duration::from_secs(60) };
        Self::new(&quotas(rpm, tpm).with_server(burst))
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
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        Started { future: Box::pin(self.limiter.acquire(charge, admission, None)), woken, waker }
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

fn quotas(rpm: u64, tpm: u64) -> Quotas {
    Quotas::default()
        .with_requests_per_minute(rpm.try_into().unwrap())
        .with_tokens_per_minute(tpm.try_into().unwrap())
}
