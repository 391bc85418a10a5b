//! `outcrop batch results`: the replies of a job, in the order of its records.

use std::path::PathBuf;

use client::batch::{Job, RecordFailure, RecordOutcome};
use client::codec::batch::ErrorCode;
use serde_json::{Value, json};

use crate::args::Globals;
use crate::batch::handle::HandleFile;
use crate::error::Error;
use crate::file::NewFile;
use crate::output::Output;

/// Which job, and where its replies go.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    job: HandleFile,
    /// Write one line a record to this file; else they are printed
    #[arg(short, long, value_name = "OUT.jsonl")]
    out: Option<PathBuf>,
}

/// What came of the records of a job.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    records: u64,
    failed: u64,
    missing: u64,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
}

/// Writes one line a record; records without a reply are an error.
pub(crate) async fn run(args: &Args, globals: &Globals, output: Output) -> Result<(), Error> {
    let out = args.out.as_deref();
    let file = out.map(|path| NewFile::create(path, args.job.path())).transpose()?;
    let (handle, session) = args.job.open(globals).await?;
    let job = session.client.job(handle);
    let Some(mut file) = file else {
        let tally = read(&job, |outcome| output.json(&line(outcome))).await?;
        return tally.judge();
    };
    let tally = read(&job, |outcome| file.line(&line(outcome).to_string())).await?;
    file.finish()?;
    tally.print(output)?;
    tally.judge()
}

/// Hands on what came of each record, in the order of the records.
pub(crate) async fn read(
    job: &Job,
    mut take: impl FnMut(&RecordOutcome) -> Result<(), Error>,
) -> Result<Tally, Error> {
    let scratch = tempfile::tempfile().map_err(Error::Machine)?;
    let mut results = job.join(scratch).await?;
    let mut ids = job.record_ids();
    let mut tally = Tally::default();
    while let Some(id) = ids.next().await {
        let outcome = results.outcome(&id?)?;
        tally.count(&outcome);
        take(&outcome)?;
    }
    Ok(tally)
}

impl Tally {
    fn count(&mut self, outcome: &RecordOutcome) {
        self.records += 1;
        match &outcome.result {
            Ok(reply) => {
                let usage = reply.usage.as_ref();
                self.input_tokens += usage.map_or(0, |usage| usage.total() - usage.output_tokens);
                self.output_tokens += usage.map_or(0, |usage| usage.output_tokens);
            }
            Err(RecordFailure::Missing) => self.missing += 1,
            Err(_) => self.failed += 1,
        }
    }

    /// How many records have a reply.
    pub(crate) fn replies(&self) -> u64 {
        self.records - self.failed - self.missing
    }

    /// Prints the counts.
    pub(crate) fn print(&self, output: Output) -> Result<(), Error> {
        let Self { records, failed, missing, input_tokens, output_tokens } = self;
        let replies = self.replies();
        if output.is_json() {
            return output.json(&json!({
                "records": records,
                "succeeded": replies,
                "failed": failed,
                "missing": missing,
                "inputTokens": input_tokens,
                "outputTokens": output_tokens,
            }));
        }
        output.line(&format!(
            "{records} records: {replies} replies, {failed} errors, {missing} without a result; \
             {input_tokens} tokens in, {output_tokens} out"
        ))
    }

    /// Fails if a record has no reply.
    pub(crate) fn judge(&self) -> Result<(), Error> {
        match self.failed + self.missing {
            0 => Ok(()),
            failed => Err(Error::Records { failed, records: self.records }),
        }
    }
}

/// What came of a record, as a line of the output.
pub(crate) fn line(outcome: &RecordOutcome) -> Value {
    let id = &outcome.id;
    let failed = |code: Value, message: &str| json!({ "recordId": id, "error": { "code": code, "message": message } });
    match &outcome.result {
        Ok(reply) => json!({ "recordId": id, "reply": reply.to_converse() }),
        Err(RecordFailure::Refused(error)) => {
            let code = match &error.code {
                Some(ErrorCode::Status(status)) => (*status).into(),
                Some(ErrorCode::Name(name)) => name.as_str().into(),
                _ => Value::Null,
            };
            failed(code, error.message.as_deref().unwrap_or_default())
        }
        // A reply in a form that is not known is kept as it came.
        Err(RecordFailure::Unreadable { output, source, .. }) => json!({
            "recordId": id,
            "error": { "code": "Unreadable", "message": source.to_string() },
            "modelOutput": output.to_value().unwrap_or_else(|_| output.as_str().into()),
        }),
        Err(RecordFailure::Missing) => {
            failed("Missing".into(), "the job ended without a result for this record")
        }
        Err(other) => failed(Value::Null, &other.to_string()),
    }
}
