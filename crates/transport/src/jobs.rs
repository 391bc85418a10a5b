//! Batch inference jobs, as the control plane knows them.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::Error;

/// Creates, watches, lists and stops batch inference jobs.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Jobs: Debug + Send + Sync {
    /// Creates a job and returns its ARN. A repeated [`client_token`](JobSpec::client_token)
    /// returns the job of the first call.
    ///
    /// # Errors
    ///
    /// The service's refusal, or what kept the call from it.
    async fn create(&self, spec: JobSpec) -> Result<String, Error>;

    /// What the service says of a job, named by its ARN or by the 12 characters at its end.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create); an unknown job is refused with `ResourceNotFoundException`.
    async fn describe(&self, job: String) -> Result<JobDescription, Error>;

    /// One page of jobs, newest first.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    async fn list(&self, filter: JobFilter) -> Result<JobPage, Error>;

    /// Asks for a job to be stopped; it passes through `Stopping`.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create); a job that has ended is refused with `ConflictException`.
    async fn stop(&self, job: String) -> Result<(), Error>;
}

/// What a job is to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobSpec {
    /// The job's name: 1 to 63 letters, digits, `-`, `+` and `.`, the first a letter or digit.
    pub name: String,
    /// The role that Bedrock takes on to read and write the bucket.
    pub role_arn: String,
    /// The model id, profile or ARN.
    pub model: String,
    /// Makes the call idempotent: 1 to 256 letters, digits and `-`.
    pub client_token: String,
    /// `s3://bucket/key.jsonl`, or a folder of such objects.
    pub input_uri: String,
    /// `s3://bucket/prefix/`, under which the service makes a folder named for the job.
    pub output_uri: String,
    /// `InvokeModel` or `Converse`; the service's default is the first.
    pub invocation_type: Option<String>,
    /// How many hours the job may take, 24 to 168.
    pub timeout_hours: Option<i32>,
    /// Tags of the job.
    pub tags: BTreeMap<String, String>,
}

/// A job as the service describes it. What the service leaves out is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobDescription {
    /// The job's ARN.
    pub arn: String,
    /// The job's name.
    pub name: String,
    /// The model it runs on.
    pub model: String,
    /// `Submitted`, `Validating`, `Scheduled`, `InProgress`, `Completed`, `PartiallyCompleted`,
    /// `Failed`, `Expired`, `Stopping`, `Stopped`, or a newer word.
    pub status: String,
    /// Why it is in this state, in the service's words.
    pub message: Option<String>,
    /// Where it reads.
    pub input_uri: String,
    /// Where it writes.
    pub output_uri: String,
    /// When it was submitted, since 1970-01-01T00:00:00Z.
    pub submitted: Option<Duration>,
    /// When it last changed, since 1970-01-01T00:00:00Z.
    pub modified: Option<Duration>,
    /// When it ended, since 1970-01-01T00:00:00Z.
    pub ended: Option<Duration>,
    /// Records in the input.
    pub records: Option<u64>,
    /// Records done, well or badly.
    pub processed: Option<u64>,
    /// Records done well.
    pub succeeded: Option<u64>,
    /// Records that ended in an error.
    pub failed: Option<u64>,
}

/// Which jobs to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobFilter {
    /// Only jobs in this state.
    pub status: Option<String>,
    /// Only jobs whose name contains this.
    pub name_contains: Option<String>,
    /// At most this many on a page, 1 to 1,000.
    pub max_results: Option<i32>,
    /// The page to give, as the page before named it.
    pub next_token: Option<String>,
}

/// One page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<JobDescription>,
    /// How to ask for the next page, if there is one.
    pub next_token: Option<String>,
}
