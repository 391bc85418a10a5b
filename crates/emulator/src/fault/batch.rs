//! What goes wrong with a batch job.

use std::num::NonZeroU64;

use serde::Deserialize;

use super::effect::Effect;
use super::hits::Hits;

/// Every so many records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Every {
    every: NonZeroU64,
}

/// The end of a job after so many records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndAfter {
    #[serde(default)]
    after_records: u64,
}

/// The failure of a job after so many records.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FailAfter {
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

impl JobFaults {
    pub(super) fn of(hits: &Hits) -> Self {
        let mut faults = Self::default();
        for effect in hits.effects() {
            match effect {
                Effect::MissingLines(Every { every }) => faults.missing = Some(*every),
                Effect::DuplicateLines(Every { every }) => faults.duplicate = Some(*every),
                Effect::JobExpires(EndAfter { after_records }) => {
                    faults.expires = Some(*after_records);
                }
                Effect::JobFails(FailAfter { after_records, message }) => {
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
