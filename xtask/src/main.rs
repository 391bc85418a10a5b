//! The automation of the workspace: `cargo xtask ci`, `tidy`, `layers`, `corpus`, `replay`,
//! `bench`, `catalog`, `simulate`, `clients`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks to a terminal"
)]

mod bench;
mod catalog;
mod ci;
mod clients;
mod corpus;
mod failure;
mod layers;
mod lexer;
mod metadata;
mod replay;
mod shell;
mod simulate;
mod stopwatch;
mod tidy;
mod tree;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use self::failure::Failure;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            match failure {
                Failure::Usage(_) => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn run(args: &[String]) -> Result<(), Failure> {
    let root = root()?;
    match args {
        [task, steps @ ..] if task == "ci" => ci::run(&root, steps),
        [task, names @ ..] if task == "clients" => clients::run(&root, names),
        [task, args @ ..] if task == "corpus" => corpus::run(&root, args),
        [task, folder] if task == "replay" => replay::run(&root, folder),
        [task, args @ ..] if task == "catalog" => catalog::run(&root, args),
        [task, name, args @ ..] if task == "bench" => bench::run(&root, name, args),
        [task] if task == "tidy" => tidy::run(&root),
        [task] if task == "simulate" => simulate::run(&root, false),
        [task, check] if task == "simulate" && check == "--check" => simulate::run(&root, true),
        [task] if task == "layers" => layers::run(&root),
        [task] if task == "help" || task == "--help" => {
            println!("{USAGE}\n\nThe steps of ci, in order:\n{}", ci::describe());
            Ok(())
        }
        _ => Err(Failure::Usage(USAGE)),
    }
}

/// The folder of the workspace that the command was called in.
fn root() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir()
        .map_err(|source| Failure::Read { path: PathBuf::from("."), source })?;
    let root = here.ancestors().find(|folder| folder.join("xtask/Cargo.toml").is_file());
    root.map(Path::to_path_buf).ok_or(Failure::NoWorkspace { here })
}

const USAGE: &str = "\
usage: cargo xtask TASK

  ci [STEP…]   every check, or only the steps named; the last one is `cargo test --workspace`
  tidy         the form of the sources, the manifests and the prose
  clients [NAME…]
               drive the emulator with clients that others wrote, in pinned versions
  corpus DIR [--exceptions FILE]
               replay recorded exchanges, and compare what the codec makes of them
  replay DIR   have the emulator answer with recorded exchanges, and compare each byte
  catalog [--check]
               generate the model catalogue from crates/codec/catalog.toml, or see that it is current
  bench codec|quota|emulator [--requests N]
               time what has a goal beside its reference, and write target/bench/NAME.json; N is
               how many requests the emulator's memory is watched over, a million by default
  simulate [--check]
               every policy on every server, in virtual time: table, plot, goals
  layers       the arrows between crates, and the purity of codec and quota
  help         this text, and the steps of ci";
