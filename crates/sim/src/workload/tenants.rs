//! Two tenants, who send nine requests to one and share the quota nine to one.

use super::{LENGTH, Mix, Model, Workload, poisson};
use crate::dist::Dist;
use crate::rng::Rng;

pub(super) fn make(seed: u64) -> Workload {
    let mut rng = Rng::new(seed ^ 5);
    let mix = Mix {
        input: Dist::LogNormal { median: 1_200.0, p99: 5_000.0 },
        output: Dist::LogNormal { median: 200.0, p99: 800.0 },
        max_tokens: 1_000,
        latency: Dist::LogNormal { median: 2.5, p99: 9.0 },
    };
    let arrivals = poisson(&mut rng, 0.046, LENGTH);
    let requests = arrivals.into_iter().map(|at| {
        let tenant = usize::from(rng.part() > 0.9);
        mix.draw(&mut rng, at, 0, tenant)
    });
    let requests = requests.collect();
    let models = vec![Model { rpm: 3_000, tpm: 3_000_000, tpd: 0, burn: 5 }];
    Workload { name: "tenants", models, weights: vec![9, 1], requests }
}
