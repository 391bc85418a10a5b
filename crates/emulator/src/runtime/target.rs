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
