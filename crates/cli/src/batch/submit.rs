//! `outcrop batch submit`: the records go up, and the handle of the job comes back.

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::task::Poll;
use std::time::Duration;

use client::batch::{BatchLimits, JobHandle, Record};
use codec::{ModelRef, catalog};
use emulator::Emulator;
use futures_util::{FutureExt, Stream, stream};

use crate::args::Globals;
use crate::batch::handle;
use crate::batch::records::{Flaw, Records};
use crate::connect::Session;
use crate::error::Error;
use crate::file::NewFile;
use crate::input::{self, Shape};
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::remarks;

/// What to submit, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) order: Order,
    /// Save the job's handle in this file; else it is printed
    #[arg(short, long, value_name = "PATH")]
    job: Option<PathBuf>,
}

/// A job to be.
#[derive(Debug, clap::Args)]
pub(crate) struct Order {
    /// Records, one a line: {"recordId"?, "prompt"} or {"recordId"?, "modelInput"}
    #[arg(value_name = "IN.jsonl")]
    pub(crate) records: PathBuf,
    /// Model id, inference profile id or ARN
    #[arg(short, long)]
    model: String,
    /// Bucket for the job's input and output; with --local one is made
    #[arg(long)]
    bucket: Option<String>,
    /// Folder in the bucket
    #[arg(long, default_value = "")]
    prefix: String,
    /// Role in which Bedrock reads and writes the bucket
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// Name of the job
    #[arg(long)]
    name: Option<String>,
    /// Fewest records of a job, where the quota is another than is known of the model; with
    /// --local it is the local server's quota, too
    #[arg(long, value_name = "N")]
    min_records: Option<u64>,
    #[command(flatten)]
    pub(crate) shape: Shape,
}

/// Submits, and saves or prints the handle.
pub(crate) async fn run(
    args: &Args,
    globals: &Globals,
    output: Output,
    interrupt: &Interrupt,
) -> Result<(), Error> {
    let file = args.job.as_deref().map(|path| args.order.begin(path)).transpose()?;
    let session = interrupt.or(args.order.open(globals)).await?;
    args.order.remark(&session, globals, output)?;
    let job = args.order.submit(&session, globals, interrupt).await?;
    if globals.local {
        output.remark(LOCAL_JOB_ENDS);
    }
    let saved = file.is_some();
    if let Some(file) = file {
        handle::save(file, &job, output)?;
    }
    if output.is_json() || !saved {
        return output.json(&handle::to_json(&job));
    }
    output.line(job.arn())
}

impl Order {
    /// Begins a file that comes of the records, and does not take their place.
    pub(crate) fn begin(&self, path: &Path) -> Result<NewFile, Error> {
        NewFile::create(path, &self.records)
    }

    /// Checks what can be checked without a client, and makes one.
    pub(crate) async fn open(&self, globals: &Globals) -> Result<Session, Error> {
        let model = input::model(&self.model, globals)?;
        Records::open(&self.records, &self.shape)?;
        if !globals.local {
            self.bucket.as_ref().ok_or(Error::NoBucket)?;
            self.role_arn.as_ref().ok_or(Error::NoRole)?;
        }
        let limits = self.limits(&model);
        self.check_count(limits.min_records)?;
        let emulator = Emulator::builder().batch_limits(emulator::BatchLimits {
            min_records: limits.min_records,
            ..emulator::BatchLimits::default()
        });
        Session::open_or(globals, model.region(), emulator).await
    }

    /// What a job of this model may be.
    fn limits(&self, model: &ModelRef) -> BatchLimits {
        let limits = BatchLimits::default();
        let known = catalog::facts(model).min_batch_records.map(u64::from);
        limits.with_min_records(self.min_records.or(known).unwrap_or(limits.min_records))
    }

    /// Refuses too few records before anything is done. A line that is wrong is left to the upload,
    /// which names it.
    fn check_count(&self, min: u64) -> Result<(), Error> {
        if !self.records.is_file() {
            // What is no plain file can be read once only.
            return Ok(());
        }
        let mut records = 0;
        for record in Records::open(&self.records, &self.shape)? {
            records += 1;
            if record.is_err() || records >= min {
                return Ok(());
            }
        }
        if records < min { Err(Error::TooFewRecords { records, min }) } else { Ok(()) }
    }

    /// Says what to know of the model before the job.
    pub(crate) fn remark(
        &self,
        session: &Session,
        globals: &Globals,
        output: Output,
    ) -> Result<(), Error> {
        let model = input::model(&self.model, globals)?;
        remarks::before(output, &model, Some(session.region()));
        Ok(())
    }

    /// Submits the records. If it is interrupted, what was uploaded is taken back.
    pub(crate) async fn submit(
        &self,
        session: &Session,
        globals: &Globals,
        interrupt: &Interrupt,
    ) -> Result<JobHandle, Error> {
        let model = input::model(&self.model, globals)?;
        let records = Records::open(&self.records, &self.shape)?;
        let line = records.line();
        if let (Some(emulator), None) = (session.emulator(), &self.bucket) {
            emulator.create_bucket(LOCAL_BUCKET).await?;
        }
        let mut batch = session
            .client
            .batch(&model)
            .limits(self.limits(&model))
            .bucket(self.bucket.as_deref().unwrap_or(LOCAL_BUCKET))
            .prefix(&self.prefix)
            .role_arn(self.role_arn.as_deref().unwrap_or(LOCAL_ROLE));
        if let Some(name) = &self.name {
            batch = batch.name(name);
        }
        let submitted = batch.submit(until(records, interrupt));
        let submitted = async { Ok(submitted.await) };
        match interrupt.or_after(TIME_TO_CLEAN_UP, submitted).await? {
            Ok(handle) => Ok(handle),
            Err(error) => match interrupt.came() {
                Some(end) => Err(end.into()),
                None => Err(Error::records(error, line.get())),
            },
        }
    }
}

/// The records, ending with an error once the command is interrupted: so the upload is taken back.
fn until(
    mut records: Records<impl BufRead>,
    interrupt: &Interrupt,
) -> impl Stream<Item = Result<Record, Flaw>> {
    let mut signal = interrupt.signal();
    stream::poll_fn(move |context| {
        if signal.poll_unpin(context).is_ready() {
            let line = records.line().get();
            return Poll::Ready(Some(Err(Flaw { line, what: "interrupted".to_owned() })));
        }
        Poll::Ready(records.next())
    })
}

/// The bucket of the local server, where none is named.
pub(crate) const LOCAL_BUCKET: &str = "outcrop";
/// A role that the local server takes, as it takes any.
pub(crate) const LOCAL_ROLE: &str = "arn:aws:iam::000000000000:role/outcrop";
const LOCAL_JOB_ENDS: &str = "the local Bedrock ends with this command, and the job with it; \
     `outcrop batch run` waits, and `outcrop emulate` keeps jobs between commands";
/// How long an interrupted upload may take to be taken back.
const TIME_TO_CLEAN_UP: Duration = Duration::from_secs(5);
