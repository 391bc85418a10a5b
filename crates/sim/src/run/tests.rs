//! Runs that repeat themselves, and who knows the server.

use super::*;
use crate::dist::Dist;
use crate::workload::{Mix, Model};
use crate::{Bench, policy};

fn work(requests: usize) -> Workload {
    let mix = Mix {
        input: Dist::LogNormal { median: 800.0, p99: 3_000.0 },
        output: Dist::Heavy { least: 100.0, exponent: 2.0 },
        max_tokens: 1_000,
        latency: Dist::LogNormal { median: 2.0, p99: 8.0 },
    };
    let model = Model { rpm: 2_000, tpm: 1_000_000, tpd: 0, burn: 5 };
    Workload::backlog("test", model, &mix, requests, 3)
}

#[test]
fn same_seed_same_run() {
    let work = work(500);
    for kind in Kind::ALL {
        let bench = Bench::new(&kind, &work);
        for name in policy::NAMES {
            let (first, second) = (bench.row(name, 9).unwrap(), bench.row(name, 9).unwrap());
            assert_eq!(first, second, "{name} on {}", kind.name);
        }
    }
}

#[test]
fn who_knows_the_server_is_as_good_as_the_ideal() {
    let work = work(2_000);
    for kind in Kind::ALL.iter().filter(|kind| !kind.is_disturbed()) {
        let (row, _) = Bench::new(kind, &work).row("outcrop", 9).unwrap();
        assert_eq!((row.throttled, row.done), (0, 2_000), "{}", kind.name);
        assert!(row.of_ideal >= 0.98, "{}: {}", kind.name, row.of_ideal);
    }
}
