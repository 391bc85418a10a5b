//! Who waits, in which order, and the one timer that they share.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::task::{Context, Poll, Waker};

use futures_util::future::BoxFuture;
use quota::{Charge, Decision, Tick};
use transport::rt::{Moment, Timer};

use super::State;

/// Those who wait, by their tickets: whoever came first is first.
#[derive(Default)]
pub(super) struct Queue {
    waiting: BTreeMap<u64, Waiting>,
    /// When those who do not wait for ever give up.
    patience: BTreeSet<(Moment, u64)>,
    /// What all of them ask for.
    charge: Charge,
    next_ticket: u64,
    alarm: Option<Alarm>,
    /// The one that was woken and has not looked since.
    called: Option<u64>,
}

struct Waiting {
    charge: Charge,
    patience: Option<Moment>,
    waker: Waker,
}

/// The timer, set for one of those who wait.
struct Alarm {
    at: Moment,
    ticket: u64,
    sleep: BoxFuture<'static, ()>,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// What all who wait ask for.
    pub(super) const fn charge(&self) -> Charge {
        self.charge
    }

    /// What the first of those who wait asks for.
    pub(super) fn first(&self) -> Option<Charge> {
        self.waiting.first_key_value().map(|(_, waiting)| waiting.charge)
    }

    /// Whether the holder of this ticket, or a newcomer without one, is next.
    pub(super) fn is_first(&self, ticket: Option<u64>) -> bool {
        self.waiting.first_key_value().is_none_or(|(first, _)| Some(*first) == ticket)
    }

    pub(super) fn join(&mut self, charge: Charge, patience: Option<Moment>, waker: &Waker) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.waiting.insert(ticket, Waiting { charge, patience, waker: waker.clone() });
        if let Some(patience) = patience {
            self.patience.insert((patience, ticket));
        }
        self.charge = self.charge.saturating_add(charge);
        ticket
    }

    /// The holder of this ticket is to be woken in another way.
    pub(super) fn rejoin(&mut self, ticket: u64, waker: &Waker) {
        self.called.take_if(|called| *called == ticket);
        if let Some(waiting) = self.waiting.get_mut(&ticket) {
            waiting.waker.clone_from(waker);
        }
    }

    /// The holder of this ticket waits no longer. Says whether others relied on its being woken.
    pub(super) fn leave(&mut self, ticket: u64) -> bool {
        let had_the_alarm = self.alarm.take_if(|alarm| alarm.ticket == ticket).is_some();
        let was_relied_on = had_the_alarm || self.is_first(Some(ticket));
        self.called.take_if(|called| *called == ticket);
        if let Some(waiting) = self.waiting.remove(&ticket) {
            if let Some(patience) = waiting.patience {
                self.patience.remove(&(patience, ticket));
            }
            self.charge = self.charge.saturating_sub(waiting.charge);
        }
        was_relied_on
    }

    /// The waker of the first, whoever that is, unless it is on its way already.
    #[must_use]
    pub(super) fn call_first(&mut self) -> Option<Waker> {
        let (ticket, waiting) = self.waiting.first_key_value()?;
        if self.called == Some(*ticket) {
            return None;
        }
        self.called = Some(*ticket);
        Some(waiting.waker.clone())
    }
}

impl State {
    /// Sees to it that the next one is woken in time: gives its waker if that is now, else sets the
    /// timer. For use in a task, since a timer may need its runtime.
    #[must_use]
    pub(super) fn pass_on(&mut self, now: Moment, timer: &dyn Timer) -> Option<Waker> {
        let Some(due) = self.due(now) else {
            self.queue.alarm = None;
            return None;
        };
        if due <= now {
            return self.queue.call_first();
        }
        let queue = &mut self.queue;
        let first = queue.waiting.first_key_value().map(|(ticket, _)| (due, *ticket));
        let first = first.filter(|(due, _)| *due < NEVER);
        let (at, ticket) = first.into_iter().chain(queue.patience.first().copied()).min()?;
        let waker = queue.waiting.get(&ticket)?.waker.clone();
        let set = queue.alarm.take().filter(|alarm| alarm.at == at && at > now);
        let mut sleep = set.map_or_else(|| timer.sleep_until(at), |alarm| alarm.sleep);
        match sleep.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => {
                queue.alarm = Some(Alarm { at, ticket, sleep });
                None
            }
            Poll::Ready(()) => Some(waker),
        }
    }

    /// After something has become free: the waker of the first, if there is now something for it to
    /// do. For use anywhere.
    #[must_use]
    pub(super) fn first_if_due(&mut self, now: Moment) -> Option<Waker> {
        if self.queue.waiting.is_empty() {
            return None;
        }
        let due = self.due(now)?;
        let alarm = self.queue.alarm.as_ref().map_or(NEVER, |set| set.at);
        if due <= now || due < alarm { self.queue.call_first() } else { None }
    }

    /// When to look after the first of those who wait.
    pub(super) fn due(&mut self, now: Moment) -> Option<Moment> {
        let charge = self.queue.first()?;
        Some(match self.admission.check(self.dial.tick(now), charge) {
            Decision::Wait { until } => self.dial.moment(self.or_expiry(until)),
            Decision::Admit(()) | Decision::Never { .. } => now,
        })
    }

    /// `until`, or when an abandoned call ends, if only those in flight are in the way.
    pub(super) fn or_expiry(&self, until: Tick) -> Tick {
        match self.admission.next_expiry() {
            Some(expiry) if until == Tick::MAX => expiry,
            _ => until,
        }
    }
}

/// Where no time brings anything, but somebody who leaves may.
const NEVER: Moment = Moment::from_nanos(u64::MAX);

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("waiting", &self.waiting.len())
            .field("charge", &self.charge)
            .field("alarm", &self.alarm.as_ref().map(|alarm| alarm.at))
            .finish_non_exhaustive()
    }
}
