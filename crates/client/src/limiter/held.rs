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
