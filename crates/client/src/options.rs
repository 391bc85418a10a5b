//! What a caller may choose: the format, the time limits, the patience, the number of tries.

use std::num::NonZeroU32;
use std::time::Duration;

use quota::{Backoff, Priority, Span};
use transport::{Headers, Limits};

use crate::error::Retry;

/// How calls are made. Every [`Client`](crate::Client) carries one set of options;
/// [`Client::with_options`](crate::Client::with_options) gives a client with another.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Which of Bedrock's two interfaces to use.
    pub api: ApiChoice,
    /// How long the parts of a call may take.
    pub limits: Limits,
    /// What to do while a quota has no room.
    pub admission: Admission,
    /// Whose calls these are, among the tenants of [`Builder::tenant`](crate::Builder::tenant).
    /// Default: those of one more tenant, of weight 1. A name that was not given to the builder is
    /// an error of [`ErrorKind::Config`](crate::ErrorKind::Config).
    pub tenant: Option<String>,
    /// How these calls rank among those of their tenant while they wait for a quota. Default:
    /// normal.
    pub priority: Priority,
    /// When to try again.
    pub retry: RetryPolicy,
    /// Headers to send with each call, such as a guardrail or a service tier for InvokeModel.
    pub headers: Headers,
}

/// Which of Bedrock's two interfaces a call uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiChoice {
    /// Converse where the model has it and the request is not a raw prompt, else InvokeModel.
    #[default]
    Auto,
    /// Converse and ConverseStream.
    Converse,
    /// InvokeModel and InvokeModelWithResponseStream, in the model's native format.
    Invoke,
}

/// What a call does while the quota has no room for it.
///
/// Those who wait take turns: tenants in proportion to their weights, a tenant's priorities in
/// proportion to theirs, calls of one tenant and priority in the order in which they came.
///
/// Waiting never passes the call's total time limit, whatever is chosen. The call whose turn it is
/// is refused at once if it could only be admitted later, and so is one that could not be in time
/// with nobody before it but calls of its own tenant and priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Admission {
    /// Wait for as long as it takes.
    #[default]
    Wait,
    /// Fail at once.
    FailFast,
    /// Wait, but no longer than this.
    Within(Duration),
}

/// When a call is tried again. One policy serves all modes, and nothing below it retries.
///
/// Whatever it says, a call is not tried again once text of its answer was handed out, and what the
/// service would refuse again is not tried again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Attempts in total, the first included. Default: 3.
    pub attempts: NonZeroU32,
    /// No further attempt is sent when this much time has passed since the call began, waiting for
    /// the quota included. Default: 60 s.
    pub within: Duration,
    /// The pause before another try after a failure. Default: 50 ms, doubled each time, up to 20 s,
    /// with full jitter.
    pub backoff: Backoff,
    /// The pause before another try after a throttle. Default: 1 s, doubled each time, up to 20 s,
    /// with full jitter.
    pub throttle_backoff: Backoff,
}

impl RetryPolicy {
    /// One attempt and no other.
    pub fn never() -> Self {
        Self { attempts: NonZeroU32::MIN, ..Self::default() }
    }

    /// The same policy with another number of attempts.
    #[must_use]
    pub fn with_attempts(mut self, attempts: NonZeroU32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The pause before a try that this many failed tries preceded, the first counted as 0, as the
    /// advice of the latest error asks; `None`, if another try makes no sense.
    pub(crate) fn pause(&self, failed: u32, advice: Retry, draw: u64) -> Option<Duration> {
        let (backoff, hint) = match advice {
            Retry::Never => return None,
            Retry::Pause => (&self.backoff, None),
            Retry::Throttled { hint } => (&self.throttle_backoff, hint),
        };
        let pause = backoff.delay(failed, draw, hint.map(Span::from_duration));
        Some(Duration::from_nanos(pause.as_nanos()))
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: NonZeroU32::MIN.saturating_add(2),
            within: Duration::from_secs(60),
            backoff: Backoff::TRANSIENT,
            throttle_backoff: Backoff::THROTTLED,
        }
    }
}
