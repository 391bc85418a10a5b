//! Drives the policy of the quota algebra with a clock: who may go, in which order, and when.

mod account;
mod acquire;
mod dial;
mod gate;
mod held;
mod queue;
mod snapshot;
mod tenants;

use std::fmt;
use std::sync::{Arc, Weak};
use std::task::Waker;

use quota::{Charge, Tick, Tokens};
use transport::rt::{Clock, Moment, Timer};

pub(crate) use self::account::Account;
use self::account::Member;
use self::acquire::Acquire;
use self::dial::Dial;
pub(crate) use self::held::Held;
use self::queue::Queue;
pub use self::snapshot::{QuotaSnapshot, TenantSnapshot, Throttles};
pub(crate) use self::tenants::{Rank, Tenants};
use crate::options::Admission;
use crate::sync::{Mutex, MutexGuard, PoisonError};

/// The admission to one quota, and those who wait for it: tenants by their weight, a tenant's calls
/// by their priority, and else first come first served.
///
/// There is one lock, held for a few sums at a time, and one timer, which is set for whoever is due
/// next. Whoever leaves the queue wakes or sets the timer for the next one, so that each admission
/// wakes one waiter, however many there are.
pub(crate) struct Limiter {
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    tenants: Arc<Tenants>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    admission: quota::Admission,
    /// The place at the account, if it has limits around those of the model.
    member: Option<Member>,
    queue: Queue,
    dial: Dial,
}

impl Limiter {
    /// A limiter under the policy that is made for the present, which these tenants share.
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        timer: Arc<dyn Timer>,
        tenants: Arc<Tenants>,
        admission: impl FnOnce(Tick) -> quota::Admission,
    ) -> Self {
        let dial = Dial::new(&*clock);
        let admission = admission(dial.tick(clock.now()));
        let state = State { admission, member: None, queue: Queue::new(&tenants), dial };
        Self { clock, timer, tenants, state: Mutex::new(state) }
    }

    /// This limiter within the limits of an account.
    pub(crate) fn within(self, account: &Arc<Account>) -> Arc<Self> {
        Arc::new_cyclic(|me| {
            lock(&self.state).member = Some(account.join(Weak::clone(me)));
            self
        })
    }

    /// Waits, as `admission` allows, until `charge` fits, and holds it.
    ///
    /// Cancel safe: a caller that gives up leaves the queue and holds nothing.
    pub(crate) fn acquire(
        self: &Arc<Self>,
        charge: Charge,
        admission: Admission,
        deadline: Option<Moment>,
    ) -> Acquire {
        let patience = match admission {
            Admission::Wait => deadline,
            Admission::FailFast => Some(self.clock.now()),
            Admission::Within(span) => {
                let own = self.clock.now().after(span);
                Some(deadline.map_or(own, |deadline| deadline.min(own)))
            }
        };
        Acquire::new(Arc::clone(self), charge, patience)
    }

    /// The tokens that a text of so many bytes will hardly exceed.
    pub(crate) fn estimate(&self, bytes: u64) -> Tokens {
        lock(&self.state).admission.estimate(bytes)
    }

    /// The service has counted so many tokens in so many bytes.
    pub(crate) fn learn(&self, bytes: u64, tokens: Tokens) {
        lock(&self.state).admission.learn(bytes, tokens);
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("state", &*lock(&self.state)).finish_non_exhaustive()
    }
}

/// The lock's contents. A panic while it was held cannot have left them half changed, since the
/// algebra under it does not panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Unlocks a limiter, wakes whoever is to be woken, and then looks after the model that the account's
/// line is waiting for: what was done may be its chance.
fn release(state: MutexGuard<'_, State>, now: Moment, next: Option<Waker>) {
    let in_line = state.next_in_line();
    drop(state);
    if let Some(next) = next {
        next.wake();
    }
    if let Some(in_line) = in_line {
        in_line.look_after(now);
    }
}

#[cfg(test)]
mod tests;
