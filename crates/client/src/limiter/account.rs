//! Limits that the models of an account share, and the line of the models that wait for them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Weak};

use quota::{Charge, Decision, Ledger, Limits, Reservation, Tick};
use transport::rt::Moment;

use super::{Limiter, lock};
use crate::sync::{Mutex, MutexGuard};

/// The limits around those of the models.
///
/// A model stands in line while the first of its calls has room in the model's own quotas and not
/// here; who is first in line goes before all others, so that the small calls of one model cannot
/// starve the large ones of another. After its turn a model is last again.
///
/// Its lock is taken under that of a model and never the other way round.
#[derive(Debug)]
pub(crate) struct Account {
    books: Mutex<Books>,
}

pub(super) struct Books {
    ledger: Ledger,
    members: Vec<Weak<Limiter>>,
    /// The numbers of those who stand in line.
    line: VecDeque<usize>,
}

/// A model of the account.
#[derive(Debug)]
pub(super) struct Member {
    account: Arc<Account>,
    number: usize,
}

impl Account {
    pub(crate) fn new(limits: Limits) -> Self {
        let books =
            Books { ledger: Ledger::new(limits), members: Vec::new(), line: VecDeque::new() };
        Self { books: Mutex::new(books) }
    }

    /// One more model, which is last in line.
    pub(super) fn join(self: &Arc<Self>, model: Weak<Limiter>) -> Member {
        let mut books = lock(&self.books);
        books.members.push(model);
        Member { account: Arc::clone(self), number: books.members.len() - 1 }
    }
}

impl Member {
    /// The books, for a look of this model at them.
    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        lock(&self.account.books)
    }

    pub(super) fn check(&self, now: Moment, charge: Charge) -> Decision<(), Charge> {
        self.books().check(self.number, now, charge)
    }

    /// Takes `charge` if `and` is admitted, too, or says when to ask again.
    pub(super) fn reserve<T>(
        &self,
        now: Moment,
        charge: Charge,
        and: impl FnOnce() -> Decision<T, Charge>,
    ) -> Decision<(Reservation, T), Charge> {
        let mut books = self.books();
        let answer = match books.check(self.number, now, charge) {
            Decision::Admit(()) => books.ledger.reserve(tick(now), charge),
            Decision::Wait { until } => Decision::Wait { until },
            Decision::Never { max } => Decision::Never { max },
        };
        let reservation = match answer {
            Decision::Admit(reservation) => reservation,
            Decision::Wait { until } => return Decision::Wait { until },
            Decision::Never { max } => return Decision::Never { max },
        };
        let refusal = match and() {
            Decision::Admit(other) => {
                // The next call of this model goes behind the other models.
                books.step_out(self.number);
                return Decision::Admit((reservation, other));
            }
            Decision::Wait { until } => Decision::Wait { until },
            Decision::Never { max } => Decision::Never { max },
        };
        // At once, so that it is as though nothing had been taken.
        books.ledger.refund(tick(now), reservation);
        refusal
    }

    /// More is known of what a call will cost.
    pub(super) fn adjust(&self, now: Moment, reservation: &mut Reservation, charge: Charge) {
        self.books().ledger.adjust(tick(now), reservation, charge);
    }

    /// A call has ended, at this cost if it is known; else what it holds stands.
    pub(super) fn end(&self, now: Moment, reservation: Reservation, actual: Option<Charge>) {
        let ledger = &mut self.books().ledger;
        match actual {
            Some(actual) => {
                ledger.settle(tick(now), reservation, actual);
            }
            None => ledger.keep(reservation),
        }
    }

    /// What the limits answer to `charge`; if it has to wait, this model stands in line from now on,
    /// unless it does so already. One that may go keeps its place until it has gone.
    pub(super) fn line_up(&self, now: Moment, charge: Charge) -> Decision<(), Charge> {
        let mut books = self.books();
        let answer = books.check(self.number, now, charge);
        if matches!(answer, Decision::Wait { .. }) && !books.line.contains(&self.number) {
            books.line.push_back(self.number);
        }
        answer
    }

    /// Leaves the line.
    pub(super) fn step_out(&self) {
        self.books().step_out(self.number);
    }

    /// Who is first in line, if that is another model. Whatever a model did may be its chance: it is
    /// to be [looked after](Limiter::look_after), without holding any lock.
    #[must_use]
    pub(super) fn next(&self) -> Option<Arc<Limiter>> {
        let books = self.books();
        let first = books.line.front().filter(|first| **first != self.number)?;
        books.members.get(*first)?.upgrade()
    }

    /// The calls of all models that hold something here.
    pub(super) fn outstanding(&self) -> u64 {
        self.books().ledger.outstanding()
    }

    /// The first tick at which `charge` could go if all that is held came back at once.
    pub(super) fn earliest(&self, now: Moment, charge: Charge) -> Moment {
        let books = self.books();
        let held = books.ledger.held();
        let ticks = books.ledger.limits().buckets().map(|(kind, bucket)| {
            let here = bucket.level(tick(now)).available.saturating_add(kind.part(held));
            let missing = kind.part(charge).saturating_sub(here);
            tick(now).after(bucket.rate().time_for(missing))
        });
        moment(ticks.max().unwrap_or_default())
    }

    /// What is left of the tokens of the day.
    pub(super) fn daily_tokens_left(&self, now: Moment) -> Option<u64> {
        let books = self.books();
        let bucket = books.ledger.limits().bucket(quota::Kind::DailyTokens)?;
        Some(bucket.level(tick(now)).available)
    }
}

impl Books {
    fn step_out(&mut self, number: usize) {
        self.line.retain(|other| *other != number);
    }

    /// What the limits answer to a model; to one that is not next, that it has to wait for others.
    fn check(&self, number: usize, now: Moment, charge: Charge) -> Decision<(), Charge> {
        match self.ledger.limits().check(tick(now), charge) {
            never @ Decision::Never { .. } => never,
            _ if self.line.front().is_some_and(|first| *first != number) => {
                Decision::Wait { until: Tick::MAX }
            }
            answer => answer,
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.step_out();
    }
}

impl fmt::Debug for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Books")
            .field("ledger", &self.ledger)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// The account has no clock minutes to keep to, so that its count of time is that of the clock.
const fn tick(moment: Moment) -> Tick {
    Tick::from_nanos(moment.as_nanos())
}

pub(super) const fn moment(tick: Tick) -> Moment {
    Moment::from_nanos(tick.as_nanos())
}
