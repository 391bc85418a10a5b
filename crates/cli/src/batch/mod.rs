//! `outcrop batch`: jobs over files of records, at once or in steps.

mod handle;
mod list;
mod progress;
mod records;
pub(crate) mod results;
mod run;
mod status;
mod stop;
mod submit;
pub(crate) mod wait;

use clap::Subcommand;

pub(crate) use self::records::{Flaw, Records};
pub(crate) use self::submit::{LOCAL_BUCKET, LOCAL_ROLE};
use crate::args::Globals;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::output::Output;

/// What to do with a job.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Submit a file of records, wait for the job, and write the replies in the order of the records
    Run(run::Args),
    /// Submit a file of records and save the job's handle
    Submit(submit::Args),
    /// Say how a job is doing
    Status(handle::HandleFile),
    /// Wait until a job has ended
    Wait(handle::HandleFile),
    /// Write the replies of a job that has ended, in the order of the records
    Results(results::Args),
    /// Stop a job; what it has done by then has results
    Stop(handle::HandleFile),
    /// List the jobs of the account in the region, newest first
    List(list::Args),
}

/// Does it, within the time that `--timeout` gives the command as a whole.
pub(crate) async fn run(
    command: Command,
    globals: &Globals,
    output: Output,
    interrupt: &Interrupt,
) -> Result<(), Error> {
    // Time that runs out does what an interrupt does: an upload is taken back, a job is kept.
    let interrupt = interrupt.within(globals.timeout);
    match command {
        Command::Run(args) => run::run(&args, globals, output, &interrupt).await,
        Command::Submit(args) => submit::run(&args, globals, output, &interrupt).await,
        Command::Status(file) => interrupt.or(status::run(&file, globals, output)).await,
        Command::Wait(file) => interrupt.or(wait::run(&file, globals, output)).await,
        Command::Results(args) => interrupt.or(results::run(&args, globals, output)).await,
        Command::Stop(file) => interrupt.or(stop::run(&file, globals, output)).await,
        Command::List(args) => interrupt.or(list::run(args, globals, output)).await,
    }
}
