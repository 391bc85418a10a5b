//! One waiter woken among many, beside one woken among few.

use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures_util::FutureExt;
use quota::{Admission, Bucket, Charge, Limits, Rate, Tokens};
use transport::testing::ManualClock;

use crate::client::limiter::{Held, Limiter};
use crate::error::Error;
use crate::{options, pair};

pub(crate) fn measure() {
    let [mut many, mut few] = [100_000, 10].map(Crowd::new);
    pair::run("woken-of-100000", 3.0, || many.wake_one(), || few.wake_one());
}

type Wait = Pin<Box<dyn Future<Output = Result<Held, Error>>>>;

/// Those who wait for a quota of one request a second.
struct Crowd {
    clock: ManualClock,
    limiter: Arc<Limiter>,
    waiting: VecDeque<Wait>,
    wakes: Arc<Wakes>,
    waker: Waker,
}

impl Crowd {
    fn new(size: usize) -> Self {
        let clock = ManualClock::new();
        let time = Arc::new(clock.clone());
        let requests = Bucket::new(Rate::per_second(NonZeroU64::MIN), NonZeroU64::MIN);
        let admission = |now| Admission::over(now, Limits::unlimited().with_requests(requests));
        let limiter = Arc::new(Limiter::new(time.clone(), time, Arc::default(), admission));
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&wakes));
        let mut crowd = Self { clock, limiter, waiting: VecDeque::new(), wakes, waker };
        // The first takes what is there.
        crowd.acquire().now_or_never().unwrap().unwrap().settle(ONE);
        (0..size).for_each(|_| crowd.join());
        crowd
    }

    /// A second later the first is woken and admitted, and another one comes to wait.
    fn wake_one(&mut self) {
        self.clock.advance(Duration::from_secs(1));
        assert_eq!(self.wakes.0.swap(0, Ordering::Relaxed), 1);
        let mut first = self.waiting.pop_front().unwrap();
        let Poll::Ready(held) = self.poll(&mut first) else { unreachable!() };
        held.unwrap().settle(ONE);
        self.join();
    }

    fn join(&mut self) {
        let mut wait: Wait = Box::pin(self.acquire());
        assert!(self.poll(&mut wait).is_pending());
        self.waiting.push_back(wait);
    }

    fn poll(&self, wait: &mut Wait) -> Poll<Result<Held, Error>> {
        wait.as_mut().poll(&mut Context::from_waker(&self.waker))
    }

    fn acquire(&self) -> impl Future<Output = Result<Held, Error>> + use<> {
        self.limiter.acquire(ONE, options::Admission::Wait, None)
    }
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

const ONE: Charge = Charge::request(Tokens::new(1));
