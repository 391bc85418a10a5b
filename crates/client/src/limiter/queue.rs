//! Who waits, whose turn it is, and the one timer that they share.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::task::{Context, Poll, Waker};

use futures_util::future::BoxFuture;
use quota::{Charge, Decision, Job, Share, Tenant, Tick, Ticket, Tokens, Turn};
use transport::rt::{Moment, Timer};

use super::State;
use super::tenants::{Rank, Tenants};

/// Those who wait, by their tickets. A [`Share`] says who is first: without tenants and priorities,
/// whoever came first.
pub(super) struct Queue {
    share: Share<Waiting>,
    /// In the order of their numbers.
    tenants: Vec<Tenant>,
    lanes: BTreeMap<Rank, Lane>,
    /// When those who do not wait for ever give up.
    patience: BTreeSet<(Moment, Ticket)>,
    alarm: Option<Alarm>,
    /// The one that was woken and has not looked since.
    called: Option<Ticket>,
}

struct Waiting {
    rank: Rank,
    charge: Charge,
    patience: Option<Moment>,
    waker: Waker,
}

/// What those of one rank ask for together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lane {
    pub(super) waiting: usize,
    pub(super) charge: Charge,
}

/// The timer, set for one of those who wait.
struct Alarm {
    at: Moment,
    ticket: Ticket,
    sleep: BoxFuture<'static, ()>,
}

impl Queue {
    /// An empty queue, in which these take turns.
    pub(super) fn new(tenants: &Tenants) -> Self {
        let mut share = Share::of_order();
        let tenants = tenants.iter().map(|(_, weight)| share.add_tenant(weight)).collect();
        Self {
            share,
            tenants,
            lanes: BTreeMap::new(),
            patience: BTreeSet::new(),
            alarm: None,
            called: None,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.share.len()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.share.is_empty()
    }

    /// What those ask for who wait at this rank.
    pub(super) fn lane(&self, rank: Rank) -> Lane {
        self.lanes.get(&rank).copied().unwrap_or_default()
    }

    /// What those of a tenant ask for, whatever their priority.
    pub(super) fn all_of(&self, tenant: usize) -> Lane {
        let lanes = self.lanes.iter().filter(|(rank, _)| rank.tenant == tenant);
        lanes.fold(Lane::default(), |all, (_, lane)| Lane {
            waiting: all.waiting + lane.waiting,
            charge: all.charge.saturating_add(lane.charge),
        })
    }

    /// What the first of those who wait asks for.
    pub(super) fn first(&self) -> Option<Charge> {
        self.share.get(self.share.first_ticket()?).map(|waiting| waiting.charge)
    }

    /// Whether it is the turn of this one.
    pub(super) fn is_first(&self, ticket: Ticket) -> bool {
        self.share.first_ticket() == Some(ticket)
    }

    /// Waits from now on, behind those of the same rank. `None` for a rank of no tenant of this
    /// queue.
    pub(super) fn join(
        &mut self,
        rank: Rank,
        charge: Charge,
        patience: Option<Moment>,
        waker: &Waker,
    ) -> Option<Ticket> {
        let tenant = *self.tenants.get(rank.tenant)?;
        // What costs nothing could go for ever before all others.
        let cost = charge.tokens.max(Tokens::new(1));
        let job = Job::new(tenant, cost).with_priority(rank.priority);
        let waiting = Waiting { rank, charge, patience, waker: waker.clone() };
        // Without a deadline, no job is refused.
        let ticket = self.share.push(Tick::ZERO, job, waiting).ok()?;
        if let Some(patience) = patience {
            self.patience.insert((patience, ticket));
        }
        let lane = self.lanes.entry(rank).or_default();
        lane.waiting += 1;
        lane.charge = lane.charge.saturating_add(charge);
        Some(ticket)
    }

    /// The holder of this ticket is to be woken in another way.
    pub(super) fn rejoin(&mut self, ticket: Ticket, waker: &Waker) {
        self.called.take_if(|called| *called == ticket);
        if let Some(waiting) = self.share.get_mut(ticket) {
            waiting.waker.clone_from(waker);
        }
    }

    /// The first goes. Its tenant has had its turn, for what it is said to cost.
    pub(super) fn serve(&mut self) -> Option<Job> {
        let ticket = self.share.first_ticket()?;
        let (Turn::Go(job, waiting) | Turn::Late(job, waiting)) = self.share.pop(Tick::ZERO)?;
        self.forget(ticket, &waiting);
        Some(job)
    }

    /// Who went in its turn has cost something else than was said.
    pub(super) fn correct(&mut self, job: Job, actual: Tokens) {
        self.share.correct(job, actual.max(Tokens::new(1)));
    }

    /// The holder of this ticket waits no longer. Says whether others relied on its being woken.
    pub(super) fn leave(&mut self, ticket: Ticket) -> bool {
        let was_first = self.is_first(ticket);
        let had_the_alarm = self.alarm.as_ref().is_some_and(|alarm| alarm.ticket == ticket);
        if let Some(waiting) = self.share.cancel(ticket) {
            self.forget(ticket, &waiting);
        }
        was_first || had_the_alarm
    }

    fn forget(&mut self, ticket: Ticket, waiting: &Waiting) {
        self.alarm.take_if(|alarm| alarm.ticket == ticket);
        self.called.take_if(|called| *called == ticket);
        if let Some(patience) = waiting.patience {
            self.patience.remove(&(patience, ticket));
        }
        if let Some(lane) = self.lanes.get_mut(&waiting.rank) {
            lane.waiting = lane.waiting.saturating_sub(1);
            lane.charge = lane.charge.saturating_sub(waiting.charge);
        }
    }

    /// The waker of the first, whoever that is, unless it is on its way already.
    #[must_use]
    pub(super) fn call_first(&mut self) -> Option<Waker> {
        let ticket = self.share.first_ticket()?;
        if self.called == Some(ticket) {
            return None;
        }
        self.called = Some(ticket);
        Some(self.share.get(ticket)?.waker.clone())
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
        let first = queue.share.first_ticket().map(|ticket| (due, ticket));
        let first = first.filter(|(due, _)| *due < NEVER);
        let soonest = first.into_iter().chain(queue.patience.first().copied()).min();
        let Some((at, ticket)) = soonest else {
            queue.alarm = None;
            return None;
        };
        let waker = queue.share.get(ticket)?.waker.clone();
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
        if self.queue.is_empty() {
            return None;
        }
        let due = self.due(now)?;
        let alarm = self.queue.alarm.as_ref().map_or(NEVER, |set| set.at);
        if due <= now || due < alarm { self.queue.call_first() } else { None }
    }

    /// When to look after the first of those who wait.
    pub(super) fn due(&mut self, now: Moment) -> Option<Moment> {
        Some(match self.line_up(now)? {
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
            .field("waiting", &self.len())
            .field("lanes", &self.lanes)
            .field("alarm", &self.alarm.as_ref().map(|alarm| alarm.at))
            .finish_non_exhaustive()
    }
}
