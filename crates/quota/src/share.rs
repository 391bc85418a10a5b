//! Who is next: tenants by their weight, a tenant's jobs by their priority, nobody never.

mod fair;
mod lane;

use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use crate::{Rate, Span, Tick, Tokens};

use fair::Fair;
use lane::{Entry, Lane};

/// Queues jobs of several tenants and hands them out fairly by what they cost.
///
/// While tenants have jobs waiting, each is served tokens in proportion to its weight. Within a
/// tenant, the three [priorities](Priority) are served in proportion to theirs, and jobs of one
/// priority in the order in which they came. So a high priority is faster, but nothing waits for
/// ever. Idleness earns no credit.
///
/// A share decides the order and not the time: ask the [`Ledger`](crate::Ledger) for the
/// [first](Self::first) job, and [pop](Self::pop) it once it is admitted. To let a small job pass a
/// large one that has to wait would starve the large one.
///
/// # How fair
///
/// Take two tenants `f` and `g` of weights `w`, and any time in which both always have jobs waiting.
/// If they are served `W` tokens in it, and no job of theirs costs more than `c`, then
///
/// `|W(f)/w(f) − W(g)/w(g)| ≤ c(f)/w(f) + c(g)/w(g)`.
///
/// Proof: every job starts at a tag. A tenant's next job starts where its latest ended, a job of
/// cost `x` ends `x/w` after its start, and the lowest tag is served first. Let `v` be the tag that
/// was last served. No waiting job starts before `v`, or it would have gone first. Nor does the next
/// job of a tenant start after `v + c/w`: it starts either where the clock `v` stood when the tenant
/// came back, or `x/w ≤ c/w` after its previous job, which was served at or before `v`. So, while
/// `v` moves from one value to another, the tag of `f`, which moves by `W(f)/w(f)`, moves as far to
/// within `c(f)/w(f)`; and so does that of `g`. ∎
///
/// From the same two facts: until the next job of `f` is served, any other tenant `g` is served at
/// most `w(g)·c(f)/w(f) + c(g)` tokens. So nobody starves.
///
/// Where jobs are [corrected](Self::correct) later, `W` and `c` are what they cost in the end. Let `e`
/// be the most by which the jobs of a tenant that are served and not yet corrected ever miss their
/// costs, added up. Then the first bound holds with `c + 2·e` for `c`, from the time on at which both came
/// back, if none of their jobs was yet to be corrected then.
///
/// Proof: a tag is within `e/w` of where it would be if those jobs were corrected now. Call that the
/// true tag: it moves by what jobs cost in the end, and by nothing else. Whenever `f` is served, its
/// tag is no higher than that of `g`, so that after it the true tag is at most
/// `(c(f) + e(f))/w(f) + e(g)/w(g)` higher, and until `f` is served again only that of `g` rises. The
/// same holds the other way round, and over any time the two bounds add up. ∎
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU32;
/// use outcrop_quota::{Job, Rate, Share, Tick, Tokens, Turn};
///
/// let tpm = 60_000.try_into().unwrap();
/// let mut share = Share::new(Rate::per_minute(tpm), tpm);
/// let [three, one] = [3, 1].map(|weight| share.add_tenant(NonZeroU32::new(weight).unwrap()));
/// for _ in 0..100 {
///     for tenant in [three, one] {
///         share.push(Tick::ZERO, Job::new(tenant, Tokens::new(1_000)), ()).unwrap();
///     }
/// }
/// let turns = (0..40).filter(|_| match share.pop(Tick::ZERO) {
///     Some(Turn::Go(job, ())) => job.tenant == three,
///     _ => false,
/// });
/// assert_eq!(turns.count(), 30);
/// ```
#[derive(Clone, Debug)]
pub struct Share<T> {
    /// The rate and the burst, if they are known.
    limit: Option<(Rate, NonZeroU64)>,
    tenants: Fair,
    /// In the order of their numbers.
    queues: Vec<Queue<T>>,
    waiting: usize,
    next_number: u64,
}

impl<T> Share<T> {
    /// An empty queue before a limit of tokens with this rate and burst.
    pub const fn new(rate: Rate, burst: NonZeroU64) -> Self {
        Self::before(Some((rate, burst)))
    }

    /// An empty queue that knows no limit: it says who is next, and refuses no deadline.
    pub const fn of_order() -> Self {
        Self::before(None)
    }

    const fn before(limit: Option<(Rate, NonZeroU64)>) -> Self {
        Self { limit, tenants: Fair::EMPTY, queues: Vec::new(), waiting: 0, next_number: 0 }
    }

    /// Makes room for one more tenant.
    pub fn add_tenant(&mut self, weight: NonZeroU32) -> Tenant {
        self.queues.push(Queue::new());
        Tenant(self.tenants.add(weight))
    }

