//! `outcrop map`: many prompts on demand, as fast as the quota lets them and no faster.

mod finish;
mod journal;
mod progress;
mod records;
mod run;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use client::Concurrency;

pub(crate) use self::journal::JournalFlaw;
use self::journal::{Done, Header, Journal};
use self::records::Input;
use self::run::{Caller, Totals};
use crate::args::Globals;
use crate::connect::Session;
use crate::error::Error;
use crate::file::NewFile;
use crate::input::{self, Shape};
use crate::interrupt::Interrupt;
use crate::output::Output;

/// What to ask, and where the replies go.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Records, one a line: {"recordId"?, "prompt"} or {"recordId"?, "modelInput"}
    #[arg(value_name = "IN.jsonl")]
    records: PathBuf,
    /// Model id, inference profile id or ARN
    #[arg(short, long)]
    model: String,
    /// Write one line a record to this file, in the order of the records
    #[arg(short, long, value_name = "OUT.jsonl")]
    out: PathBuf,
    /// Calls under way at once, those that wait for the quota included
    #[arg(long, value_name = "auto|N", default_value = "auto", value_parser = concurrency)]
    concurrency: Concurrency,
    /// Go on with a run that did not come to its end; records that failed are sent again
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    shape: Shape,
}

/// Sends every record whose reply is not in the journal yet, and writes the replies in order.
///
/// Each reply is in the journal beside the output before the next progress is shown; the output
/// appears when every record has been tried.
pub(crate) async fn run(
    args: &Args,
    globals: &Globals,
    output: Output,
    interrupt: &Interrupt,
) -> Result<(), Error> {
    let interrupt = interrupt.within(globals.timeout);
    let model = input::model(&args.model, globals)?;
    NewFile::check(&args.out, &args.records)?;
    // The limit of time is for the command, and not for each of its calls.
    let calls = Globals { timeout: None, ..globals.clone() };
    let session = interrupt.or(Session::open(&calls, model.region())).await?;
    let map = session.client.map(&model).concurrency(args.concurrency);

    // Everything is read and checked before anything is sent.
    let input = Input::new(&args.records, &args.shape);
    let extent = input.check(&map, &interrupt)?;
    let journal = beside(&args.out);
    if args.resume
        && !journal.exists()
        && args.out.exists()
        && let Some(tally) = finish::whole(&args.out, &input)?
    {
        output.remark(&format!(
            "{} is whole already, with a line for each record; without --resume all are sent again",
            args.out.display()
        ));
        tally.print(&Totals::default(), output)?;
        return tally.judge();
    }
    let header = Header::new(&model, globals, &args.shape, &extent);
    let mut journal = Journal::open(&journal, &header, args.resume)?;
    let Done { sent, replies, failed } = journal.done();
    if args.resume {
        output.remark(&format!(
            "{replies} of {} replies are there; {sent} records that were under way and {failed} \
             that failed are sent again",
            extent.records
        ));
    }
    let caller = Caller { client: &session.client, model: &model, map };
    let totals = run::run(caller, &input, &mut journal, &extent, output, &interrupt).await?;
    let out = NewFile::create_alone(&args.out, &args.records)?;
    finish::finish(out, journal, &input, &extent, &totals, output)
}

/// The file beside the output that holds the replies until all are there.
fn beside(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".journal");
    name.into()
}

fn concurrency(text: &str) -> Result<Concurrency, String> {
    if text == "auto" {
        return Ok(Concurrency::Auto);
    }
    let calls = text.parse::<NonZeroUsize>();
    calls.map(Concurrency::Fixed).map_err(|_| "expected auto or a number from 1".to_owned())
}
