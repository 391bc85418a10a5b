//! The wait for admission, as a future.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use quota::{Admitted, Charge, Decision};
use transport::rt::Moment;

use super::held::Held;
use super::{Limiter, State, lock};
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
    patience: Option<Moment>,
    ticket: Option<u64>,
}

impl Acquire {
    /// A wait that ends at `patience` at the latest.
    pub(super) fn new(limiter: Arc<Limiter>, charge: Charge, patience: Option<Moment>) -> Self {
        Self { limiter: Some(limiter), asked: Asked { charge, patience, ticket: None } }
    }
}

impl Asked {
    /// One look at the quota: the end of the wait, if it has come.
    fn look(
        &mut self,
        state: &mut State,
        now: Moment,
        waker: &Waker,
    ) -> Option<Result<Admitted, Error>> {
        let tick = state.dial.tick(now);
        let earliest = if state.queue.is_first(self.ticket) {
            match state.admission.reserve(tick, self.charge) {
                Decision::Admit(admitted) => return Some(Ok(admitted)),
                Decision::Never { max } => return Some(Err(too_large(self.charge, max))),
                // Calls in flight may give something back before that; without them, it is certain.
                Decision::Wait { until } if state.admission.outstanding() == 0 => Some(until),
                Decision::Wait { .. } => None,
            }
        } else if self.ticket.is_none() && self.patience.is_some() {
            Some(state.admission.earliest(tick, state.queue.charge(), self.charge))
        } else {
            None
        };
        if let Some(patience) = self.patience {
            let earliest = earliest.map_or(now, |earliest| state.dial.moment(earliest));
            if patience <= now || patience < earliest {
                let wait = earliest.since(now);
                return Some(Err(not_admitted(Some(wait).filter(|wait| !wait.is_zero()))));
            }
        }
        match self.ticket {
            Some(ticket) => state.queue.rejoin(ticket, waker),
            None => self.ticket = Some(state.queue.join(self.charge, self.patience, waker)),
        }
        None
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
        let end = asked.look(&mut state, now, cx.waker());
        let others_rely_on_this = match (&end, asked.ticket) {
            (Some(_), Some(ticket)) => {
                asked.ticket = None;
                state.queue.leave(ticket)
            }
            (Some(_), None) => false,
            (None, ticket) => asked.patience.is_some() || state.queue.is_first(ticket),
        };
        let next = if others_rely_on_this { state.pass_on(now, &*limiter.timer) } else { None };
        drop(state);
        if let Some(next) = next {
            next.wake();
        }
        match (end, place.take()) {
            (Some(end), Some(limiter)) => {
                Poll::Ready(end.map(|admitted| Held::new(limiter, admitted)))
            }
            (_, limiter) => {
                *place = limiter;
                Poll::Pending
            }
        }
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let (Some(limiter), Some(ticket)) = (&self.limiter, self.asked.ticket) else { return };
        let mut state = lock(&limiter.state);
        let next = if state.queue.leave(ticket) { state.queue.call_first() } else { None };
        drop(state);
        if let Some(next) = next {
            next.wake();
        }
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

fn too_large(charge: Charge, max: Charge) -> Error {
    let (tokens, most) = (charge.tokens.get(), max.tokens.get());
    Error::new(
        ErrorKind::TooLarge,
        format!("the call reserves {tokens} tokens, and the quota never holds more than {most}"),
    )
}
