//! `request-bucket`: keeps to the requests a minute by a bucket, and knows nothing of tokens.

use super::gated::{self, Gate};
use super::{Answer, Policy, sdk_standard};
use crate::time::MINUTE;
use crate::workload::{Prompt, Workload};

pub(super) fn make(work: &Workload, seed: u64) -> Box<dyn Policy> {
    gated::make(work, seed, sdk_standard::NEW, |model| Requests { rpm: model.rpm, free: 0 })
}

struct Requests {
    rpm: u64,
    /// When the bucket is full again.
    free: u64,
}

impl Gate for Requests {
    fn ask(&mut self, now: u64, _prompt: &Prompt) -> Result<(), u64> {
        let Some(step) = MINUTE.checked_div(self.rpm) else { return Ok(()) };
        let next = self.free.max(now) + step;
        if next > now + MINUTE {
            return Err(next - MINUTE);
        }
        self.free = next;
        Ok(())
    }

    fn answer(&mut self, _now: u64, _prompt: &Prompt, _answer: Answer) {}
}
