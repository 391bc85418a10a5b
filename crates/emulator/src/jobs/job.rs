//! A job, and how the service describes it.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::request::Request;
use crate::control::arn;
use crate::wire::set;

/// A job as it stands.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// Twelve letters and digits, unique.
    pub(super) id: String,
    pub(super) region: String,
    pub(super) request: Request,
    pub(super) status: Status,
    /// Why it failed.
    pub(super) message: Option<String>,
    pub(super) submitted: Timestamp,
    /// When it is given up.
    pub(super) expires: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) ended: Option<Timestamp>,
    pub(super) counts: Counts,
}

/// Where a job is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Submitted,
    Validating,
    Scheduled,
    InProgress,
    Completed,
    PartiallyCompleted,
    Failed,
    Expired,
    Stopping,
    Stopped,
}

/// How many records, and how many tokens they took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) total: u64,
    pub(super) succeeded: u64,
    pub(super) failed: u64,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
}

impl Job {
    /// A job that is submitted `now`. An `hour` of its time-out may be shorter than others.
    pub(super) fn new(
        id: String,
        region: String,
        request: Request,
        now: Timestamp,
        hour: Duration,
    ) -> Self {
        let hours = u32::try_from(request.timeout_hours).unwrap_or(u32::MAX);
        Self {
            expires: now.checked_add(hour.saturating_mul(hours)).unwrap_or(Timestamp::MAX),
            id,
            region,
            request,
            status: Status::Submitted,
            message: None,
            submitted: now,
            modified: now,
            ended: None,
            counts: Counts::default(),
        }
    }

    pub(super) fn arn(&self) -> String {
        arn::own(&self.region, &format!("model-invocation-job/{}", self.id))
    }

    /// What GetModelInvocationJob answers.
    pub(super) fn to_json(&self) -> Value {
        let request = &self.request;
        let mut job = json!({
            "jobArn": self.arn(),
            "jobName": request.name,
            "modelId": request.model_id,
            "roleArn": request.role_arn,
            "status": self.status.as_str(),
            "submitTime": self.submitted.to_string(),
            "lastModifiedTime": self.modified.to_string(),
            "inputDataConfig": request.input_config,
            "outputDataConfig": request.output_config,
            "timeoutDurationInHours": request.timeout_hours,
            "jobExpirationTime": self.expires.to_string(),
            "modelInvocationType": request.invocation_type,
            "totalRecordCount": self.counts.total,
            "processedRecordCount": self.counts.processed(),
            "successRecordCount": self.counts.succeeded,
            "errorRecordCount": self.counts.failed,
        });
        let optional = [
            ("clientRequestToken", request.client_token.clone()),
            ("message", self.message.clone()),
            ("endTime", self.ended.map(|time| time.to_string())),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                set(&mut job, key, value);
            }
        }
        if !request.vpc_config.is_null() {
            set(&mut job, "vpcConfig", request.vpc_config.clone());
        }
        job
    }
}

impl Status {
    pub(super) const fn as_str(self) -> &'static str {
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
        }
    }

    /// Whether it is the last one of a job.
    pub(super) const fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Completed
                | Self::PartiallyCompleted
                | Self::Failed
                | Self::Expired
                | Self::Stopped
        )
    }
}

impl Counts {
    pub(super) const fn processed(&self) -> u64 {
        self.succeeded + self.failed
    }

    /// What `manifest.json.out` says.
    pub(super) fn to_manifest(self) -> Map<String, Value> {
        [
            ("totalRecordCount", self.total),
            ("processedRecordCount", self.processed()),
            ("successRecordCount", self.succeeded),
            ("errorRecordCount", self.failed),
            ("inputTokenCount", self.input_tokens),
            ("outputTokenCount", self.output_tokens),
        ]
        .into_iter()
        .map(|(key, count)| (key.into(), count.into()))
        .collect()
    }
}
