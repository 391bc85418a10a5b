//! The quotas of a model, as they are published, and how the service is known to keep them.

use core::num::NonZeroU64;
use core::time::Duration;

/// The quotas of one model in one region of one account. What is `None` is not limited.
///
/// How Bedrock refills its quotas is not documented. So, unless [`server`](Self::server) says
/// otherwise, calls are spaced evenly: no burst follows an idle minute. They start at 85 % of what
/// is stated and come up to 98.5 % while nothing is throttled; throttles lower the rate for a while.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quotas {
    /// Requests per minute.
    pub requests_per_minute: Option<NonZeroU64>,
    /// Tokens per minute, as Bedrock charges them: input and `max_tokens` when a call begins,
    /// input and output × burndown when it ends.
    pub tokens_per_minute: Option<NonZeroU64>,
    /// Input tokens per minute, where the service counts input and output apart: input and
    /// `max_tokens` when a call begins, input when it ends.
    pub input_tokens_per_minute: Option<NonZeroU64>,
    /// Output tokens per minute, where the service counts input and output apart: as they come.
    pub output_tokens_per_minute: Option<NonZeroU64>,
    /// The tokens of [`tokens_per_minute`](Self::tokens_per_minute) per day of 24 hours.
    pub tokens_per_day: Option<NonZeroU64>,
    /// When the tokens of a day come back. Default: 24 hours after they were taken.
    pub daily_reset: DailyReset,
    /// Requests in flight at a time.
    pub concurrent: Option<NonZeroU64>,
    /// What an output token costs. `None`: what the catalogue says of the model.
    pub burndown: Option<NonZeroU64>,
    /// How the service keeps its quotas by the minute. Default: unknown.
    pub server: ServerModel,
    /// The part of the quotas by the minute to use at all times, in millionths. Default: where the
    /// server model is unknown 850,000, rising to 985,000 while nothing is throttled; else all.
    pub quota_use: Option<u32>,
}

/// How a service keeps a quota by the minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerModel {
    /// Nobody knows: calls are spaced evenly.
    #[default]
    Unknown,
    /// A bucket that refills continuously and holds what refills in `burst`; what is there may be
    /// taken at once, and a call that is larger is refused for good.
    Bucket {
        /// The time in which an empty bucket fills.
        burst: Duration,
    },
    /// A window that looks back over a minute: all of the quota may go at once, and comes back a
    /// minute later.
    Sliding,
    /// All of the quota comes back at each full minute of the clock.
    ClockMinute,
}

/// When a service gives the tokens of a day back, which is not documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DailyReset {
    /// Each 24 hours after it was taken, to the minute: no 24 hours see more than the quota, so that
    /// it is kept whenever the service's day begins.
    #[default]
    Rolling,
    /// All at midnight UTC.
    Midnight,
}

impl Quotas {
    /// These quotas with this many requests per minute.
    #[must_use]
    pub const fn with_requests_per_minute(mut self, requests: NonZeroU64) -> Self {
        self.requests_per_minute = Some(requests);
        self
    }

    /// These quotas with this many tokens per minute.
    #[must_use]
    pub const fn with_tokens_per_minute(mut self, tokens: NonZeroU64) -> Self {
        self.tokens_per_minute = Some(tokens);
        self
    }

    /// These quotas with this many input tokens per minute, counted apart.
    #[must_use]
    pub const fn with_input_tokens_per_minute(mut self, tokens: NonZeroU64) -> Self {
        self.input_tokens_per_minute = Some(tokens);
        self
    }

    /// These quotas with this many output tokens per minute, counted apart.
    #[must_use]
    pub const fn with_output_tokens_per_minute(mut self, tokens: NonZeroU64) -> Self {
        self.output_tokens_per_minute = Some(tokens);
        self
    }

    /// These quotas with this many tokens per day.
    #[must_use]
    pub const fn with_tokens_per_day(mut self, tokens: NonZeroU64) -> Self {
        self.tokens_per_day = Some(tokens);
        self
    }

    /// These quotas, whose tokens of a day come back in this way.
    #[must_use]
    pub const fn with_daily_reset(mut self, reset: DailyReset) -> Self {
        self.daily_reset = reset;
        self
    }

    /// These quotas with this many requests in flight at a time.
    #[must_use]
    pub const fn with_concurrent(mut self, requests: NonZeroU64) -> Self {
        self.concurrent = Some(requests);
        self
    }

    /// These quotas with this price of an output token.
    #[must_use]
    pub const fn with_burndown(mut self, burndown: NonZeroU64) -> Self {
        self.burndown = Some(burndown);
        self
    }

    /// These quotas, kept by the service in this way.
    #[must_use]
    pub const fn with_server(mut self, server: ServerModel) -> Self {
        self.server = server;
        self
    }

    /// These quotas, of which this part is used at all times, in millionths.
    #[must_use]
    pub const fn with_quota_use(mut self, millionths: u32) -> Self {
        self.quota_use = Some(millionths);
        self
    }

    /// Whether input and output are counted apart.
    pub const fn counts_apart(&self) -> bool {
        self.input_tokens_per_minute.is_some() || self.output_tokens_per_minute.is_some()
    }

    /// Whether nothing is limited.
    pub const fn is_unlimited(&self) -> bool {
        self.requests_per_minute.is_none()
            && self.tokens_per_minute.is_none()
            && !self.counts_apart()
            && self.tokens_per_day.is_none()
            && self.concurrent.is_none()
    }
}
