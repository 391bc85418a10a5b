//! A million requests through a quota, in virtual time: `time cargo run --release --example million`.

#![expect(clippy::print_stdout, reason = "an example shows what it finds")]

use std::error::Error;

use outcrop_sim::{Dist, Kind, Mix, Model, Workload, policy, run, time};

fn main() -> Result<(), Box<dyn Error>> {
    let model = Model { rpm: 10_000, tpm: 20_000_000, tpd: 0, burn: 5 };
    let mix = Mix {
        input: Dist::LogNormal { median: 800.0, p99: 4_000.0 },
        output: Dist::LogNormal { median: 200.0, p99: 900.0 },
        max_tokens: 1_024,
        latency: Dist::LogNormal { median: 2.0, p99: 8.0 },
    };
    let work = Workload::backlog("million", model, &mix, 1_000_000, 7);
    let kind = Kind::named("bucket-60s").ok_or("no such server")?;
    for name in ["none", "outcrop", "outcrop-blind"] {
        let mut policy = policy::make(name, &kind, &work, 7).ok_or("no such policy")?;
        let run = run(&kind, &work, policy.as_mut(), 7);
        println!(
            "{name:13} {:7} done, {:6} throttled, in {:5.1} virtual hours",
            run.admitted.len(),
            run.throttled,
            time::seconds(run.makespan) / 3_600.0,
        );
    }
    Ok(())
}
