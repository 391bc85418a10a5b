//! Bursts of 1,000 requests of 18,500 tokens within 30 s, each before the one before it is done.

use super::{Mix, Model, Workload};
use crate::dist::Dist;
use crate::rng::Rng;
use crate::time::SECOND;

pub(super) fn make(seed: u64) -> Workload {
    let mut rng = Rng::new(seed ^ 2);
    let mix = Mix {
        input: Dist::Constant(18_000.0),
        output: Dist::LogNormal { median: 350.0, p99: 500.0 },
        max_tokens: 500,
        latency: Dist::LogNormal { median: 4.0, p99: 12.0 },
    };
    let bursts = (0..10)
        .flat_map(|burst| (0..1_000).map(move |i| burst * 240 * SECOND + i * SECOND * 3 / 100));
    let requests = bursts.map(|at| mix.draw(&mut rng, at, 0, 0)).collect();
    let models = vec![Model { rpm: 2_000, tpm: 4_000_000, tpd: 0, burn: 1 }];
    Workload { name: "burst", models, weights: vec![1], requests }
}
