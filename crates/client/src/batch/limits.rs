//! The quotas of batch inference, which have nothing to do with requests and tokens per minute.

/// What one batch job may be, checked before the job is created.
///
/// The defaults are the lowest that Bedrock's documents state for any model. Your account's own are
/// in Service Quotas, under names that begin with "Records per batch inference job" and the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchLimits {
    /// The fewest records of a job. Default: 100.
    pub min_records: u64,
    /// The most records of a job. Default: 50,000.
    pub max_records: u64,
    /// The most bytes of a job's input. Default: 1,000,000,000.
    pub max_bytes: u64,
    /// The most jobs of one model that are submitted or in progress at a time. `None`: the jobs are
    /// not counted, which saves the calls that list them. Default: 10.
    pub concurrent_jobs: Option<u32>,
}

impl BatchLimits {
    /// These limits with another least number of records.
    #[must_use]
    pub fn with_min_records(mut self, records: u64) -> Self {
        self.min_records = records;
        self
    }

    /// These limits with another greatest number of records.
    #[must_use]
    pub fn with_max_records(mut self, records: u64) -> Self {
        self.max_records = records;
        self
    }

    /// These limits with another greatest number of bytes.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// These limits with another greatest number of jobs.
    #[must_use]
    pub fn with_concurrent_jobs(mut self, jobs: impl Into<Option<u32>>) -> Self {
        self.concurrent_jobs = jobs.into();
        self
    }
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self {
            min_records: 100,
            max_records: 50_000,
            max_bytes: 1_000_000_000,
            concurrent_jobs: Some(10),
        }
    }
}
