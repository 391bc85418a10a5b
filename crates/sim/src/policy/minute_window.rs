//! `minute-window`: counts tokens by the clock minute, each call's when its reply is there. What is
//! under way, it does not see.

use super::gated::{self, Gate};
use super::{Answer, Policy, sdk_standard};
use crate::time::MINUTE;
use crate::workload::{Prompt, Workload};

pub(super) fn make(work: &Workload, seed: u64) -> Box<dyn Policy> {
    gated::make(work, seed, sdk_standard::NEW, |model| Minutes {
        quotas: [model.rpm, model.tpm],
        minute: 0,
        used: [0; 2],
    })
}

struct Minutes {
    /// Of requests and of tokens; 0 is none.
    quotas: [u64; 2],
    minute: u64,
    used: [u64; 2],
}

impl Gate for Minutes {
    fn ask(&mut self, now: u64, _prompt: &Prompt) -> Result<(), u64> {
        self.turn(now);
        let is_full = |(used, quota): (&u64, &u64)| *quota > 0 && used >= quota;
        if self.used.iter().zip(&self.quotas).any(is_full) {
            return Err((self.minute + 1) * MINUTE);
        }
        let [requests, _] = &mut self.used;
        *requests += 1;
        Ok(())
    }

    fn answer(&mut self, now: u64, _prompt: &Prompt, answer: Answer) {
        self.turn(now);
        if let Answer::Done { input, output } = answer {
            let [_, tokens] = &mut self.used;
            *tokens += input + output;
        }
    }
}

impl Minutes {
    fn turn(&mut self, now: u64) {
        if now / MINUTE > self.minute {
            (self.minute, self.used) = (now / MINUTE, [0; 2]);
        }
    }
}
