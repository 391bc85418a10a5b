//! The wait for admission, as a future.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::future::BoxFuture;
use quota::{Charge, Decision};
use transport::rt::Moment;

use super::held::Held;
use super::{Limiter, State, Waiting, lock, tick};
use crate::error::{Error, ErrorKind};

/// A wait for admission.
pub(crate) struct Acquire {
    limiter: Arc<Limiter>,
    charge: Charge,
    patience: Option<Moment>,
    ticket: Option<u64>,
    sleep: Option<(Moment, BoxFuture<'static, ()>)>,
}

impl Acquire {
    /// A wait that ends at `patience` at the latest.
    pub(super) fn new(limiter: Arc<Limiter>, charge: Charge, patience: Option<Moment>) -> Self {
        Self { limiter, charge, patience, ticket: None, sleep: None }
    }
}

impl Future for Acquire {
    type Output = Result<Held, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let until = match self.step(cx.waker()) {
                Step::Done(result) => return Poll::Ready(result),
                Step::Sleep(until) => until,
            };
            let Some(until) = until else { return Poll::Pending };
            if self.sleep.as_ref().is_none_or(|(due, _)| *due != until) {
                self.sleep = Some((until, self.limiter.timer.sleep_until(until)));
            }
            let Some((_, sleep)) = self.sleep.as_mut() else { return Poll::Pending };
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.sleep = None;
        }
    }
}

enum Step {
    Done(Result<Held, Error>),
    Sleep(Option<Moment>),
}

impl Acquire {
    /// One look at the ledger: the end of the wait, or the moment at which to look again.
    fn step(&mut self, waker: &Waker) -> Step {
        let limiter = Arc::clone(&self.limiter);
        let mut state = lock(&limiter.state);
        let now = limiter.clock.now();

        if !state.is_first(self.ticket) {
            if self.patience.is_some_and(|patience| patience <= now) {
                let error = not_admitted(None);
                return self.leave(&mut state, Err(error));
            }
            self.wait_in(&mut state, waker);
            return Step::Sleep(self.patience);
        }
        match state.ledger.reserve(tick(now), self.charge) {
            Decision::Admit(reservation) => {
                let held = Held::new(Arc::clone(&limiter), reservation);
                self.leave(&mut state, Ok(held))
            }
            Decision::Wait { until } => {
                let until = Moment::from_nanos(until.as_nanos());
                if self.patience.is_some_and(|patience| patience < until) {
                    let error = not_admitted(Some(until.since(now)));
                    return self.leave(&mut state, Err(error));
                }
                self.wait_in(&mut state, waker);
                Step::Sleep(Some(until))
            }
            Decision::Never { max } => {
                let error = too_large(self.charge, max);
                self.leave(&mut state, Err(error))
            }
        }
    }

    fn wait_in(&mut self, state: &mut State, waker: &Waker) {
        match state.queue.iter_mut().find(|waiting| Some(waiting.ticket) == self.ticket) {
            Some(waiting) => waiting.waker.clone_from(waker),
            None => {
                let ticket = state.next_ticket;
                state.next_ticket += 1;
                state.queue.push_back(Waiting { ticket, waker: waker.clone() });
                self.ticket = Some(ticket);
            }
        }
    }

    fn leave(&mut self, state: &mut State, result: Result<Held, Error>) -> Step {
        if let Some(ticket) = self.ticket.take() {
            state.queue.retain(|waiting| waiting.ticket != ticket);
        }
        state.wake_first();
        Step::Done(result)
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            let mut state = lock(&self.limiter.state);
            state.queue.retain(|waiting| waiting.ticket != ticket);
            state.wake_first();
        }
    }
}

fn not_admitted(wait: Option<Duration>) -> Error {
    let message = match wait {
        Some(wait) => format!(
            "the quota has room in {:.3} s, which is later than the call may wait",
            wait.as_secs_f64()
        ),
        None => "other calls are waiting for the quota, and this one may not wait longer".into(),
    };
    Error::new(ErrorKind::NotAdmitted, message)
}

fn too_large(charge: Charge, max: Charge) -> Error {
    let (tokens, most) = (charge.tokens.get(), max.tokens.get());
    Error::new(
        ErrorKind::TooLarge,
        format!("the call reserves {tokens} tokens, and the quota never holds more than {most}"),
    )
}
