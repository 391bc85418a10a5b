//! What goes wrong with a batch job.

use std::num::NonZeroU64;

use serde::Deserialize;

use super::effect::{Act, Effect, Stage};
use super::hits::Hits;

/// Every so many records have no line in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MissingLines {
    every: NonZeroU64,
}

/// Every so many records have two lines in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DuplicateLines {
    every: NonZeroU64,
}

/// The time of a job is over after so many records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JobExpires {
    #[serde(default)]
    after_records: u64,
}

/// A job fails after so many records.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JobFails {
    #[serde(default)]
    after_records: u64,
    message: Option<String>,
}

/// All that goes wrong with one job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct JobFaults {
    missing: Option<NonZeroU64>,
    duplicate: Option<NonZeroU64>,
    fails: Option<(u64, String)>,
    expires: Option<u64>,
}

/// How a job ends before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JobEnd {
    /// It fails with this message.
    Fails(String),
    /// Its time is over.
    Expires,
}

impl Act for MissingLines {
    fn name(&self) -> &'static str {
        "missing_lines"
    }

    fn stage(&self) -> Stage {
        Stage::Job
    }
}

impl Act for DuplicateLines {
    fn name(&self) -> &'static str {
        "duplicate_lines"
    }

    fn stage(&self) -> Stage {
        Stage::Job
    }
}

impl Act for JobFails {
    fn name(&self) -> &'static str {
        "job_fails"
    }

    fn stage(&self) -> Stage {
        Stage::Job
    }
}

impl Act for JobExpires {
    fn name(&self) -> &'static str {
        "job_expires"
    }

    fn stage(&self) -> Stage {
        Stage::Job
    }
}

impl JobFaults {
    pub(super) fn of(hits: &Hits) -> Self {
        let mut faults = Self::default();
        for effect in hits.effects() {
            match effect {
                Effect::MissingLines(lines) => faults.missing = Some(lines.every),
                Effect::DuplicateLines(lines) => faults.duplicate = Some(lines.every),
                Effect::JobExpires(end) => faults.expires = Some(end.after_records),
                Effect::JobFails(JobFails { after_records, message }) => {
                    let message = message.as_deref().unwrap_or(FAILED);
                    faults.fails = Some((*after_records, message.into()));
                }
                _ => {}
            }
        }
        faults
    }

    /// How many lines the record of this number leaves in the output; records count from 1.
    pub(crate) fn lines(&self, number: u64) -> usize {
        let is_hit = |every: Option<NonZeroU64>| {
            every.is_some_and(|every| number.is_multiple_of(every.get()))
        };
        match (is_hit(self.missing), is_hit(self.duplicate)) {
            (true, _) => 0,
            (false, true) => 2,
            (false, false) => 1,
        }
    }

    /// How the job ends once so many records are done, if it ends there.
    pub(crate) fn end(&self, records: u64) -> Option<JobEnd> {
        if let Some((after, message)) = &self.fails
            && records >= *after
        {
            return Some(JobEnd::Fails(message.clone()));
        }
        self.expires.is_some_and(|after| records >= after).then_some(JobEnd::Expires)
    }
}

const FAILED: &str = "The job failed because of an internal error. Please submit it again.";