    /// The rate that this tenant is served at least while it has jobs waiting, whatever the others
    /// do. These parts never sum above the whole. `None` if there is no such tenant, or no known
    /// limit.
    pub fn part_of(&self, tenant: Tenant) -> Option<Rate> {
        let weight = self.tenants.weight(tenant.0)?;
        let (rate, _) = self.limit?;
        Some(rate.times(weight.get().into(), self.tenants.weights()))
    }

    /// How many jobs wait.
    pub const fn len(&self) -> usize {
        self.waiting
    }

    /// Whether none do.
    pub const fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Queues a job, or refuses it at once if it cannot finish by its deadline.
    ///
    /// It cannot if it would be late even with the whole limit, full as it may be at most, to its
    /// tenant's jobs of its priority: those before it have to go first, and all have to cost what
    /// they say. A job of an unknown tenant is refused, too.
    ///
    /// # Errors
    ///
    /// [`Refused`] gives the item back, with the tick at which it could have finished.
    pub fn push(&mut self, now: Tick, job: Job, item: T) -> Result<Ticket, Refused<T>> {
        let Some(queue) = self.queues.get_mut(job.tenant.0) else {
            return Err(Refused { item, earliest: Tick::MAX });
        };
        if let (Some(deadline), Some((rate, burst))) = (job.deadline, self.limit) {
            let cost = queue.cost(job.priority).saturating_add(job.cost.get().into());
            let short = cost.saturating_sub(burst.get().into());
            let short = u64::try_from(short).unwrap_or(u64::MAX);
            let earliest = now.after(rate.time_for(short)).after(job.takes);
            if deadline < earliest {
                return Err(Refused { item, earliest });
            }
        }
        let number = self.next_number;
        self.next_number += 1;
        self.waiting += 1;
        queue.push(number, job, item);
        self.tenants.wake(job.tenant.0);
        Ok(Ticket { tenant: job.tenant, priority: job.priority, number })
    }

    /// The job whose turn it is.
    pub fn first(&self) -> Option<&Job> {
        self.queues.get(self.tenants.first()?)?.first().map(|entry| &entry.job)
    }

    /// Names the job whose turn it is.
    pub fn first_ticket(&self) -> Option<Ticket> {
        let number = self.tenants.first()?;
        let (priority, entry) = self.queues.get(number)?.first_of()?;
        Some(Ticket { tenant: Tenant(number), priority, number: entry })
    }

    /// What was queued with a job that waits. `None` if it waits no longer.
    pub fn get(&self, ticket: Ticket) -> Option<&T> {
        let lane = self.queues.get(ticket.tenant.0)?.lanes.get(ticket.priority.index())?;
        lane.get(ticket.number)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, ticket: Ticket) -> Option<&mut T> {
        let queue = self.queues.get_mut(ticket.tenant.0)?;
        queue.lanes.get_mut(ticket.priority.index())?.get_mut(ticket.number)
    }

    /// Takes the job whose turn it is. One that can no longer finish by its deadline is handed out
    /// as late, and counts as nothing.
    pub fn pop(&mut self, now: Tick) -> Option<Turn<T>> {
        let tenant = self.tenants.first()?;
        let queue = self.queues.get_mut(tenant)?;
        let is_late = queue.first()?.job.is_late(now);
        let Entry { job, item, .. } = queue.pop(is_late)?;
        let cost = if is_late { 0 } else { job.cost.get() };
        self.tenants.serve(tenant, cost, queue.first().is_some());
        self.waiting -= 1;
        Some(if is_late { Turn::Late(job, item) } else { Turn::Go(job, item) })
    }

    /// Takes back a job that waits. `None` if it waits no longer.
    pub fn cancel(&mut self, ticket: Ticket) -> Option<T> {
        let queue = self.queues.get_mut(ticket.tenant.0)?;
        let item = queue.cancel(ticket)?;
        if queue.first().is_none() {
            self.tenants.rest(ticket.tenant.0);
        }
        self.waiting -= 1;
        Some(item)
    }

    /// A job that was popped has cost something else than it said: its tenant and its priority are
    /// served so much less, or more, from now on.
    pub fn correct(&mut self, job: Job, actual: Tokens) {
        let (said, actual) = (job.cost.get(), actual.get());
        self.tenants.correct(job.tenant.0, said, actual);
        if let Some(queue) = self.queues.get_mut(job.tenant.0) {
            queue.priorities.correct(job.priority.index(), said, actual);
        }
    }
}

/// One of those who share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(usize);

