//! How many retries a client may afford: a budget that failures drain and successes restore.

/// A budget of retries shared by many calls, so that retries cannot multiply the load on a service
/// that is already failing.
///
/// It holds [`CAPACITY`](Self::CAPACITY) points and starts full. A retry costs
/// [points](RetryCause::cost) by its cause. A call that succeeds after retries gives back what its
/// last retry cost; one that succeeds at once gives back one point; one that fails gives back
/// nothing. These are the rules and the numbers of retry 2.1 of the AWS SDKs, their default since
/// 2026-11-10; in retry 2.0 any retry cost 5, and one after a time-out 10.
///
/// # Examples
///
/// ```
/// use outcrop_quota::{RetryBudget, RetryCause};
///
/// let mut budget = RetryBudget::new();
/// let permit = budget.acquire(RetryCause::Throttled);
/// assert_eq!(budget.available(), 495);
/// budget.succeed(permit);
/// assert_eq!(budget.available(), 500);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryBudget {
    available: u32,
}

impl RetryBudget {
    /// The points in a full budget: 100 retries after throttles or 35 after other failures.
    pub const CAPACITY: u32 = 500;

    /// A full budget.
    pub const fn new() -> Self {
        Self { available: Self::CAPACITY }
    }

    /// The points that are left.
    pub const fn available(&self) -> u32 {
        self.available
    }

    /// Pays for one retry; `None` if the budget is too low, and then the call must not be retried.
    ///
    /// Keep the permit of the latest retry of a call and drop the earlier ones.
    pub fn acquire(&mut self, cause: RetryCause) -> Option<Permit> {
        let cost = cause.cost();
        self.available = self.available.checked_sub(cost)?;
        Some(Permit { cost })
    }

    /// Records that a call succeeded, with the permit of its latest retry if it had any.
    pub fn succeed(&mut self, permit: Option<Permit>) {
        let back = permit.map_or(FIRST_ATTEMPT_REWARD, |permit| permit.cost);
        self.available = self.available.saturating_add(back).min(Self::CAPACITY);
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new()
    }
}

/// Leave to retry once. It is given back with [`RetryBudget::succeed`] or, after a failure, dropped.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the permit of a retry that succeeds is given back to the budget"]
pub struct Permit {
    cost: u32,
}

/// Why a call is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryCause {
    /// The service asked for fewer requests or tokens.
    Throttled,
    /// A failure that may pass: a time-out, a lost connection, an error of the service.
    Transient,
}

impl RetryCause {
    /// The points that a retry costs: 5 after a throttle, 14 otherwise.
    pub const fn cost(self) -> u32 {
        match self {
            Self::Throttled => 5,
            Self::Transient => 14,
        }
    }
}

const FIRST_ATTEMPT_REWARD: u32 = 1;
