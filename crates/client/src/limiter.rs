//! Drives the quota algebra with a clock: who may go, in which order, and when.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use codec::ModelRef;
use futures_util::future::BoxFuture;
use quota::{Charge, Decision, Ledger, Reservation, Tick};
use transport::rt::{Clock, Moment, Timer};

use crate::error::{Error, ErrorKind};
use crate::options::Admission;
use crate::quotas::Quotas;

/// The limiters of a client, one for each model address that it has seen.
#[derive(Debug)]
pub(crate) struct Limiters {
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    default: Quotas,
    by_model: HashMap<String, Quotas>,
    made: Mutex<HashMap<String, Arc<Limiter>>>,
}

impl Limiters {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        timer: Arc<dyn Timer>,
        default: Quotas,
        by_model: HashMap<String, Quotas>,
    ) -> Self {
        Self { clock, timer, default, by_model, made: Mutex::default() }
    }

    /// The quotas as stated for this model.
    pub(crate) fn quotas(&self, model: &ModelRef) -> &Quotas {
        self.by_model.get(model.address()).unwrap_or(&self.default)
    }

    /// The limiter of this model; `None`, if it has no quota.
    pub(crate) fn limiter(&self, model: &ModelRef) -> Option<Arc<Limiter>> {
        let quotas = self.quotas(model);
        if quotas.is_unlimited() {
            return None;
        }
        let mut made = lock(&self.made);
        if let Some(limiter) = made.get(model.address()) {
            return Some(Arc::clone(limiter));
        }
        let limiter = Arc::new(Limiter {
            clock: Arc::clone(&self.clock),
            timer: Arc::clone(&self.timer),
            state: Mutex::new(State {
                ledger: Ledger::new(quotas.limits()),
                queue: VecDeque::new(),
                next_ticket: 0,
            }),
        });
        made.insert(model.address().to_owned(), Arc::clone(&limiter));
        Some(limiter)
    }

    pub(crate) fn snapshot(&self, model: &ModelRef) -> Option<QuotaSnapshot> {
        let limiter = self.limiter(model)?;
        let state = lock(&limiter.state);
        let now = tick(limiter.clock.now());
        let limits = state.ledger.limits();
        Some(QuotaSnapshot {
            requests_left: limits.requests().map(|bucket| bucket.level(now).available),
            tokens_left: limits.tokens().map(|bucket| bucket.level(now).available),
            waiting: state.queue.len(),
        })
    }
}

/// What is left of a model's quotas at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuotaSnapshot {
    /// Requests that would be admitted now; `None` if they are not limited.
    pub requests_left: Option<u64>,
    /// Tokens that would be admitted now; `None` if they are not limited.
    pub tokens_left: Option<u64>,
    /// Calls that wait.
    pub waiting: usize,
}

/// The ledger of one model, and those who wait for it, first come first served.
pub(crate) struct Limiter {
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    ledger: Ledger,
    queue: VecDeque<Waiting>,
    next_ticket: u64,
}

#[derive(Debug)]
struct Waiting {
    ticket: u64,
    waker: Waker,
}

impl Limiter {
    /// Waits, as `admission` allows, until `charge` fits, and holds it.
    ///
    /// Cancel safe: a caller that gives up leaves the queue and holds nothing.
    pub(crate) fn acquire(
        self: &Arc<Self>,
        charge: Charge,
        admission: Admission,
        deadline: Option<Moment>,
    ) -> Acquire {
        let now = self.clock.now();
        let patience = match admission {
            Admission::Wait => deadline,
            Admission::FailFast => Some(now),
            Admission::Within(span) => {
                let own = now.after(span);
                Some(deadline.map_or(own, |deadline| deadline.min(own)))
            }
        };
        Acquire { limiter: Arc::clone(self), charge, patience, ticket: None, sleep: None }
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("state", &*lock(&self.state)).finish_non_exhaustive()
    }
}

/// A wait for admission.
pub(crate) struct Acquire {
    limiter: Arc<Limiter>,
    charge: Charge,
    patience: Option<Moment>,
    ticket: Option<u64>,
    sleep: Option<(Moment, BoxFuture<'static, ()>)>,
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
                let held = Held {
                    limiter: Arc::clone(&limiter),
                    reservation: Some(reservation),
                    sent: false,
                };
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

impl State {
    /// Whether the holder of this ticket, or a newcomer without one, is next.
    fn is_first(&self, ticket: Option<u64>) -> bool {
        self.queue.front().is_none_or(|first| Some(first.ticket) == ticket)
    }

    fn wake_first(&self) {
        if let Some(first) = self.queue.front() {
            first.waker.wake_by_ref();
        }
    }
}

/// A reservation that a call holds. It is settled or refunded once, at the latest when dropped: in
/// full if nothing was sent, else at the estimate, since the service may have done the work.
pub(crate) struct Held {
    limiter: Arc<Limiter>,
    reservation: Option<Reservation>,
    sent: bool,
}

impl Held {
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

pub(crate) fn tick(moment: Moment) -> Tick {
    Tick::from_nanos(moment.as_nanos())
}

fn not_admitted(wait: Option<std::time::Duration>) -> Error {
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

/// The lock's contents. A panic while it was held cannot have left them half changed, since the
/// algebra under it does not panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
