//! The wait for admission, as a future.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use quota::{Charge, Decision, Job, Tick, Ticket};
use transport::rt::Moment;

use super::gate::Granted;
use super::held::Held;
use super::tenants::Rank;
use super::{Limiter, State, lock, release};
use crate::error::{Error, ErrorKind};

/// A wait for admission.
///
/// Cancel safe: dropping it leaves the queue, and the next one takes its place.
pub(crate) struct Acquire {
    /// Handed on to what is held in the end.
    limiter: Option<Arc<Limiter>>,
    asked: Asked,
}

/// What the wait is for.
struct Asked {
    charge: Charge,
    rank: Rank,
    patience: Option<Moment>,
    ticket: Option<Ticket>,
}

/// A call that may go, and the turn that it has had, if it had to queue.
type Gone = (Granted, Option<Job>);

impl Acquire {
    /// A wait that ends at `patience` at the latest.
    pub(super) fn new(limiter: Arc<Limiter>, charge: Charge, patience: Option<Moment>) -> Self {
        let asked = Asked { charge, rank: Rank::default(), patience, ticket: None };
        Self { limiter: Some(limiter), asked }
    }

    /// The same, at another rank than the usual one.
    pub(crate) fn ranked(mut self, rank: Rank) -> Self {
        self.asked.rank = rank;
        self
    }
}

impl Asked {
    /// One look at the quota: `None` while the wait goes on.
    fn look(
        &mut self,
        state: &mut State,
        now: Moment,
        waker: &Waker,
    ) -> Result<Option<Gone>, Error> {
        // Who finds nobody waiting takes a turn from nobody.
        let is_alone = self.ticket.is_none() && state.queue.is_empty();
        let mut earliest = None;
        if !is_alone {
            // Whoever can never go is told so before it waits behind others.
            if self.ticket.is_none()
                && let Decision::Never { max } = state.check(now, self.charge)
            {
                return Err(too_large(self.charge, max));
            }
            earliest = self.take_place(state, now, waker)?;
        }
        if is_alone || self.ticket.is_some_and(|ticket| state.queue.is_first(ticket)) {
            match state.reserve(now, self.charge) {
                Decision::Admit(granted) => return Ok(Some((granted, self.take_turn(state)))),
                Decision::Never { max } => return Err(too_large(self.charge, max)),
                // Calls in flight may give something back before that; without them, it is certain.
                Decision::Wait { until } if until < Tick::MAX && !state.is_anything_held() => {
                    earliest = Some(state.dial.moment(until));
                }
                Decision::Wait { .. } => {}
            }
        }
        if let Some(patience) = self.patience {
            let earliest = earliest.unwrap_or(now);
            if patience <= now || patience < earliest {
                let wait = earliest.since(now);
                return Err(not_admitted(Some(wait).filter(|wait| !wait.is_zero())));
            }
        }
        if is_alone {
            self.take_place(state, now, waker)?;
        }
        Ok(None)
    }

    /// Joins the queue, or says how it is to be woken from now on. For a newcomer that does not wait
    /// for ever: when its turn can come at the earliest, with nobody before it but its own kind.
    fn take_place(
        &mut self,
        state: &mut State,
        now: Moment,
        waker: &Waker,
    ) -> Result<Option<Moment>, Error> {
        if let Some(ticket) = self.ticket {
            state.queue.rejoin(ticket, waker);
            return Ok(None);
        }
        let ahead = state.queue.lane(self.rank).charge;
        let ticket = state.queue.join(self.rank, self.charge, self.patience, waker);
        self.ticket = Some(ticket.ok_or_else(|| not_admitted(None))?);
        Ok(self.patience.map(|_| state.earliest(now, ahead, self.charge)))
    }

    /// Leaves the queue to go.
    fn take_turn(&mut self, state: &mut State) -> Option<Job> {
        self.ticket.take()?;
        state.queue.serve()
    }
}

impl Future for Acquire {
    type Output = Result<Held, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { limiter: place, asked } = &mut *self;
        // There is none once it has ended, when nobody may ask any more.
        let Some(limiter) = place else { return Poll::Pending };
        let now = limiter.clock.now();
        let mut state = lock(&limiter.state);
        let is_new = asked.ticket.is_none();
        let end = asked.look(&mut state, now, cx.waker());
        let others_rely_on_this = match (&end, asked.ticket) {
            // It had the turn, and hands it on.
            (Ok(Some((_, turn))), _) => turn.is_some(),
            (Err(_), Some(ticket)) => {
                asked.ticket = None;
                state.queue.leave(ticket)
            }
            // Who was woken may have the timer even if somebody else is first by now.
            (Ok(None), Some(ticket)) => {
                !is_new || asked.patience.is_some() || state.queue.is_first(ticket)
            }
            (_, None) => false,
        };
        let next = if others_rely_on_this { state.pass_on(now, &*limiter.timer) } else { None };
        release(state, now, next);
        let Some(end) = end.transpose() else { return Poll::Pending };
        let Some(limiter) = place.take() else { return Poll::Pending };
        Poll::Ready(end.map(|(granted, turn)| Held::new(limiter, granted, turn)))
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let (Some(limiter), Some(ticket)) = (&self.limiter, self.asked.ticket) else { return };
        let now = limiter.clock.now();
        let mut state = lock(&limiter.state);
        let next = if state.queue.leave(ticket) { state.queue.call_first() } else { None };
        // The one behind may ask for more than the account has, or there may be none.
        let _answer = state.line_up(now);
        release(state, now, next);
    }
}

fn not_admitted(wait: Option<Duration>) -> Error {
    let message = match wait {
        Some(wait) => format!(
            "the quota has room in {:.3} s, which is later than the call may wait",
            wait.as_secs_f64()
        ),
        None => "other calls have or want the quota, and this one may not wait longer".into(),
    };
    Error::new(ErrorKind::NotAdmitted, message)
}

/// Names every part of the charge that is larger than what the quota ever holds of it.
fn too_large(charge: Charge, max: Charge) -> Error {
    let parts = [
        ("requests", charge.requests.get(), max.requests.get()),
        ("tokens", charge.tokens.get(), max.tokens.get()),
        ("input tokens", charge.input.get(), max.input.get()),
        ("output tokens", charge.output.get(), max.output.get()),
    ];
    let over = parts.into_iter().filter(|(_, asked, most)| asked > most);
    let over = over.map(|(what, asked, most)| {
        format!("reserves {asked} {what}, and the quota never holds more than {most}")
    });
    let over: Vec<_> = over.collect();
    Error::new(ErrorKind::TooLarge, format!("the call {}", over.join("; it ")))
}
