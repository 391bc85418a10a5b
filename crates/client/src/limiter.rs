//! Drives the policy of the quota algebra with a clock: who may go, in which order, and when.

mod account;
mod acquire;
mod dial;
mod gate;
mod held;
mod key;
mod queue;
mod snapshot;
mod tenants;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Weak};
use std::task::Waker;

use codec::ModelRef;
use quota::{Charge, Quotas, Tick, Tokens};
use transport::rt::{Clock, Moment, Timer};

pub(crate) use self::account::Account;
use self::account::Member;
use self::acquire::Acquire;
use self::dial::Dial;
pub(crate) use self::held::Held;
use self::key::QuotaKey;
pub(crate) use self::key::Stated;
use self::queue::Queue;
pub use self::snapshot::{QuotaSnapshot, TenantSnapshot, Throttles};
pub(crate) use self::tenants::{Rank, Tenants};
use crate::error::{Error, ErrorKind};
use crate::options::{Admission, Options};
use crate::sync::{Mutex, MutexGuard, PoisonError};

/// The limiters of a client, one for each quota that it has drawn from.
#[derive(Debug)]
pub(crate) struct Limiters {
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    stated: Stated,
    by_key: HashMap<QuotaKey, Quotas>,
    tenants: Arc<Tenants>,
    account: Option<Arc<Account>>,
    made: Mutex<HashMap<QuotaKey, Arc<Limiter>>>,
}

/// What calls to an address draw from.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// The model whose quota it is.
    pub(crate) model: &'a ModelRef,
    pub(crate) quotas: &'a Quotas,
    /// `None`, if nothing is limited.
    pub(crate) limiter: Option<Arc<Limiter>>,
}

impl Limiters {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        timer: Arc<dyn Timer>,
        stated: Stated,
        tenants: Tenants,
        account: Option<quota::Limits>,
    ) -> Self {
        let account = account.map(|limits| Arc::new(Account::new(limits)));
        let (by_key, tenants) = (stated.by_key(), Arc::new(tenants));
        Self { clock, timer, stated, by_key, tenants, account, made: Mutex::default() }
    }

    /// Where such calls stand in every queue.
    pub(crate) fn rank(&self, options: &Options) -> Result<Rank, Error> {
        let name = options.tenant.as_deref();
        self.tenants.rank(name, options.priority).ok_or_else(|| {
            let name = name.unwrap_or_default();
            let message = format!("no tenant is named `{name}`: name it with Builder::tenant");
            Error::new(ErrorKind::Config, message)
        })
    }

    /// What calls to this address draw from.
    pub(crate) fn source<'a>(&'a self, model: &'a ModelRef) -> Source<'a> {
        let model = self.stated.payers.get(model.address()).unwrap_or(model);
        let key = QuotaKey::of(model);
        let quotas = self.by_key.get(&key).unwrap_or(&self.stated.default);
        let account = self.account.as_ref().filter(|_| key.is_on_demand());
        let is_limited = !quotas.is_unlimited() || account.is_some();
        let limiter = is_limited.then(|| self.limiter(key, quotas, account));
        Source { model, quotas, limiter }
    }

    fn limiter(
        &self,
        key: QuotaKey,
        quotas: &Quotas,
        account: Option<&Arc<Account>>,
    ) -> Arc<Limiter> {
        let limiter = || {
            let (clock, timer) = (Arc::clone(&self.clock), Arc::clone(&self.timer));
            let admission = |now| quota::Admission::new(now, quotas);
            let limiter = Limiter::new(clock, timer, Arc::clone(&self.tenants), admission);
            match account {
                Some(account) => limiter.within(account),
                None => Arc::new(limiter),
            }
        };
        Arc::clone(lock(&self.made).entry(key).or_insert_with(limiter))
    }

    pub(crate) fn snapshot(&self, model: &ModelRef) -> Option<QuotaSnapshot> {
        self.source(model).limiter.map(|limiter| limiter.snapshot())
    }
}

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
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
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
