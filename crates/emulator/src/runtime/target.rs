//! Which model a call runs, and which account it is charged to.

use tokio::time::Instant;

use crate::error::Refusal;
use crate::ledger::{Charge, Ledger};
use crate::model::Usage;
use crate::provisioned::Dedicated;
use crate::state::State;

/// The model of a call.
#[derive(Debug)]
pub(crate) enum Target {
    /// A model, profile or ARN as the request names it, on the quotas of all who call it.
    Shared(String),
    /// The model behind a provisioned throughput, on that alone.
    Own(Dedicated),
}

impl Target {
    /// Finds the target of a call at `now`.
    pub(crate) fn find(state: &State, model_id: &str, now: Instant) -> Result<Self, Refusal> {
        let own = state.provisioned.dedicated(model_id, now)?;
        Ok(own.map_or_else(|| Self::Shared(model_id.into()), Self::Own))
    }

    /// The id of the model that runs.
    pub(crate) fn model_id(&self) -> &str {
        match self {
            Self::Shared(model_id) => model_id,
            Self::Own(own) => &own.model,
        }
    }

    /// Admits a call of the model of this name, without region prefix, that may say `max_tokens`.
    pub(crate) fn admit(
        &self,
        ledger: &Ledger,
        now: Instant,
        name: &str,
        usage: &Usage,
        max_tokens: u64,
    ) -> Result<Charge, Refusal> {
        match self {
            Self::Shared(address) => {
                let input = usage.input + usage.cache_write;
                // What is read from the cache is held, too, and costs nothing in the end.
                let held = usage.cache_read.saturating_add(max_tokens);
                ledger.admit(now, address, name, input, held)
            }
            Self::Own(own) => {
                // Of bought tokens a cache write costs five quarters, and a read a tenth.
                let cached = (usage.cache_write * 25 + usage.cache_read * 2).div_ceil(20);
                Ok(ledger.admit_provisioned(now, &own.arn, usage.input + cached, max_tokens))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::quotas::Quotas;

    #[test]
    fn bought_tokens_weigh_what_is_cached_and_not_what_is_said() {
        let ledger = Ledger::new(Quotas::default());
        let own = Dedicated { arn: "arn".into(), model: "anthropic.claude-opus-4-8".into() };
        let usage = Usage { input: 100, output: 0, cache_read: 45, cache_write: 8 };
        let name = own.model.clone();
        let mut charge = Target::Own(own).admit(&ledger, clock::now(), &name, &usage, 50).unwrap();
        charge.said(7);
        drop(charge);
        let account = &ledger.metrics(clock::now())["models"][0];
        // 100, five quarters of 8, a tenth of 45 rounded up, and 50 or 7.
        assert_eq!(
            (&account["reservedTokens"], &account["settledTokens"]),
            (&165.into(), &122.into())
        );
    }
}
