//! How a job is doing.

use std::fmt;
use std::time::Duration;

use transport::JobDescription;

use crate::error::{Error, ErrorKind};

/// How a job is doing, as the service says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobStatus {
    /// Where it is in its life.
    pub state: JobState,
    /// Why, in the service's words.
    pub message: Option<String>,
    /// How far it has come.
    pub counts: JobCounts,
    /// When it was submitted, since 1970-01-01T00:00:00Z.
    pub submitted: Option<Duration>,
    /// When it last changed, since 1970-01-01T00:00:00Z.
    pub modified: Option<Duration>,
    /// When it ended, since 1970-01-01T00:00:00Z.
    pub ended: Option<Duration>,
}

/// How many of a job's records have come how far. The service need not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobCounts {
    /// Records in the input.
    pub total: Option<u64>,
    /// Records done, well or badly.
    pub processed: Option<u64>,
    /// Records done well.
    pub succeeded: Option<u64>,
    /// Records that ended in an error.
    pub failed: Option<u64>,
}

/// Where a job is in its life.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobState {
    /// Waits to be validated.
    Submitted,
    /// Its input is checked.
    Validating,
    /// Waits for its turn.
    Scheduled,
    /// Runs.
    InProgress,
    /// Every record was processed, well or badly.
    Completed,
    /// Time ran out before every record was processed.
    PartiallyCompleted,
    /// It could not be run.
    Failed,
    /// Time ran out before it began.
    Expired,
    /// Is being stopped.
    Stopping,
    /// Was stopped; what was done by then has results.
    Stopped,
    /// A state that this version does not know. It counts as not yet ended.
    Other(String),
}

impl JobState {
    /// The service's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Submitted => "Submitted",
            Self::Validating => "Validating",
            Self::Scheduled => "Scheduled",
            Self::InProgress => "InProgress",
            Self::Completed => "Completed",
            Self::PartiallyCompleted => "PartiallyCompleted",
            Self::Failed => "Failed",
            Self::Expired => "Expired",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Other(word) => word,
        }
    }

    /// Whether it will not change any more.
    pub fn is_terminal(&self) -> bool {
        matches!(
            self,
            Self::Completed
                | Self::PartiallyCompleted
                | Self::Failed
                | Self::Expired
                | Self::Stopped
        )
    }

    /// Whether the job counts against the quota for jobs at a time.
    pub(crate) const RUNNING: [Self; 4] =
        [Self::Submitted, Self::Validating, Self::Scheduled, Self::InProgress];
}

impl From<&str> for JobState {
    fn from(word: &str) -> Self {
        match word {
            "Submitted" => Self::Submitted,
            "Validating" => Self::Validating,
            "Scheduled" => Self::Scheduled,
            "InProgress" => Self::InProgress,
            "Completed" => Self::Completed,
            "PartiallyCompleted" => Self::PartiallyCompleted,
            "Failed" => Self::Failed,
            "Expired" => Self::Expired,
            "Stopping" => Self::Stopping,
            "Stopped" => Self::Stopped,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl JobStatus {
    pub(crate) fn new(description: JobDescription) -> Self {
        Self {
            state: JobState::from(description.status.as_str()),
            message: description.message,
            counts: JobCounts {
                total: description.records,
                processed: description.processed,
                succeeded: description.succeeded,
                failed: description.failed,
            },
            submitted: description.submitted,
            modified: description.modified,
            ended: description.ended,
        }
    }

    /// This status, if the job is [`Completed`](JobState::Completed). Records may have failed.
    ///
    /// # Errors
    ///
    /// An error of the kind [`ErrorKind::Job`] in any other state, with the service's message.
    pub fn completed(self) -> Result<Self, Error> {
        let what = match &self.state {
            JobState::Completed => return Ok(self),
            JobState::PartiallyCompleted => {
                "ran out of time before every record was processed; submit the others again"
            }
            JobState::Failed => "failed",
            JobState::Expired => "ran out of time before it began; submit it again",
            JobState::Stopped => "was stopped",
            _ => "has not ended yet; wait for it",
        };
        let mut message = format!("the batch job {what}");
        if let Some(why) = &self.message {
            message = format!("{message}: {why}");
        }
        Err(Error::new(ErrorKind::Job, message))
    }
}
