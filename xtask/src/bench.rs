//! Measurements, each beside a reference that is timed in the same run.

mod codec;
mod emulator;
mod quota;
mod report;

use std::path::Path;

use self::report::Row;
use crate::failure::Failure;

/// Runs the measurements of this name, prints them and writes `target/bench/NAME.json`.
pub(crate) fn run(root: &Path, name: &str, args: &[String]) -> Result<(), Failure> {
    let Some((name, measure)) = BENCHES.iter().find(|(known, _)| *known == name) else {
        return Err(Failure::Usage(crate::USAGE));
    };
    let rows = measure(root, args)?;
    report::print(&rows);
    report::write(&root.join("target/bench").join(format!("{name}.json")), &rows)
}

/// Most measurements take no arguments.
fn no_arguments(args: &[String]) -> Result<(), Failure> {
    if args.is_empty() { Ok(()) } else { Err(Failure::Usage(crate::USAGE)) }
}

type Measure = fn(&Path, &[String]) -> Result<Vec<Row>, Failure>;

const BENCHES: &[(&str, Measure)] =
    &[("codec", codec::measure), ("quota", quota::measure), ("emulator", emulator::measure)];
