//! How fast quotas are kept: the algebra, the limiter and the simulator, beside others.

use std::path::Path;

use super::no_arguments;
use super::report::{Row, rows};
use crate::failure::Failure;
use crate::shell::Cmd;

pub(super) fn measure(root: &Path, args: &[String]) -> Result<Vec<Row>, Failure> {
    no_arguments(args)?;
    let bench = "cargo run --quiet --release --manifest-path bench/Cargo.toml -p quota-bench";
    rows(&Cmd::new(bench), root)
}
