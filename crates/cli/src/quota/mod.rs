//! `outcrop quota`: what a model's quotas are, and what they mean for a call or a pile of work.

mod explain;
mod number;
mod report;
mod show;
mod simulate;

use crate::args::Globals;
use crate::error::Error;
use crate::output::Output;

/// What to find out.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Read what the account may use of a model, from Service Quotas
    Show(show::Args),
    /// Say which limits a call touches, what it holds of them and what it costs; calls nobody
    Explain(explain::Args),
    /// Say how long a pile of work takes under a quota, what binds, and what to change
    Simulate(simulate::Args),
}

/// Answers the question.
pub(crate) async fn run(command: Command, globals: &Globals, output: Output) -> Result<(), Error> {
    match command {
        Command::Show(args) => show::run(&args, globals, output).await,
        Command::Explain(args) => explain::run(&args, globals, output).await,
        Command::Simulate(args) => simulate::run(args, globals, output).await,
    }
}
