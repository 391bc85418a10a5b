//! Runs every policy over every workload on every server, and says whether the goals are met.

mod goals;
mod table;

use std::fs;
use std::path::Path;

use sim::{Bench, Kind, Row, Workload, plot, policy};

use crate::failure::Failure;

/// Prints the table, and writes it to `target/bench` and the plot to `docs`. With `check`, it writes
/// nothing and prints only what matters for the goals.
pub(crate) fn run(root: &Path, check: bool) -> Result<(), Failure> {
    let rows = rows();
    let missed = goals::missed(&rows);
    if check {
        missed.iter().for_each(|row| print!("{}", table::line(row)));
    } else {
        println!("{}", table::text(&rows));
        let folder = root.join("target/bench");
        fs::create_dir_all(&folder)
            .map_err(|source| Failure::Write { path: folder.clone(), source })?;
        write(&folder.join("simulation.json"), &table::json(&rows))?;
        write(&root.join(PLOT), &plot::rows(&rows))?;
    }
    println!("{}", goals::summary(&rows));
    let breaches = missed.len() + usize::from(!goals::blind_is_good_on_average(&rows));
    if breaches > 0 {
        return Err(Failure::Breaches { task: "simulate", count: breaches });
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|source| Failure::Write { path: path.to_owned(), source })
}

/// Every row, in the order of servers, workloads and policies: a thread for each workload.
fn rows() -> Vec<Row> {
    let works = Workload::all(SEED);
    let pairs: Vec<_> =
        Kind::ALL.into_iter().flat_map(|kind| works.iter().map(move |work| (kind, work))).collect();
    let share = pairs.len().div_ceil(std::thread::available_parallelism().map_or(1, usize::from));
    std::thread::scope(|scope| {
        let parts: Vec<_> = pairs
            .chunks(share)
            .map(|part| {
                scope.spawn(|| {
                    part.iter()
                        .flat_map(|(kind, work)| every_policy(kind, work))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
    })
}

fn every_policy(kind: &Kind, work: &Workload) -> Vec<Row> {
    let bench = Bench::new(kind, work);
    policy::NAMES.iter().filter_map(|name| bench.row(name, SEED)).map(|(row, _)| row).collect()
}

const SEED: u64 = 2026;
const PLOT: &str = "docs/src/simulation.svg";
