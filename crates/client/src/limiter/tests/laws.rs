//! The laws of the quota algebra, on the limiter with its clock, lock and queue.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, future};
use quota::{Decision, laws};

use super::super::*;
use crate::options::Admission;

#[test]
fn the_limiter_keeps_the_laws_of_the_algebra() {
    laws::check(1_024, &Driven::new).unwrap();
}

/// A limiter whose clock is set before each question, and may go back.
struct Driven {
    clock: Arc<Dialed>,
    limiter: Arc<Limiter>,
}

impl Driven {
    fn new(limits: &quota::Limits) -> Self {
        let clock = Arc::new(Dialed::default());
        let admission = |now| quota::Admission::over(now, limits.clone());
        let limiter =
            Arc::new(Limiter::new(clock.clone(), clock.clone(), Arc::default(), admission));
        Self { clock, limiter }
    }

    fn set(&self, now: Tick) {
        self.clock.0.store(now.as_nanos(), Ordering::Relaxed);
    }
}

impl laws::Limiter for Driven {
    type Held = Held;

    fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Held, Charge> {
        self.set(now);
        let acquire = pin!(self.limiter.acquire(charge, Admission::FailFast, None));
        match acquire.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(held)) => Decision::Admit(held),
            Poll::Ready(Err(_)) => match lock(&self.limiter.state).admission.check(now, charge) {
                Decision::Wait { until } => Decision::Wait { until },
                Decision::Never { max } => Decision::Never { max },
                Decision::Admit(()) => panic!("refused at {now:?}, where there is room"),
            },
            Poll::Pending => panic!("who fails fast waits at {now:?}"),
        }
    }

    fn settle(&mut self, now: Tick, held: Held, actual: Charge) {
        self.set(now);
        held.settle(actual);
    }
}

/// A clock that shows what it is told, and a timer that never rings.
#[derive(Debug, Default)]
struct Dialed(AtomicU64);

impl Clock for Dialed {
    fn now(&self) -> Moment {
        Moment::from_nanos(self.0.load(Ordering::Relaxed))
    }

    fn wall(&self) -> Duration {
        Duration::ZERO
    }
}

impl Timer for Dialed {
    fn sleep_until(&self, _until: Moment) -> BoxFuture<'static, ()> {
        future::pending().boxed()
    }
}
