//! Mixed models: three with quotas and burndown rates of their own.

use super::{LENGTH, Mix, Model, Workload, poisson};
use crate::dist::Dist;
use crate::rng::Rng;

pub(super) fn make(seed: u64) -> Workload {
    let mut rng = Rng::new(seed ^ 4);
    let mix = Mix {
        input: Dist::LogNormal { median: 1_500.0, p99: 6_000.0 },
        output: Dist::LogNormal { median: 150.0, p99: 600.0 },
        max_tokens: 1_000,
        latency: Dist::LogNormal { median: 3.0, p99: 10.0 },
    };
    let models = vec![
        Model { rpm: 2_000, tpm: 1_500_000, tpd: 0, burn: 1 },
        Model { rpm: 2_000, tpm: 1_500_000, tpd: 0, burn: 5 },
        Model { rpm: 300, tpm: 2_000_000, tpd: 0, burn: 10 },
    ];
    let mut requests = Vec::new();
    for (model, mean) in [0.077, 0.104, 0.19].into_iter().enumerate() {
        for at in poisson(&mut rng, mean, LENGTH) {
            requests.push(mix.draw(&mut rng, at, model, 0));
        }
    }
    requests.sort_by_key(|request| request.prompt.arrival);
    Workload { name: "mixed", models, weights: vec![1], requests }
}
