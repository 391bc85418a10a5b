//! `sdk-adaptive`: the AWS SDKs' adaptive mode, which limits the rate of requests by CUBIC from the
//! first throttle on.

use super::gated::{self, Gate};
use super::{Answer, Policy, sdk_standard};
use crate::math::pow;
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
            let back = pow(self.most * (1.0 - KEPT) / SCALE, 1.0 / 3.0);
            let since = now - self.throttled - back;
            SCALE * since * since * since + self.most
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

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: Answer = Answer::Done { input: 1, output: 1 };
    const THROTTLED: Answer = Answer::Refused(Refusal::Tokens);

    fn near(ours: f64, published: f64) {
        assert!((ours - published).abs() <= 1e-6 * published.max(1.0), "{ours} for {published}");
    }

    /// The SDKs' own test vectors for the growth after a throttle at second 5.
    #[test]
    fn rates_are_those_published_for_successes() {
        let published = [
            (5, 7.0),
            (6, 9.648_936_009_66),
            (7, 10.000_030_849_917_364),
            (8, 10.453_284_520_772_092),
            (9, 13.408_697_022_224_185),
            (10, 21.266_268_354_273_64),
            (11, 36.425_998_516_920_465),
        ];
        for (second, rate) in published {
            let mut cubic = Cubic { most: 10.0, throttled: 5.0, measured: 1e9, ..Cubic::default() };
            cubic.answer(second * SECOND, &Prompt::default(), DONE);
            near(cubic.rate, rate);
        }
    }

    /// The time in fifths of a second, the rate of answers, and the rate allowed.
    #[test]
    fn sending_rates_are_those_published() {
        let published = [
            (1, DONE, 0.0, 0.5),
            (2, DONE, 0.0, 0.5),
            (3, DONE, 4.8, 0.5),
            (4, DONE, 4.8, 0.5),
            (5, DONE, 4.16, 0.5),
            (6, DONE, 4.16, 0.6912),
            (7, DONE, 4.16, 1.0976),
            (8, DONE, 5.632, 1.6384),
            (9, DONE, 5.632, 2.3328),
            (10, THROTTLED, 4.3264, 3.02848),
            (11, DONE, 4.3264, 3.486_639_173_470_26),
            (12, DONE, 4.3264, 3.821_874_416_040_255),
            (13, DONE, 5.66528, 4.053_385_727_709_987),
            (14, DONE, 5.66528, 4.200_373_108_479_454),
            (15, DONE, 4.333_056, 4.282_036_558_348_658),
            (16, THROTTLED, 4.333_056, 2.997_425_590_844_06),
            (17, DONE, 4.333_056, 3.452_226_394_386_346_3),
        ];
        let mut cubic = Cubic::default();
        for (fifths, answer, measured, rate) in published {
            cubic.answer(fifths * SECOND / 5, &Prompt::default(), answer);
            near(cubic.measured, measured);
            near(cubic.rate, rate);
        }
    }

    #[test]
    fn a_call_takes_one_of_what_has_come_back() {
        let mut cubic = Cubic::default();
        assert_eq!(cubic.ask(0, &Prompt::default()), Ok(()));
        cubic.answer(0, &Prompt::default(), THROTTLED);
        // Half a call a second is the least: the next goes after two seconds.
        assert_eq!(cubic.ask(0, &Prompt::default()), Err(2 * SECOND));
        assert_eq!(cubic.ask(2 * SECOND, &Prompt::default()), Ok(()));
        assert_eq!(cubic.ask(2 * SECOND, &Prompt::default()), Err(4 * SECOND));
    }
}