/// What is known of a job before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Job {
    /// Whose it is.
    pub tenant: Tenant,
    /// How it ranks among the jobs of its tenant. Default: normal.
    pub priority: Priority,
    /// What it costs, as far as is known.
    pub cost: Tokens,
    /// When it has to be finished. Default: no matter when.
    pub deadline: Option<Tick>,
    /// How long it takes from its admission to its end, at the least. Default: no time.
    pub takes: Span,
}

impl Job {
    /// A job of normal priority without a deadline.
    pub const fn new(tenant: Tenant, cost: Tokens) -> Self {
        Self { tenant, priority: Priority::Normal, cost, deadline: None, takes: Span::ZERO }
    }

    /// The job with this priority.
    #[must_use]
    pub const fn with_priority(self, priority: Priority) -> Self {
        Self { priority, ..self }
    }

    /// The job with a deadline for its end, which comes at least `takes` after its admission.
    #[must_use]
    pub const fn with_deadline(self, deadline: Tick, takes: Span) -> Self {
        Self { deadline: Some(deadline), takes, ..self }
    }

    /// Whether it would miss its deadline even if it were admitted now.
    pub fn is_late(&self, now: Tick) -> bool {
        self.deadline.is_some_and(|deadline| deadline < now.after(self.takes))
    }
}

/// How much of its tenant's part a job gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Priority {
    /// 1 of 21, if there are others.
    Low,
    /// 4 of 21, if there are others.
    #[default]
    Normal,
    /// 16 of 21, if there are others.
    High,
}

impl Priority {
    const ALL: [Self; 3] = [Self::Low, Self::Normal, Self::High];

    /// What jobs of this priority are served in proportion to.
    pub const fn weight(self) -> NonZeroU32 {
        const NORMAL: NonZeroU32 = NonZeroU32::new(4).unwrap();
        const HIGH: NonZeroU32 = NonZeroU32::new(16).unwrap();
        match self {
            Self::Low => NonZeroU32::MIN,
            Self::Normal => NORMAL,
            Self::High => HIGH,
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Low => 0,
            Self::Normal => 1,
            Self::High => 2,
        }
    }
}

/// Names a waiting job, so that it can be found and cancelled. Tickets have an order, but no meaning
/// in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket {
    tenant: Tenant,
    priority: Priority,
    number: u64,
}

/// What comes out of a [`Share`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a job is in time or it is not")]
pub enum Turn<T> {
    /// It is this job's turn.
    Go(Job, T),
    /// It was this job's turn, but it can no longer finish in time.
    Late(Job, T),
}

/// A job that was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused<T> {
    /// What was to be queued.
    pub item: T,
    /// When it could have finished, at the earliest; [`Tick::MAX`] if its tenant is unknown.
    pub earliest: Tick,
}

/// The jobs of one tenant.
#[derive(Clone, Debug)]
struct Queue<T> {
    priorities: Fair,
    /// In the order of [`Priority::ALL`].
    lanes: [Lane<T>; 3],
}

impl<T> Queue<T> {
    fn new() -> Self {
        let mut priorities = Fair::EMPTY;
        for priority in Priority::ALL {
            priorities.add(priority.weight());
        }
        Self { priorities, lanes: [const { Lane::EMPTY }; 3] }
    }

    fn push(&mut self, number: u64, job: Job, item: T) {
        let index = job.priority.index();
        if let Some(lane) = self.lanes.get_mut(index) {
            lane.push(number, Entry { job, item });
            self.priorities.wake(index);
        }
    }

    /// What all waiting jobs of this priority cost.
    fn cost(&self, priority: Priority) -> u128 {
        self.lanes.get(priority.index()).map_or(0, Lane::cost)
    }

    fn first(&self) -> Option<&Entry<T>> {
        self.lanes.get(self.priorities.first()?)?.first().map(|(_, entry)| entry)
    }

    /// The priority and the number of the first.
    fn first_of(&self) -> Option<(Priority, u64)> {
        let index = self.priorities.first()?;
        let (number, _) = self.lanes.get(index)?.first()?;
        Some((*Priority::ALL.get(index)?, number))
    }

    fn pop(&mut self, is_free: bool) -> Option<Entry<T>> {
        let index = self.priorities.first()?;
        let lane = self.lanes.get_mut(index)?;
        let entry = lane.pop()?;
        let cost = if is_free { 0 } else { entry.job.cost.get() };
        self.priorities.serve(index, cost, !lane.is_empty());
        Some(entry)
    }

    fn cancel(&mut self, ticket: Ticket) -> Option<T> {
        let index = ticket.priority.index();
        let lane = self.lanes.get_mut(index)?;
        let entry = lane.remove(ticket.number)?;
        if lane.is_empty() {
            self.priorities.rest(index);
        }
        Some(entry.item)
    }
}
