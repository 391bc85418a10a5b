//! What a call holds while it is under way.

use std::sync::Arc;

use quota::{Charge, Ledger, Reservation, Tick};

use super::{Limiter, lock, tick};

/// A reservation that a call holds. It is settled or refunded once, at the latest when dropped: in
/// full if nothing was sent, else at the estimate, since the service may have done the work.
pub(crate) struct Held {
    limiter: Arc<Limiter>,
    reservation: Option<Reservation>,
    sent: bool,
}

impl Held {
    /// Holds this reservation, of a call that is not yet on its way.
    pub(super) fn new(limiter: Arc<Limiter>, reservation: Reservation) -> Self {
        Self { limiter, reservation: Some(reservation), sent: false }
    }

    /// The call is on its way: from here on, dropping this no longer gives the tokens back.
    pub(crate) fn sent(&mut self) {
        self.sent = true;
    }

    /// The service charged this.
    pub(crate) fn settle(mut self, actual: Charge) {
        self.end(|ledger, now, reservation| {
            ledger.settle(now, reservation, actual);
        });
    }

    /// The service charged nothing.
    pub(crate) fn refund(mut self) {
        self.end(|ledger, now, reservation| {
            ledger.refund(now, reservation);
        });
    }

    fn end(&mut self, how: impl FnOnce(&mut Ledger, Tick, Reservation)) {
        if let Some(reservation) = self.reservation.take() {
            let mut state = lock(&self.limiter.state);
            let now = tick(self.limiter.clock.now());
            how(&mut state.ledger, now, reservation);
            state.wake_first();
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let sent = self.sent;
        self.end(|ledger, now, reservation| {
            if sent {
                ledger.keep(reservation);
            } else {
                ledger.refund(now, reservation);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Wake, Waker};

    use codec::ModelRef;
    use transport::testing::ManualClock;

    use super::*;
    use crate::limiter::Limiters;
    use crate::{Admission, Quotas};

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_settlement_wakes_the_task_that_waits() {
        let clock = ManualClock::new();
        let quotas = Quotas::default().with_tokens_per_minute(100.try_into().unwrap());
        let time = Arc::new(clock.clone());
        let limiters = Limiters::new(time.clone(), time, quotas, Default::default());
        let limiter = limiters.limiter(&ModelRef::parse("amazon.nova-lite-v1:0").unwrap()).unwrap();
        let charge = Charge::request(quota::Tokens::new(100));
        let held = clock.run(limiter.acquire(charge, Admission::Wait, None)).unwrap().unwrap();

        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut waiting = Box::pin(limiter.acquire(charge, Admission::Wait, None));
        assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        assert!(!woken.0.load(Ordering::Relaxed));
        held.refund();
        assert!(woken.0.load(Ordering::Relaxed));
        assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
    }

    #[test]
    fn a_call_that_is_dropped_before_it_is_sent_gives_everything_back() {
        let clock = ManualClock::new();
        let quotas = Quotas::default().with_tokens_per_minute(100.try_into().unwrap());
        let time = Arc::new(clock.clone());
        let limiters = Limiters::new(time.clone(), time, quotas, Default::default());
        let model = ModelRef::parse("amazon.nova-lite-v1:0").unwrap();
        let limiter = limiters.limiter(&model).unwrap();
        let left = || limiters.snapshot(&model).unwrap().tokens_left;
        let charge = Charge::request(quota::Tokens::new(40));

        for (sent, expected) in [(false, 100), (true, 60)] {
            let acquire = limiter.acquire(charge, Admission::Wait, None);
            let mut held = clock.run(acquire).unwrap().unwrap();
            if sent {
                held.sent();
            }
            assert_eq!(left(), Some(60));
            drop(held);
            assert_eq!(left(), Some(expected));
        }
    }
}
