//! How fast the codec is: its own benches, and what its feature `std` does for a frame.

use std::path::Path;

use super::no_arguments;
use super::report::{Row, rows};
use crate::failure::Failure;
use crate::shell::Cmd;

pub(super) fn measure(root: &Path, args: &[String]) -> Result<Vec<Row>, Failure> {
    no_arguments(args)?;
    let bench = Cmd::new("cargo bench --quiet -p outcrop-codec --bench codec");
    let mut all = rows(&bench, root)?;
    let frames = "cargo run --quiet --release --manifest-path bench/Cargo.toml -p frames";
    let with = rows(&Cmd::new(frames).arg("--features").arg("std"), root)?;
    let without = rows(&Cmd::new(frames), root)?;
    all.extend(without.into_iter().zip(with).map(|(without, with)| without.beside(&with)));
    Ok(all)
}
