//! What can be set, with its defaults.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use codec::catalog::Date;
use s3s::auth::SecretKey;
use serde::Deserialize;

use crate::clock;
use crate::fault::Scenario;
use crate::quotas::Quotas;

/// Settings of a running emulator, as the builder left them.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) auth: Auth,
    pub(crate) access_key: String,
    pub(crate) secret_key: SecretKey,
    /// The bearer token that opens Bedrock's paths.
    pub(crate) api_key: SecretKey,
    pub(crate) time_to_first_token: Duration,
    /// Zero means as fast as the machine can.
    pub(crate) tokens_per_second: u32,
    /// The length of every answer in tokens, where it does not depend on the prompt.
    pub(crate) output_tokens: Option<u64>,
    /// Models whose life has ended are refused.
    pub(crate) eol_enforced: bool,
    /// The day by which a life has ended; the calendar's where there is none.
    pub(crate) today: Option<Date>,
    /// What a guardrail blocks.
    pub(crate) guarded_words: Vec<String>,
    pub(crate) quotas: Quotas,
    /// What goes wrong on purpose.
    pub(crate) scenario: Scenario,
    pub(crate) access_log: Option<AccessLog>,
    /// How long a batch job, or a provisioned throughput, is in each state on its way.
    pub(crate) stage: Duration,
    /// How long open calls may go on after the end.
    pub(crate) grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            auth: Auth::default(),
            access_key: "test".into(),
            secret_key: "test".into(),
            api_key: "test".into(),
            time_to_first_token: Duration::from_millis(20),
            tokens_per_second: 500,
            output_tokens: None,
            eol_enforced: false,
            today: None,
            guarded_words: vec!["forbidden".into()],
            quotas: Quotas::default(),
            scenario: Scenario::default(),
            access_log: None,
            stage: Duration::from_millis(150),
            grace: Duration::from_secs(30),
        }
    }
}

impl Settings {
    /// The day by which the ends of models' lives are told, in UTC.
    pub(crate) fn today(&self) -> Option<Date> {
        let calendar = || Date::parse(&clock::wall().strftime("%Y-%m-%d").to_string());
        self.today.or_else(calendar)
    }

    /// How long after the call its `tokens`-th token is due.
    pub(crate) fn due(&self, tokens: u64) -> Duration {
        let speaking = match f64::from(self.tokens_per_second) {
            0.0 => Duration::ZERO,
            rate => Duration::try_from_secs_f64(tokens as f64 / rate).unwrap_or(Duration::MAX),
        };
        self.time_to_first_token.saturating_add(speaking)
    }
}

/// Whether requests have to prove who sent them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// Every request is signed with the key pair, or brings the API key; others are refused as the
    /// service refuses them.
    #[default]
    Verify,
    /// Nothing is checked, and unsigned requests are answered too.
    Any,
}

/// Who is told of each request.
#[derive(Clone)]
pub(crate) struct AccessLog(Arc<dyn Fn(&str) + Send + Sync>);

impl AccessLog {
    pub(crate) fn new(tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(crate) fn line(&self, line: &str) {
        (self.0)(line);
    }
}

impl fmt::Debug for AccessLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessLog")
    }
}

/// Quotas of batch inference jobs, each per model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "written with `..BatchLimits::default()`")]
pub struct BatchLimits {
    /// The fewest records that a job may have. Default 100.
    pub min_records: u64,
    /// The most records that a job may have. Default 50,000.
    pub max_records: u64,
    /// The largest input file, in bytes. Default 1 GB.
    pub max_file_bytes: u64,
    /// The largest sum of input files, in bytes. Default 5 GB.
    pub max_job_bytes: u64,
    /// The most jobs of one model that are submitted or in progress at a time. Default 10.
    pub max_jobs: usize,
    /// How long an hour of a job's `timeoutDurationInHours` lasts here, in milliseconds: with a
    /// short one a job expires within a test. Default 3,600,000.
    pub timeout_hour_ms: u64,
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self {
            min_records: 100,
            max_records: 50_000,
            max_file_bytes: 1 << 30,
            max_job_bytes: 5 << 30,
            max_jobs: 10,
            timeout_hour_ms: 3_600_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_due_evenly_after_the_first() {
        let settings = Settings { tokens_per_second: 100, ..Settings::default() };
        assert_eq!(settings.due(0), Duration::from_millis(20));
        assert_eq!(settings.due(50), Duration::from_millis(520));
        let fast = Settings { tokens_per_second: 0, ..settings };
        assert_eq!(fast.due(u64::MAX), Duration::from_millis(20));
    }
}
