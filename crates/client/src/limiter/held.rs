//! What a call holds while it is under way.

use std::sync::Arc;

use codec::ThrottleCause;
use quota::{Admitted, Cause, Charge, Job, Span, Tick, Tokens, Verdict};

use super::{Limiter, State, lock};

/// What a call holds of the quota. It is settled or refunded once, at the latest when dropped: in
/// full if nothing was sent, else the estimate stands, since the service may have done the work.
pub(crate) struct Held {
    limiter: Arc<Limiter>,
    admitted: Option<Admitted>,
    /// The turn that it has had, if it had to queue.
    turn: Option<Job>,
    sent: bool,
}

impl Held {
    /// Of a call that is not yet on its way.
    pub(super) const fn new(limiter: Arc<Limiter>, admitted: Admitted, turn: Option<Job>) -> Self {
        Self { limiter, admitted: Some(admitted), turn, sent: false }
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
        self.end(Some(actual.tokens), |state, now, admitted| {
            state.admission.settle(now, admitted, actual);
        });
    }

    /// The service charged nothing.
    pub(crate) fn refund(mut self) {
        self.end(Some(Tokens::ZERO), |state, now, admitted| {
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
        self.end(Some(Tokens::ZERO), |state, now, admitted| {
            state.admission.throttled(now, admitted, cause)
        })
    }

    /// Ends the call in this way. `actual` are its tokens, if they are known.
    fn end<T>(
        &mut self,
        actual: Option<Tokens>,
        how: impl FnOnce(&mut State, Tick, Admitted) -> T,
    ) -> Option<T> {
        let admitted = self.admitted.take()?;
        let now = self.limiter.clock.now();
        let mut state = lock(&self.limiter.state);
        let tick = state.dial.tick(now);
        let result = how(&mut state, tick, admitted);
        if let (Some(turn), Some(actual)) = (self.turn, actual) {
            state.queue.correct(turn, actual);
        }
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
        if self.sent {
            // Whoever waits for it has gone, and with it the usage.
            self.end(None, |state, now, admitted| {
                state.admission.abandon(now, admitted, PATIENCE);
            });
        } else {
            self.end(Some(Tokens::ZERO), |state, now, admitted| {
                state.admission.refund(now, admitted);
            });
        }
    }
}

/// How long a call that was given up counts as in flight.
const PATIENCE: Span = Span::MINUTE;
