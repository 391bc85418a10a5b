//! Whether to try again, and after which pause: one policy for every mode.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quota::{Permit, RetryBudget, RetryCause};
use transport::rt::Moment;

use crate::client::Shared;
use crate::error::{Error, Retry};
use crate::options::RetryPolicy;

/// The budget that all calls of a client draw their retries from, so that a service in trouble is
/// not met with a storm.
#[derive(Debug, Default)]
pub(crate) struct Retries(Mutex<RetryBudget>);

impl Retries {
    fn budget(&self) -> MutexGuard<'_, RetryBudget> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The attempts of one call.
#[derive(Debug)]
pub(crate) struct Attempts {
    policy: RetryPolicy,
    began: Moment,
    deadline: Option<Moment>,
    made: u32,
    /// What the latest retry cost, to be given back when it succeeds.
    paid: Option<Permit>,
}

impl Attempts {
    pub(crate) fn new(policy: RetryPolicy, began: Moment, deadline: Option<Moment>) -> Self {
        Self { policy, began, deadline, made: 0, paid: None }
    }

    /// The latest moment at which the attempt at hand may be sent: waiting for the quota takes none
    /// past the deadline, and no further attempt past the time that the policy gives.
    pub(crate) fn latest(&self) -> Option<Moment> {
        if self.made <= 1 {
            return self.deadline;
        }
        let end = self.began.after(self.policy.within);
        Some(self.deadline.map_or(end, |deadline| deadline.min(end)))
    }

    /// Attempts begun so far.
    pub(crate) fn made(&self) -> u32 {
        self.made
    }

    pub(crate) fn begin(&mut self) {
        self.made += 1;
    }

    pub(crate) fn succeeded(&mut self, shared: &Shared) {
        shared.retries.budget().succeed(self.paid.take());
    }

    /// Waits for the right moment to try again, or gives the error back.
    pub(crate) async fn again(&mut self, shared: &Shared, error: Error) -> Result<(), Error> {
        let now = shared.clock.now();
        let Some(pause) = pause(&self.policy, self.made, error.retry(), shared.entropy.draw())
        else {
            return Err(error);
        };
        let at = now.after(pause);
        let too_late = at.since(self.began) >= self.policy.within
            || self.deadline.is_some_and(|deadline| at >= deadline);
        if too_late {
            return Err(error);
        }
        let cause = match error.retry() {
            Retry::Throttled { .. } => RetryCause::Throttled,
            _ => RetryCause::Transient,
        };
        match shared.retries.budget().acquire(cause) {
            Some(permit) => self.paid = Some(permit),
            None => return Err(error),
        }
        tracing::debug!(attempt = self.made, ?pause, kind = ?error.kind(), "trying again");
        shared.timer.sleep_until(at).await;
        Ok(())
    }
}

/// The pause after `made` attempts, the last of which failed with this advice; `None`: no more.
fn pause(policy: &RetryPolicy, made: u32, advice: Retry, draw: u64) -> Option<Duration> {
    if made >= policy.attempts.get() {
        return None;
    }
    policy.pause(made.saturating_sub(1), advice, draw)
}
