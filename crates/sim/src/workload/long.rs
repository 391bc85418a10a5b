//! Long outputs: `max_tokens` is 16 times what answers need in the mean, and few need it all. Latency
//! is that of 50 tokens a second.

use super::{LENGTH, Mix, Model, Workload, poisson};
use crate::dist::Dist;
use crate::rng::Rng;

pub(super) fn make(seed: u64) -> Workload {
    let mut rng = Rng::new(seed ^ 3);
    let mix = Mix {
        input: Dist::Constant(1_000.0),
        output: Dist::Heavy { least: 250.0, exponent: 2.0 },
        max_tokens: 8_000,
        latency: Dist::LogNormal { median: 8.0, p99: 40.0 },
    };
    let arrivals = poisson(&mut rng, 0.048, LENGTH);
    let requests = arrivals.into_iter().map(|at| mix.draw(&mut rng, at, 0, 0)).collect();
    let models = vec![Model { rpm: 4_000, tpm: 4_000_000, tpd: 0, burn: 5 }];
    Workload { name: "long", models, weights: vec![1], requests }
}
