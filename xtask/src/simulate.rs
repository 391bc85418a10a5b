//! Runs every policy over every workload on every server, and says whether the goals are met.

mod goals;
mod table;

use std::fs;
use std::path::Path;

use sim::{Bench, Kind, Row, Workload, plot, policy};

use crate::failure::Failure;

/// Prints the table, and writes it to `target/bench` and the plot to `docs`. With `check`, it only
/// compares the plot with the committed one.
pub(crate) fn run(root: &Path, check: bool) -> Result<(), Failure> {
    let rows = rows();
    let picture = plot::rows(&rows);
    let plot_path = root.join(PLOT);
    if check {
        let committed = fs::read_to_string(&plot_path)
            .map_err(|source| Failure::Read { path: plot_path.clone(), source })?;
        if committed != picture {
            println!("{PLOT} is not what the simulator draws: run cargo xtask simulate");
            return Err(Failure::Breaches { task: "simulate", count: 1 });
        }
    } else {
        println!("{}", table::text(&rows));
        let folder = root.join("target/bench");
        let write = |path: &Path, text: &str| {
            fs::write(path, text).map_err(|source| Failure::Write { path: path.to_owned(), source })
        };
        fs::create_dir_all(&folder)
            .map_err(|source| Failure::Write { path: folder.clone(), source })?;
        write(&folder.join("simulation.json"), &table::json(&rows))?;
        write(&plot_path, &picture)?;
    }
    println!("{}", goals::summary(&rows));
    let missed = rows.iter().filter(|row| goals::met(row) == Some(false)).count();
    if missed > 0 || !goals::blind_is_good_on_average(&rows) {
        return Err(Failure::Breaches { task: "simulate", count: missed.max(1) });
    }
    Ok(())
}

/// Every row, in the order of servers, workloads and policies.
fn rows() -> Vec<Row> {
    let works = Workload::all(SEED);
    let mut rows = Vec::new();
    for kind in Kind::ALL {
        for work in &works {
            let bench = Bench::new(&kind, work);
            let made = policy::NAMES.iter().filter_map(|name| bench.row(name, SEED));
            rows.extend(made.map(|(row, _)| row));
        }
    }
    rows
}

const SEED: u64 = 2026;
const PLOT: &str = "docs/src/simulation.svg";
