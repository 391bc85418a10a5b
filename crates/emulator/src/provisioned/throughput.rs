//! A provisioned throughput, and how the service describes it.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::origin::Origin;
use super::request::Request;
use crate::control::arn;
use crate::wire::set;

/// A throughput. Its state depends on the time: what is under way ends by itself.
#[derive(Debug, Clone)]
pub(super) struct Throughput {
    /// Later ones have higher numbers.
    pub(super) number: u64,
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) request: Request,
    /// The model until the change that is under way has ended.
    origin: Origin,
    desired: Origin,
    pub(super) created: Timestamp,
    modified: Timestamp,
    work: Work,
    /// When that work has ended.
    ready: Instant,
}

/// Where a throughput is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Creating,
    InService,
    Updating,
}

/// What was last done to it.
#[derive(Debug, Clone, Copy)]
enum Work {
    Creation,
    Update,
}

/// A moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) wall: Timestamp,
    pub(super) now: Instant,
}

impl Throughput {
    /// A new one, which is ready after a `stage`.
    pub(super) fn new(
        number: u64,
        id: &str,
        region: &str,
        request: Request,
        at: Moment,
        stage: Duration,
    ) -> Self {
        Self {
            number,
            arn: arn::own(region, &format!("provisioned-model/{id}")),
            name: request.name.clone(),
            origin: request.origin.clone(),
            desired: request.origin.clone(),
            request,
            created: at.wall,
            modified: at.wall,
            work: Work::Creation,
            ready: at.now + stage,
        }
    }

    pub(super) fn is(&self, identifier: &str) -> bool {
        self.arn == identifier || self.name == identifier
    }

    pub(super) fn status(&self, now: Instant) -> Status {
        match self.work {
            _ if now >= self.ready => Status::InService,
            Work::Creation => Status::Creating,
            Work::Update => Status::Updating,
        }
    }

    /// The model that runs now.
    pub(super) fn origin(&self, now: Instant) -> &Origin {
        if now >= self.ready { &self.desired } else { &self.origin }
    }

    /// Gives it another name, or another model after a `stage`.
    pub(super) fn update(
        &mut self,
        name: Option<String>,
        origin: Option<Origin>,
        at: Moment,
        stage: Duration,
    ) {
        if let Some(name) = name {
            self.name = name;
        }
        self.modified = at.wall;
        if self.status(at.now) == Status::InService {
            self.origin = self.desired.clone();
            self.work = Work::Update;
            self.ready = at.now + stage;
        }
        if let Some(origin) = origin {
            self.desired = origin;
        }
    }

    /// When the time that it was bought for ends.
    pub(super) fn committed_until(&self) -> Option<Timestamp> {
        let days = match self.request.commitment? {
            "OneMonth" => 30,
            _ => 180,
        };
        let term = Duration::from_secs(days * 24 * 60 * 60);
        Some(self.created.checked_add(term).unwrap_or(Timestamp::MAX))
    }

    /// What GetProvisionedModelThroughput answers, and a list for each.
    pub(super) fn to_json(&self, now: Instant) -> Value {
        let origin = self.origin(now);
        let region = self.arn.split(':').nth(3).unwrap_or_default();
        let mut value = json!({
            "modelUnits": self.request.units,
            "desiredModelUnits": self.request.units,
            "provisionedModelName": self.name,
            "provisionedModelArn": self.arn,
            "modelArn": origin.arn,
            "desiredModelArn": self.desired.arn,
            "foundationModelArn": arn::foundation_model(region, &origin.foundation),
            "status": self.status(now).as_str(),
            "creationTime": self.created.to_string(),
            "lastModifiedTime": self.modified.to_string(),
        });
        if let Some((commitment, end)) = self.request.commitment.zip(self.committed_until()) {
            set(&mut value, "commitmentDuration", commitment);
            set(&mut value, "commitmentExpirationTime", end.to_string());
        }
        value
    }
}

impl Status {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::InService => "InService",
            Self::Updating => "Updating",
        }
    }
}
