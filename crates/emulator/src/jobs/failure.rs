//! Why a job failed, in the words of its message.

use std::io;

use super::s3_uri::S3Uri;

/// What ends a job in `Failed`.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("The bucket {0} does not exist.")]
    NoBucket(String),
    #[error("There is no object at {0}.")]
    NoObject(S3Uri),
    #[error("There is no object at {0} whose name ends in .jsonl.")]
    NoJsonl(S3Uri),
    #[error("Cannot list {place}: {source}.")]
    List { place: S3Uri, source: io::Error },
    #[error("Cannot read {file}: {source}.")]
    Read { file: String, source: io::Error },
    /// A scenario wants it.
    #[error("{0}")]
    Wanted(String),
    #[error("Cannot write the output: {0}.")]
    Write(#[from] io::Error),
    #[error("Input file {file} has {bytes} bytes, more than the quota of {limit}.")]
    FileTooLarge { file: String, bytes: u64, limit: u64 },
    #[error("The input of the job has {bytes} bytes, more than the quota of {limit}.")]
    JobTooLarge { bytes: u64, limit: u64 },
    #[error("Line {line} of {file} has more than {limit} bytes.")]
    LongLine { file: String, line: u64, limit: u64 },
    #[error("Line {line} of {file} is malformed: {source}.")]
    Malformed { file: String, line: u64, source: Malformed },
    #[error("Batch job {job} contains more records than the allowed maximum of: {limit}")]
    TooManyRecords { job: String, limit: u64 },
    #[error(
        "Batch job {job} contains less records ({records}) than the required minimum of: {limit}"
    )]
    TooFewRecords { job: String, records: u64, limit: u64 },
}

/// What is wrong with the form of a record.
#[derive(Debug, thiserror::Error)]
pub(super) enum Malformed {
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("modelInput is missing or is no JSON object")]
    ModelInput,
    #[error("recordId is no string")]
    RecordId,
}
