//! Drives the quota algebra with a clock: who may go, in which order, and when.

mod acquire;
mod held;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use codec::ModelRef;
use quota::{Charge, Ledger, Tick};
use transport::rt::{Clock, Moment, Timer};

use self::acquire::Acquire;
pub(crate) use self::held::Held;
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
        Acquire::new(Arc::clone(self), charge, patience)
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("state", &*lock(&self.state)).finish_non_exhaustive()
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

pub(crate) fn tick(moment: Moment) -> Tick {
    Tick::from_nanos(moment.as_nanos())
}

/// The lock's contents. A panic while it was held cannot have left them half changed, since the
/// algebra under it does not panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
