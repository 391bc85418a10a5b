//! The quotas of models: a list of timed charges against each limit, or the level of a bucket.
//!
//! It is written out rather than clever, on purpose: the quota algebra of Outcrop is tested
//! against it. Each model has an account for each scope in which it is called.

mod account;
mod burndown;
mod window;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

pub(crate) use self::account::Cause;
use self::account::{Account, Held, Totals};
use crate::clock;
use crate::error::Refusal;
use crate::quotas::{Limits, Quotas, Scope};

/// The accounts of all models, shared by all calls.
#[derive(Debug, Clone)]
pub(crate) struct Ledger(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    quotas: Quotas,
    /// The moment from which times are counted, and how long after a UTC midnight it was.
    origin: Instant,
    since_midnight: Duration,
    accounts: Mutex<Accounts>,
}

#[derive(Debug, Default)]
struct Accounts {
    by_key: HashMap<(Scope, String), Account>,
    /// What was counted of accounts that were forgotten.
    forgotten: Totals,
    /// How often they were reset: a call that was admitted before is not settled after.
    resets: u64,
    /// The latest time that was seen. Calls read the clock before they wait for each other, so that
    /// the times that they bring may go back.
    latest: Duration,
}

/// The charge of one call: what it holds while it runs, settled when it is dropped.
#[derive(Debug)]
pub(crate) struct Charge {
    ledger: Ledger,
    key: (Scope, String),
    held: Held,
    resets: u64,
    input: u64,
    said: u64,
    burndown: u64,
}

impl Ledger {
    pub(crate) fn new(quotas: Quotas) -> Self {
        let since_midnight = clock::since_midnight();
        let accounts = Mutex::default();
        Self(Arc::new(Inner { quotas, origin: clock::now(), since_midnight, accounts }))
    }

    /// Admits a call at `now`, of the model at `address` whose `name` has no region prefix. It holds
    /// its input and its output limit, or is throttled. A refused call costs nothing.
    pub(crate) fn admit(
        &self,
        now: Instant,
        address: &str,
        name: &str,
        input: u64,
        max_tokens: u64,
    ) -> Result<Charge, Refusal> {
        let key = Scope::account(address);
        let mut accounts = self.accounts();
        let now = accounts.advance(self.time(now));
        let account = accounts.of(&key, || {
            let limits = self.0.quotas.of(key.0, &key.1);
            Account::new(limits, self.0.quotas.refill)
        });
        let held = account.admit(now, input.saturating_add(max_tokens))?;
        let resets = accounts.resets;
        drop(accounts);
        let burndown = burndown::rate(name);
        Ok(Charge { ledger: self.clone(), key, held, resets, input, said: 0, burndown })
    }

    /// Charges a call at `now` to the provisioned throughput of this ARN. What that can take is not
    /// public, so that nothing throttles it, and it has no burndown rate.
    pub(crate) fn admit_provisioned(
        &self,
        now: Instant,
        arn: &str,
        input: u64,
        max_tokens: u64,
    ) -> Charge {
        let key = (Scope::Provisioned, arn.to_owned());
        let mut accounts = self.accounts();
        let now = accounts.advance(self.time(now));
        let new = || Account::new(Limits::default(), self.0.quotas.refill);
        let account = accounts.of(&key, new);
        let held = account.charge(now, input.saturating_add(max_tokens));
        let resets = accounts.resets;
        drop(accounts);
        Charge { ledger: self.clone(), key, held, resets, input, said: 0, burndown: 1 }
    }

    /// Whether a streamed call is throttled inside its stream.
    pub(crate) fn throttles_in_stream(&self) -> bool {
        self.0.quotas.in_stream
    }

    /// Forgets every charge and every count. Calls in work are forgotten too.
    pub(crate) fn reset(&self) {
        let mut accounts = self.accounts();
        accounts.by_key.clear();
        accounts.forgotten = Totals::default();
        accounts.resets += 1;
    }

    /// What was admitted, throttled, held and settled: in all, and for each model and scope.
    pub(crate) fn metrics(&self, now: Instant) -> Value {
        let mut accounts = self.accounts();
        let now = accounts.advance(self.time(now));
        let mut totals = accounts.forgotten;
        let mut models: Vec<(&(Scope, String), Value)> = accounts
            .by_key
            .iter_mut()
            .map(|(key, account)| {
                totals.add(account.totals());
                let mut value = account.report(now);
                crate::wire::set(&mut value, "model", key.1.as_str());
                crate::wire::set(&mut value, "scope", key.0.as_str());
                (key, value)
            })
            .collect();
        models.sort_by(|(a, _), (b, _)| (&a.1, a.0).cmp(&(&b.1, b.0)));
        let models: Vec<Value> = models.into_iter().map(|(_, value)| value).collect();
        let mut metrics = totals.to_json();
        crate::wire::set(&mut metrics, "models", json!(models));
        metrics
    }

    fn time(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.0.origin).saturating_add(self.0.since_midnight)
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.0.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Accounts {
    /// The time at which something happens, which is never before what happened last.
    fn advance(&mut self, now: Duration) -> Duration {
        self.latest = self.latest.max(now);
        self.latest
    }

    /// The account under a key, which is made where there is none.
    fn of(&mut self, key: &(Scope, String), new: impl FnOnce() -> Account) -> &mut Account {
        if self.by_key.len() >= MOST && !self.by_key.contains_key(key) {
            self.make_room();
        }
        self.by_key.entry(key.clone()).or_insert_with(new)
    }

    /// Forgets the accounts of ARNs with no call in work. Any ARN of an account's own is taken to
    /// exist, so that there is no end of them.
    fn make_room(&mut self) {
        let forgotten = &mut self.forgotten;
        self.by_key.retain(|(scope, _), account| {
            let stays = *scope != Scope::Own || account.totals().in_flight() > 0;
            if !stays {
                forgotten.add(account.totals());
            }
            stays
        });
    }
}

impl Charge {
    /// Notes how many tokens the model has said so far.
    pub(crate) const fn said(&mut self, tokens: u64) {
        self.said = tokens;
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        let used = self.input.saturating_add(self.said.saturating_mul(self.burndown));
        let now = self.ledger.time(clock::now());
        let mut accounts = self.ledger.accounts();
        if accounts.resets != self.resets {
            return;
        }
        let now = accounts.advance(now);
        if let Some(account) = accounts.by_key.get_mut(&self.key) {
            account.settle(now, &self.held, used);
        }
    }
}

/// Beyond so many accounts those of ARNs are forgotten, so that memory does not grow.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests;
