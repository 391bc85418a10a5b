//! `sdk-adaptive`: the AWS SDKs' adaptive mode, which limits the rate of requests by CUBIC from the
//! first throttle on.

use super::gated::{self, Gate};
use super::{Answer, Policy, sdk_standard};
use crate::server::Refusal;
use crate::time::{SECOND, nanos, seconds};
use crate::workload::{Prompt, Workload};

pub(super) fn make(work: &Workload, seed: u64) -> Box<dyn Policy> {
    gated::make(work, seed, sdk_standard::NEW, |_| Cubic::default())
}

/// Times in seconds, rates in requests a second.
#[derive(Default)]
struct Cubic {
    enabled: bool,
    rate: f64,
    level: f64,
    filled: f64,
    most: f64,
    throttled: f64,
    measured: f64,
    count: f64,
    bucket: f64,
}

impl Gate for Cubic {
    fn ask(&mut self, now: u64, _prompt: &Prompt) -> Result<(), u64> {
        if !self.enabled {
            return Ok(());
        }
        self.refill(seconds(now));
        if self.level >= 1.0 {
            self.level -= 1.0;
            return Ok(());
        }
        Err(now + nanos((1.0 - self.level) / self.rate).max(SECOND / 1_000))
    }

    fn answer(&mut self, now: u64, _prompt: &Prompt, answer: Answer) {
        let now = seconds(now);
        self.measure(now);
        let wanted = if matches!(answer, Answer::Refused(why) if why != Refusal::Unavailable) {
            let rate = if self.enabled { self.measured.min(self.rate) } else { self.measured };
            self.most = rate;
            self.throttled = now;
            self.enabled = true;
            rate * KEPT
        } else {
            let back = (self.most * (1.0 - KEPT) / SCALE).cbrt();
            SCALE * (now - self.throttled - back).powi(3) + self.most
        };
        self.refill(now);
        self.rate = wanted.min(2.0 * self.measured).max(LEAST_RATE);
        self.level = self.level.min(self.rate.max(1.0));
    }
}

impl Cubic {
    fn refill(&mut self, now: f64) {
        self.level = (self.level + (now - self.filled) * self.rate).min(self.rate.max(1.0));
        self.filled = now;
    }

    /// The rate of answers, smoothed over half seconds.
    fn measure(&mut self, now: f64) {
        self.count += 1.0;
        let bucket = (now * 2.0).floor() / 2.0;
        if bucket > self.bucket {
            let rate = self.count / (bucket - self.bucket);
            self.measured = SMOOTH * rate + (1.0 - SMOOTH) * self.measured;
            (self.count, self.bucket) = (0.0, bucket);
        }
    }
}

const KEPT: f64 = 0.7;
const SCALE: f64 = 0.4;
const SMOOTH: f64 = 0.8;
const LEAST_RATE: f64 = 0.5;
