//! Limits per minute, kept by a plain list of timed charges.
//!
//! It is written out rather than clever, on purpose: the quota algebra of Outcrop is tested
//! against it. Each model id has a list of its own, and a charge counts for a minute.

mod burndown;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Kind, Refusal};

/// The charges of all models, shared by all calls.
#[derive(Debug, Clone)]
pub(crate) struct Ledger(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    requests_per_minute: Option<u64>,
    tokens_per_minute: Option<u64>,
    charges: Mutex<Charges>,
}

#[derive(Debug, Default)]
struct Charges {
    by_model: HashMap<String, Vec<Entry>>,
    taken: u64,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    at: Instant,
    tokens: u64,
}

/// The charge of one call: what it holds while it runs, settled when it is dropped.
#[derive(Debug)]
pub(crate) struct Charge {
    ledger: Ledger,
    model: String,
    number: u64,
    input: u64,
    said: u64,
    burndown: u64,
}

impl Ledger {
    pub(crate) fn new(requests_per_minute: Option<u64>, tokens_per_minute: Option<u64>) -> Self {
        let charges = Mutex::default();
        Self(Arc::new(Inner { requests_per_minute, tokens_per_minute, charges }))
    }

    /// Admits a call at `now` that holds its input and its output limit, or throttles it.
    pub(crate) fn admit(
        &self,
        now: Instant,
        address: &str,
        name: &str,
        input: u64,
        max_tokens: u64,
    ) -> Result<Charge, Refusal> {
        let tokens = input.saturating_add(max_tokens);
        let mut charges = self.charges();
        charges.taken += 1;
        let number = charges.taken;
        let entries = charges.by_model.entry(address.into()).or_default();
        entries.retain(|entry| now.saturating_duration_since(entry.at) < MINUTE);
        let requests = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        if self.0.requests_per_minute.is_some_and(|limit| requests >= limit) {
            return Err(Refusal::new(Kind::Throttling, TOO_MANY_REQUESTS));
        }
        let held = entries.iter().fold(tokens, |sum, entry| sum.saturating_add(entry.tokens));
        if self.0.tokens_per_minute.is_some_and(|limit| held > limit) {
            return Err(Refusal::new(Kind::Throttling, TOO_MANY_TOKENS));
        }
        if self.0.requests_per_minute.is_some() || self.0.tokens_per_minute.is_some() {
            entries.push(Entry { number, at: now, tokens });
        }
        drop(charges);
        Ok(Charge {
            ledger: self.clone(),
            model: address.into(),
            number,
            input,
            said: 0,
            burndown: burndown::rate(name),
        })
    }

    fn charges(&self) -> MutexGuard<'_, Charges> {
        self.0.charges.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut charges = self.ledger.charges();
        let entries = charges.by_model.get_mut(&self.model);
        // A call of more than a minute is no longer on the list.
        let entry = entries.and_then(|list| list.iter_mut().find(|e| e.number == self.number));
        if let Some(entry) = entry {
            entry.tokens = used;
        }
    }
}

const MINUTE: Duration = Duration::from_secs(60);
const TOO_MANY_REQUESTS: &str = "Too many requests, please wait before trying again.";
const TOO_MANY_TOKENS: &str = "Too many tokens, please wait before trying again.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    const MODEL: &str = "amazon.nova-lite-v1:0";

    fn message(result: Result<Charge, Refusal>) -> String {
        result.map_or_else(|refusal| refusal.message, |_| "admitted".into())
    }

    #[test]
    fn requests_beyond_the_limit_wait_until_a_minute_after_the_first() {
        let ledger = Ledger::new(Some(2), None);
        let start = clock::now();
        let admit = |at| message(ledger.admit(start + Duration::from_secs(at), MODEL, MODEL, 1, 1));
        assert_eq!([admit(0), admit(30)], ["admitted", "admitted"]);
        assert_eq!(admit(59), TOO_MANY_REQUESTS);
        assert_eq!(admit(60), "admitted");
        assert_eq!(admit(61), TOO_MANY_REQUESTS);
    }

    #[test]
    fn a_call_holds_its_limit_and_settles_to_what_it_said() {
        let ledger = Ledger::new(None, Some(1000));
        let now = clock::now();
        let mut first = ledger.admit(now, MODEL, MODEL, 100, 800).unwrap();
        assert_eq!(message(ledger.admit(now, MODEL, MODEL, 100, 100)), TOO_MANY_TOKENS);
        first.said(50);
        drop(first);
        // 150 are charged, so 850 fit and 851 do not.
        assert_eq!(message(ledger.admit(now, MODEL, MODEL, 1, 850)), TOO_MANY_TOKENS);
        assert_eq!(message(ledger.admit(now, MODEL, MODEL, 0, 850)), "admitted");
    }

    #[test]
    fn output_is_settled_at_the_model_s_burndown_rate() {
        let model = "anthropic.claude-sonnet-4-5-20250929-v1:0";
        let ledger = Ledger::new(None, Some(1000));
        let now = clock::now();
        let mut charge = ledger.admit(now, model, model, 100, 200).unwrap();
        charge.said(100);
        drop(charge);
        assert_eq!(message(ledger.admit(now, model, model, 0, 401)), TOO_MANY_TOKENS);
        assert_eq!(message(ledger.admit(now, model, model, 0, 400)), "admitted");
    }

    #[test]
    fn models_are_limited_apart_and_refused_calls_cost_nothing() {
        let ledger = Ledger::new(Some(1), None);
        let now = clock::now();
        assert_eq!(message(ledger.admit(now, "a.a", "a.a", 1, 1)), "admitted");
        assert_eq!(message(ledger.admit(now, "us.a.a", "a.a", 1, 1)), "admitted");
        assert_eq!(message(ledger.admit(now, "a.a", "a.a", 1, 1)), TOO_MANY_REQUESTS);
        let later = now + MINUTE;
        assert_eq!(message(ledger.admit(later, "a.a", "a.a", 1, 1)), "admitted");
    }
}
