//! Measurements, each beside a reference that is timed in the same run.

mod codec;
mod quota;
mod report;

use std::path::Path;

use self::report::Row;
use crate::failure::Failure;

/// Runs the measurements of this name, prints them and writes `target/bench/NAME.json`.
pub(crate) fn run(root: &Path, name: &str) -> Result<(), Failure> {
    let Some((name, measure)) = BENCHES.iter().find(|(known, _)| *known == name) else {
        return Err(Failure::Usage(crate::USAGE));
    };
    let rows = measure(root)?;
    report::print(&rows);
    report::write(&root.join("target/bench").join(format!("{name}.json")), &rows)
}

type Measure = fn(&Path) -> Result<Vec<Row>, Failure>;

const BENCHES: &[(&str, Measure)] = &[("codec", codec::measure), ("quota", quota::measure)];
