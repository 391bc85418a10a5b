//! How soon the emulator answers, what a call costs it beside a bare server, and what it holds.

use std::path::Path;

use super::report::{Row, rows};
use crate::failure::Failure;
use crate::shell::Cmd;

pub(super) fn measure(root: &Path, args: &[String]) -> Result<Vec<Row>, Failure> {
    let requests = match args {
        [] => MILLION.to_owned(),
        [option, requests] if option == "--requests" && requests.parse::<u32>().is_ok() => {
            requests.clone()
        }
        _ => return Err(Failure::Usage(crate::USAGE)),
    };
    Cmd::new("cargo build --quiet --release -p outcrop-cli --target-dir target").run(root)?;
    // Thousands of streams are open at one time, at both ends.
    let bench = format!(
        "ulimit -n $(ulimit -H -n); \
         cargo run --quiet --release --manifest-path bench/Cargo.toml -p emulator-bench -- \
         target/release/outcrop {requests}"
    );
    rows(&Cmd::shell(&bench), root)
}

const MILLION: &str = "1000000";
