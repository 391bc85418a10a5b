//! Steady chat: short prompts and answers that come at random, a little more than the quota allows.

use super::{LENGTH, Mix, Model, Workload, poisson};
use crate::dist::Dist;
use crate::rng::Rng;

pub(super) fn make(seed: u64) -> Workload {
    let mut rng = Rng::new(seed ^ 1);
    let mix = Mix {
        input: Dist::LogNormal { median: 800.0, p99: 4_000.0 },
        output: Dist::LogNormal { median: 200.0, p99: 900.0 },
        max_tokens: 1_024,
        latency: Dist::LogNormal { median: 2.0, p99: 8.0 },
    };
    let arrivals = poisson(&mut rng, 0.061, LENGTH);
    let requests = arrivals.into_iter().map(|at| mix.draw(&mut rng, at, 0, 0)).collect();
    let models = vec![Model { rpm: 1_200, tpm: 2_000_000, tpd: 0, burn: 5 }];
    Workload { name: "chat", models, weights: vec![1], requests }
}
