//! `outcrop batch run`: from a file of records to a file of replies.

use std::path::{Path, PathBuf};

use client::batch::Job;

use crate::args::Globals;
use crate::batch::submit::Order;
use crate::batch::{handle, results, wait};
use crate::error::Error;
use crate::file::NewFile;
use crate::interrupt::Interrupt;
use crate::output::Output;

/// What to run, and where the replies go.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    order: Order,
    /// Write one line a record to this file, in the order of the records
    #[arg(short, long, value_name = "OUT.jsonl")]
    out: PathBuf,
}

/// Submits, waits and writes the replies.
///
/// Between submitting and writing, the job's handle lies beside the output, so that a job is not
/// lost with the process that started it. A local job ends with the process, and has no such file.
pub(crate) async fn run(
    args: &Args,
    globals: &Globals,
    output: Output,
    interrupt: &Interrupt,
) -> Result<(), Error> {
    let out = args.order.begin(&args.out)?;
    let beside = (!globals.local).then(|| beside(&args.out));
    let file = beside.as_deref().map(|path| args.order.begin(path)).transpose()?;
    let session = interrupt.or(args.order.open(globals)).await?;
    args.order.remark(&session, globals, output)?;
    let job = args.order.submit(&session, globals, interrupt).await?;
    if let Some(file) = file {
        handle::save(file, &job, output)?;
    }
    let job = session.client.job(job);
    let tally = match interrupt.or(collect(&job, out, output)).await {
        Ok(tally) => tally,
        Err(error) => {
            if let Some(path) = &beside {
                let path = path.display();
                output.remark(&format!("`outcrop batch wait {path}` finds the job again"));
            }
            return Err(error);
        }
    };
    if let Some(path) = beside {
        std::fs::remove_file(&path).map_err(|source| Error::write(&path, source))?;
    }
    tally.print(output)?;
    tally.judge()
}

async fn collect(job: &Job, mut out: NewFile, output: Output) -> Result<results::Tally, Error> {
    let ended = wait::watch(job, output).await?;
    // What was done before time ran out or somebody stopped the job is worth having.
    let harvest = ended.counts.processed.is_some_and(|processed| processed > 0);
    let done = ended.completed();
    if !harvest {
        done?;
    }
    let tally = results::read(job, |outcome| out.line(&results::line(outcome).to_string())).await?;
    out.finish()?;
    Ok(tally)
}

/// The file beside the output that holds the handle of a job under way.
fn beside(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".job.json");
    name.into()
}
