//! `two-window-85`: windows of 2 s and 15 s at 85 % of the quota, and a pacer in front. It charges
//! input and `max_tokens` at the burndown rate, and corrects nothing.

use std::collections::VecDeque;

use super::gated::{self, Gate, Retries};
use super::{Answer, Policy};
use crate::time::{MINUTE, SECOND};
use crate::workload::{Prompt, Workload};

pub(super) fn make(work: &Workload, seed: u64) -> Box<dyn Policy> {
    gated::make(work, seed, RETRIES, |model| Windows {
        tpm: model.tpm * 85 / 100,
        rpm: model.rpm * 85 / 100,
        burn: model.burn,
        turn: 0,
        sums: [2, 15].map(|length| Sum { length: length * SECOND, taken: VecDeque::new(), sum: 0 }),
    })
}

struct Windows {
    tpm: u64,
    rpm: u64,
    burn: u64,
    /// When the pacer lets the next one go.
    turn: u64,
    sums: [Sum; 2],
}

struct Sum {
    length: u64,
    taken: VecDeque<(u64, u64)>,
    sum: u64,
}

impl Gate for Windows {
    fn ask(&mut self, now: u64, prompt: &Prompt) -> Result<(), u64> {
        let tokens = prompt.input + self.burn * prompt.max_tokens;
        if self.turn > now {
            return Err(self.turn);
        }
        for sum in &mut self.sums {
            sum.forget(now);
            let most = per(self.tpm, sum.length).max(tokens);
            if let Some(&(first, _)) = sum.taken.front()
                && self.tpm > 0
                && sum.sum + tokens > most
            {
                return Err(first + sum.length);
            }
        }
        for sum in &mut self.sums {
            sum.taken.push_back((now, tokens));
            sum.sum += tokens;
        }
        let gap = |n: u64, quota: u64| (n * MINUTE).checked_div(quota).unwrap_or(0);
        self.turn = now + gap(tokens, self.tpm).max(gap(1, self.rpm));
        Ok(())
    }

    fn answer(&mut self, _now: u64, _prompt: &Prompt, _answer: Answer) {}
}

impl Sum {
    fn forget(&mut self, now: u64) {
        while let Some(&(at, n)) = self.taken.front()
            && at + self.length <= now
        {
            self.taken.pop_front();
            self.sum -= n;
        }
    }
}

/// What a quota a minute is in so much time.
fn per(quota: u64, length: u64) -> u64 {
    (u128::from(quota) * u128::from(length) / u128::from(MINUTE)) as u64
}

/// A queue, which hardly ever gives up.
const RETRIES: Retries = Retries { attempts: 100, base: [SECOND, SECOND], cost: [0, 0] };
