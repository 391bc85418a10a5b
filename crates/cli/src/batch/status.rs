//! `outcrop batch status`: how a job is doing.

use client::batch::{JobHandle, JobStatus};
use serde_json::{Map, Value};

use crate::args::Globals;
use crate::batch::handle::HandleFile;
use crate::error::Error;
use crate::output::Output;

/// Prints the status of the job.
pub(crate) async fn run(file: &HandleFile, globals: &Globals, output: Output) -> Result<(), Error> {
    let (handle, session) = file.open(globals).await?;
    let status = session.client.job(handle.clone()).status().await?;
    print(output, &handle, &status)
}

/// Prints a status: a line of text, or of JSON.
pub(crate) fn print(output: Output, handle: &JobHandle, status: &JobStatus) -> Result<(), Error> {
    if output.is_json() {
        return output.json(&to_json(handle.arn(), handle.name(), status).into());
    }
    output.line(&line(status, handle.records()))
}

/// The status as a line of text; `records` is their number until the service says it.
pub(crate) fn line(status: &JobStatus, records: u64) -> String {
    let counts = status.counts;
    // The service says 0 until it has counted.
    let total = counts.total.filter(|total| *total > 0).unwrap_or(records);
    let mut line = status.state.to_string();
    if let Some(processed) = counts.processed {
        line += &format!(", {processed} of {total} records done");
    }
    if let Some(failed) = counts.failed.filter(|failed| *failed > 0) {
        line += &format!(", {failed} of them failed");
    }
    if let Some(message) = &status.message {
        line += &format!(": {message}");
    }
    crate::error::one_line(&line)
}

/// The status as JSON; what the service does not say is absent.
pub(crate) fn to_json(arn: &str, name: &str, status: &JobStatus) -> Map<String, Value> {
    let counts = status.counts;
    let members = [
        ("jobArn", Some(arn.into())),
        ("jobName", Some(name.into())),
        ("state", Some(status.state.as_str().into())),
        ("message", status.message.clone().map(Value::from)),
        ("records", counts.total.map(Value::from)),
        ("processed", counts.processed.map(Value::from)),
        ("succeeded", counts.succeeded.map(Value::from)),
        ("failed", counts.failed.map(Value::from)),
        ("submittedAt", status.submitted.map(time)),
        ("modifiedAt", status.modified.map(time)),
        ("endedAt", status.ended.map(time)),
    ];
    let said = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    said.collect()
}

/// A time since 1970 as people write it, to the second.
fn time(since: std::time::Duration) -> Value {
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).map_or(Value::Null, |time| time.to_string().into())
}
