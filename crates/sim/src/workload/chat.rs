//! Steady chat: short prompts and answers that come at random, a little more than the quota allows.
//! Once with numbers as they mostly are, once all alike, and once with a heavy tail.

use super::{LENGTH, Mix, Model, Workload, poisson};
use crate::dist::Dist;
use crate::rng::Rng;

pub(super) fn make(seed: u64) -> Workload {
    let mix = Mix {
        input: Dist::LogNormal { median: 800.0, p99: 4_000.0 },
        output: Dist::LogNormal { median: 200.0, p99: 900.0 },
        max_tokens: 1_024,
        latency: Dist::LogNormal { median: 2.0, p99: 8.0 },
    };
    chat("chat", &mix, 0.061, seed ^ 1)
}

pub(super) fn constant(seed: u64) -> Workload {
    let mix = Mix {
        input: Dist::Constant(1_000.0),
        output: Dist::Constant(250.0),
        max_tokens: 1_024,
        latency: Dist::Constant(2.5),
    };
    chat("constant", &mix, 0.061, seed ^ 6)
}

pub(super) fn heavy(seed: u64) -> Workload {
    let mix = Mix {
        input: Dist::Heavy { least: 500.0, exponent: 3.0 },
        output: Dist::Heavy { least: 100.0, exponent: 1.5 },
        max_tokens: 2_048,
        latency: Dist::Heavy { least: 1.5, exponent: 2.0 },
    };
    chat("heavy", &mix, 0.057, seed ^ 7)
}

fn chat(name: &'static str, mix: &Mix, mean: f64, seed: u64) -> Workload {
    let mut rng = Rng::new(seed);
    let arrivals = poisson(&mut rng, mean, LENGTH);
    let requests = arrivals.into_iter().map(|at| mix.draw(&mut rng, at, 0, 0)).collect();
    let models = vec![Model { rpm: 1_200, tpm: 2_000_000, tpd: 0, burn: 5 }];
    Workload { name, models, weights: vec![1], requests }
}
