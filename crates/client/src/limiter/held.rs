//! What a call holds while it is under way.

use std::sync::Arc;

use codec::ThrottleCause;
use quota::{Cause, Charge, Requests, Reservation, Span, Tick, Tokens, Verdict};

use super::{Limiter, State, lock, tick};

/// A reservation that a call holds. It is settled or refunded once, at the latest when dropped: in
/// full if nothing was sent, else the estimate stands, since the service may have done the work.
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

    /// More is known of what the call will cost.
    pub(crate) fn adjust(&mut self, charge: Charge) {
        if let Some(reservation) = self.reservation.as_mut()
            && reservation.charge() != charge
        {
            let mut state = lock(&self.limiter.state);
            let now = tick(self.limiter.clock.now());
            state.ledger.adjust(now, reservation, charge);
        }
    }

    /// The service charged this.
    pub(crate) fn settle(mut self, actual: Charge) {
        self.end(|state, now, reservation| {
            state.ledger.settle(now, reservation, actual);
        });
    }

    /// The service charged nothing.
    pub(crate) fn refund(mut self) {
        self.end(|state, now, reservation| {
            state.ledger.refund(now, reservation);
        });
    }

    /// The service throttled the call, and counts it as one request. Says whose throttle it was.
    pub(crate) fn throttled(mut self, cause: ThrottleCause) -> Option<Verdict> {
        let cause = match cause {
            ThrottleCause::Requests => Cause::RequestRate,
            ThrottleCause::Tokens => Cause::TokenRate,
            ThrottleCause::TokensPerDay => Cause::Daily,
            ThrottleCause::Capacity => Cause::Capacity,
            _ => Cause::Unknown,
        };
        self.end(|state, now, reservation| {
            let one = Charge::new(Requests::new(1), Tokens::ZERO);
            state.ledger.settle(now, reservation, one);
            state.ledger.limits_mut().throttled(now, cause)
        })
    }

    fn end<T>(&mut self, how: impl FnOnce(&mut State, Tick, Reservation) -> T) -> Option<T> {
        let reservation = self.reservation.take()?;
        let mut state = lock(&self.limiter.state);
        let now = self.limiter.clock.now();
        let result = how(&mut state, tick(now), reservation);
        let next = state.first_if_due(now);
        drop(state);
        if let Some(next) = next {
            next.wake();
        }
        Some(result)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let sent = self.sent;
        self.end(|state, now, reservation| {
            if sent {
                // Whoever waits for it has gone, and with it the usage.
                let _until_its_time_out = state.ledger.abandon(now, reservation, PATIENCE);
            } else {
                state.ledger.refund(now, reservation);
            }
        });
    }
}

/// How long a call that was given up counts as in flight.
const PATIENCE: Span = Span::MINUTE;
