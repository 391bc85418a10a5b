//! Replays recorded exchanges with the service, and compares what the codec makes of them with what
//! the recordings hold, read without the codec.

pub(crate) mod case;
mod checks;
#[expect(clippy::indexing_slicing, reason = "what a JSON value lacks is null, and no panic")]
mod counts;
mod exceptions;
pub(crate) mod frames;
mod hints;
#[expect(clippy::indexing_slicing, reason = "what a JSON value lacks is null, and no panic")]
mod operations;
#[expect(clippy::indexing_slicing, reason = "what a JSON value lacks is null, and no panic")]
mod replies;
mod said;
mod same;
#[expect(clippy::indexing_slicing, reason = "what a JSON value lacks is null, and no panic")]
mod streams;
mod table;
#[cfg(test)]
mod tests;
mod wire;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use self::case::Case;
use self::checks::{CHECKS, Verdict};
use self::exceptions::Exception;
use self::table::{Mark, Table};
use crate::failure::Failure;

/// Replays the folder that is named first; `--exceptions FILE` replaces the list of known
/// mismatches that the workspace holds.
pub(crate) fn run(root: &Path, args: &[String]) -> Result<(), Failure> {
    let (folder, exceptions) = match args {
        [folder] => (folder, root.join(EXCEPTIONS)),
        [folder, flag, file] | [flag, file, folder] if flag == "--exceptions" => {
            (folder, PathBuf::from(file))
        }
        _ => return Err(Failure::Usage(crate::USAGE)),
    };
    let exceptions = Exception::read_all(&exceptions)?;
    let cases = Case::read_all(Path::new(folder))?;
    let mut table = Table::default();
    let mut used = vec![false; exceptions.len()];
    for case in &cases {
        if !case.is_proof() {
            table.count_no_proof(case);
            continue;
        }
        let marks = CHECKS.iter().filter_map(|check| {
            let known = exceptions.iter().position(|known| known.covers(&case.name, check.name));
            let mark = mark(case, check.name, check.run(case), known.is_some())?;
            if let (Mark::Excepted, Some(used)) = (mark, known.and_then(|at| used.get_mut(at))) {
                *used = true;
            }
            Some((check.name, mark))
        });
        table.count(case, marks.collect());
    }
    println!("{table}");
    for (exception, _) in exceptions.iter().zip(used).filter(|(_, used)| !used) {
        println!("not needed here: the exception for {} of {}", exception.check, exception.case);
    }
    match (cases.len(), table.failures()) {
        (0, _) => Err(Failure::NoCases { folder: PathBuf::from(folder) }),
        (_, 0) => Ok(()),
        (_, count) => Err(Failure::Breaches { task: "corpus", count }),
    }
}

/// What the table says of a verdict; a mismatch that is not known is printed.
fn mark(case: &Case, check: &str, verdict: Verdict, is_known: bool) -> Option<Mark> {
    match verdict {
        Verdict::Nothing => None,
        Verdict::Passed => Some(Mark::Passed),
        Verdict::NotCovered(_) => Some(Mark::NotCovered),
        Verdict::Failed(_) if is_known => Some(Mark::Excepted),
        Verdict::Failed(why) => {
            println!("{} ({} {}): {check}: {why}", case.name, case.family, case.operation);
            Some(Mark::Failed)
        }
    }
}

/// Reads a file of JSON.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| Failure::Read { path: path.to_path_buf(), source })?;
    serde_json::from_str(&text).map_err(|source| Failure::Json { path: path.to_path_buf(), source })
}

/// The beginning of a text that may be long.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 300;
    match text.char_indices().nth(LONGEST).and_then(|(end, _)| text.get(..end)) {
        Some(start) => format!("{start}…"),
        None => text.to_owned(),
    }
}

/// The known mismatches.
const EXCEPTIONS: &str = "xtask/corpus-exceptions.json";
