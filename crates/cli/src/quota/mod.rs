//! `outcrop quota`: what a quota means for a pile of work, without a call to anyone.

mod report;
mod simulate;

use crate::args::Globals;
use crate::error::Error;
use crate::output::Output;

/// What to find out.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Say how long a pile of work takes under a quota, what binds, and what to change
    Simulate(simulate::Args),
}

/// Answers from what is known here.
pub(crate) fn run(command: Command, globals: &Globals, output: Output) -> Result<(), Error> {
    match command {
        Command::Simulate(args) => simulate::run(&args, globals, output),
    }
}
