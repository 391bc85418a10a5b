//! `outcrop-blind`: our books, knowing only the published quotas, with tokens guessed from bytes.

use std::num::NonZeroU64;

use quota::{Admission, Admitted, Cause, Charge, Decision, Estimate, Tick, Tokens};

use super::Policy;
use super::ours::{self, Books};
use crate::workload::{Prompt, Workload};

pub(super) fn make(work: &Workload, seed: u64) -> Box<dyn Policy> {
    ours::make(work, seed, |model| {
        let [rpm, tpm, tpd] = [model.rpm, model.tpm, model.tpd].map(NonZeroU64::new);
        let policy = Admission::policy();
        Blind {
            admission: Admission::new(Tick::ZERO, rpm, tpm, tpd, policy),
            // 99 of 100 prompts are covered: at the edge of a quota, too few means a throttle.
            estimate: Estimate::new(1, THREE, 990),
        }
    })
}

struct Blind {
    admission: Admission,
    estimate: Estimate,
}

impl Books for Blind {
    type Held = Admitted;

    fn input(&self, prompt: &Prompt) -> u64 {
        self.estimate.tokens(prompt.bytes).get()
    }

    fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Admitted, Charge> {
        self.admission.reserve(now, charge)
    }

    fn settle(&mut self, now: Tick, held: Admitted, prompt: &Prompt, input: u64, actual: Charge) {
        self.estimate.learn(prompt.bytes, Tokens::new(input));
        self.admission.settle(now, held, actual);
    }

    fn refuse(&mut self, now: Tick, held: Admitted, cause: Cause) {
        self.admission.throttled(now, held, cause);
    }
}

const THREE: NonZeroU64 = NonZeroU64::MIN.saturating_add(2);
