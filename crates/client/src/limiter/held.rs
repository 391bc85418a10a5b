//! What a call holds while it is under way.

use std::sync::Arc;

use codec::ThrottleCause;
use quota::{Admitted, Cause, Charge, Span, Tick, Verdict};

use super::{Limiter, State, lock};

/// What a call holds of the quota. It is settled or refunded once, at the latest when dropped: in
/// full if nothing was sent, else the estimate stands, since the service may have done the work.
pub(crate) struct Held {
    limiter: Arc<Limiter>,
    admitted: Option<Admitted>,
    sent: bool,
}

impl Held {
    /// Of a call that is not yet on its way.
    pub(super) fn new(limiter: Arc<Limiter>, admitted: Admitted) -> Self {
        Self { limiter, admitted: Some(admitted), sent: false }
    }

    /// The call is on its way: from here on, dropping this no longer gives the tokens back.
    pub(crate) fn sent(&mut self) {
        self.sent = true;
    }

    /// More is known of what the call will cost.
    pub(crate) fn adjust(&mut self, charge: Charge) {
        if let Some(admitted) = self.admitted.as_mut()
            && admitted.charge() != charge
        {
            let now = self.limiter.clock.now();
            let mut state = lock(&self.limiter.state);
            let now = state.dial.tick(now);
            state.admission.adjust(now, admitted, charge);
        }
    }

    /// The service charged this.
    pub(crate) fn settle(mut self, actual: Charge) {
        self.end(|state, now, admitted| {
            state.admission.settle(now, admitted, actual);
        });
    }

    /// The service charged nothing.
    pub(crate) fn refund(mut self) {
        self.end(|state, now, admitted| {
            state.admission.refund(now, admitted);
        });
    }

    /// The service throttled the call. Says whose throttle it was.
    pub(crate) fn throttled(mut self, cause: ThrottleCause) -> Option<Verdict> {
        let cause = match cause {
            ThrottleCause::Requests => Cause::RequestRate,
            ThrottleCause::Tokens => Cause::TokenRate,
            ThrottleCause::TokensPerDay => Cause::Daily,
            ThrottleCause::Capacity => Cause::Capacity,
            _ => Cause::Unknown,
        };
        self.end(|state, now, admitted| state.admission.throttled(now, admitted, cause))
    }

    fn end<T>(&mut self, how: impl FnOnce(&mut State, Tick, Admitted) -> T) -> Option<T> {
        let admitted = self.admitted.take()?;
        let now = self.limiter.clock.now();
        let mut state = lock(&self.limiter.state);
        let tick = state.dial.tick(now);
        let result = how(&mut state, tick, admitted);
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
        self.end(|state, now, admitted| {
            if sent {
                // Whoever waits for it has gone, and with it the usage.
                state.admission.abandon(now, admitted, PATIENCE);
            } else {
                state.admission.refund(now, admitted);
            }
        });
    }
}

/// How long a call that was given up counts as in flight.
const PATIENCE: Span = Span::MINUTE;
