//! The quotas of a model, as a caller states them.

use std::num::NonZeroU64;

use quota::{Bucket, Rate};

/// The quotas of one model in one region of one account. What is `None` is not limited.
///
/// A quota refills continuously and holds a minute's worth, so that one call may be as large as the
/// quota; an idle minute can therefore be followed by a burst. How Bedrock itself refills is not
/// documented.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quotas {
    /// Requests per minute.
    pub requests_per_minute: Option<NonZeroU64>,
    /// Tokens per minute, as Bedrock charges them: input and `max_tokens` when a call begins,
    /// input and output × burn-down when it ends.
    pub tokens_per_minute: Option<NonZeroU64>,
    /// What an output token costs. `None`: what the catalogue says of the model.
    pub burndown: Option<NonZeroU64>,
}

impl Quotas {
    /// These quotas with this many requests per minute.
    #[must_use]
    pub fn with_requests_per_minute(mut self, requests: NonZeroU64) -> Self {
        self.requests_per_minute = Some(requests);
        self
    }

    /// These quotas with this many tokens per minute.
    #[must_use]
    pub fn with_tokens_per_minute(mut self, tokens: NonZeroU64) -> Self {
        self.tokens_per_minute = Some(tokens);
        self
    }

    /// These quotas with this price of an output token.
    #[must_use]
    pub fn with_burndown(mut self, burndown: NonZeroU64) -> Self {
        self.burndown = Some(burndown);
        self
    }

    pub(crate) fn is_unlimited(&self) -> bool {
        self.requests_per_minute.is_none() && self.tokens_per_minute.is_none()
    }

    /// The buckets of these quotas, full.
    pub(crate) fn limits(&self) -> quota::Limits {
        // A bucket holds a minute's worth: a single call may be as large as the quota.
        let bucket = |amount: NonZeroU64| Bucket::new(Rate::per_minute(amount), amount);
        let mut limits = quota::Limits::unlimited();
        if let Some(requests) = self.requests_per_minute {
            limits = limits.with_requests(bucket(requests));
        }
        if let Some(tokens) = self.tokens_per_minute {
            limits = limits.with_tokens(bucket(tokens));
        }
        limits
    }
}
