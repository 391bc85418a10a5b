//! What a call holds while it is under way.

use std::sync::Arc;

use codec::ThrottleCause;
use quota::{Admitted, Cause, Charge, Job, Span, Tokens, Verdict};
use transport::rt::Moment;

use super::gate::Granted;
use super::{Limiter, State, lock, release};

/// What a call holds of the quota. It is settled or refunded once, at the latest when dropped: in
/// full if nothing was sent, else the estimate stands, since the service may have done the work.
pub(crate) struct Held {
    limiter: Arc<Limiter>,
    granted: Option<Granted>,
    /// The turn that it has had, if it had to queue.
    turn: Option<Job>,
    sent: bool,
}

/// How a call ends.
#[derive(Clone, Copy)]
enum End {
    Settled(Charge),
    Unsent,
    Throttled(Cause),
    /// Nobody will know what it has cost.
    Abandoned,
}

impl Held {
    /// Of a call that is not yet on its way.
    pub(super) const fn new(limiter: Arc<Limiter>, granted: Granted, turn: Option<Job>) -> Self {
        Self { limiter, granted: Some(granted), turn, sent: false }
    }

    /// The call is on its way: from here on, dropping this no longer gives the tokens back.
    pub(crate) fn sent(&mut self) {
        self.sent = true;
    }

    /// More is known of what the call will cost.
    pub(crate) fn adjust(&mut self, charge: Charge) {
        if let Some(Granted { admitted, of_account }) = self.granted.as_mut()
            && admitted.charge() != charge
        {
            let now = self.limiter.clock.now();
            let mut state = lock(&self.limiter.state);
            let tick = state.dial.tick(now);
            state.admission.adjust(tick, admitted, charge);
            if let (Some(member), Some(reservation)) = (&state.member, of_account) {
                member.adjust(now, reservation, charge);
            }
            let next = state.first_if_due(now);
            release(state, now, next);
        }
    }

    /// The service charged this.
    pub(crate) fn settle(mut self, actual: Charge) {
        self.end(End::Settled(actual));
    }

    /// The service charged nothing.
    pub(crate) fn refund(mut self) {
        self.end(End::Unsent);
    }

    /// The service throttled the call. Says whose throttle it was.
    pub(crate) fn throttled(mut self, cause: ThrottleCause) -> Option<Verdict> {
        self.end(End::Throttled(match cause {
            ThrottleCause::Requests => Cause::RequestRate,
            ThrottleCause::Tokens => Cause::TokenRate,
            ThrottleCause::TokensPerDay => Cause::Daily,
            ThrottleCause::Capacity => Cause::Capacity,
            _ => Cause::Unknown,
        }))
    }

    fn end(&mut self, end: End) -> Option<Verdict> {
        let Granted { admitted, of_account } = self.granted.take()?;
        let now = self.limiter.clock.now();
        let mut state = lock(&self.limiter.state);
        let verdict = state.end(now, admitted, end);
        let actual = end.cost();
        if let (Some(member), Some(reservation)) = (&state.member, of_account) {
            member.end(now, *reservation, actual);
        }
        if let (Some(turn), Some(actual)) = (self.turn, actual) {
            state.queue.correct(turn, actual.tokens);
        }
        let next = state.first_if_due(now);
        release(state, now, next);
        verdict
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.end(if self.sent { End::Abandoned } else { End::Unsent });
    }
}

impl End {
    /// What the call has cost, as far as anybody knows.
    const fn cost(self) -> Option<Charge> {
        match self {
            Self::Settled(actual) => Some(actual),
            Self::Unsent => Some(Charge::ZERO),
            // Whether a refused call counts as a request is not published.
            Self::Throttled(_) => Some(Charge::request(Tokens::ZERO)),
            Self::Abandoned => None,
        }
    }
}

impl State {
    fn end(&mut self, now: Moment, admitted: Admitted, end: End) -> Option<Verdict> {
        let (now, admission) = (self.dial.tick(now), &mut self.admission);
        match end {
            End::Settled(actual) => {
                admission.settle(now, admitted, actual);
            }
            End::Unsent => {
                admission.refund(now, admitted);
            }
            End::Throttled(cause) => return Some(admission.throttled(now, admitted, cause)),
            End::Abandoned => admission.abandon(now, admitted, PATIENCE),
        }
        None
    }
}

/// How long a call that was given up counts as in flight.
const PATIENCE: Span = Span::MINUTE;
