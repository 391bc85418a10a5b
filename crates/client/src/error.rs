//! The one error of the facade: opaque, with what a caller needs to decide and a person to act.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use codec::{Fault, FaultKind, FaultRetry, StreamError, ThrottleCause};
use transport::{Limits, Phase};

/// Anything that kept a call from giving what was asked for.
///
/// [`kind`](Self::kind) is for programs, [`Display`](fmt::Display) and [`advice`](Self::advice) are
/// for people. No message holds a credential, a prompt or a reply.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    request_id: Option<String>,
    retry: Retry,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What kept the call from succeeding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What was handed in cannot be sent: a model address that is none, a request that the model's
    /// format cannot express, a record that is not JSON.
    Input,
    /// The client is not set up: no region, no such power, a bucket that was not named.
    Config,
    /// No credentials, or the service does not accept them.
    Credentials,
    /// No connection to the endpoint.
    Connect,
    /// A time limit passed.
    Timeout(Limit),
    /// The request does not fit a quota at all, however long it waits.
    TooLarge,
    /// The quota has no room now, and the caller did not want to wait, or not that long.
    NotAdmitted,
    /// The service throttled the call, for this cause.
    Throttled(ThrottleCause),
    /// The service refused the call for a reason other than throttling.
    Refused,
    /// The service or the model failed, and may not the next time.
    Unavailable,
    /// The connection broke before the answer was whole.
    Broken,
    /// The answer ended without its last event.
    Cut,
    /// The answer is damaged or is not the protocol.
    Protocol,
    /// A batch job ended without doing its work.
    Job,
    /// A file or another source of the caller's own failed.
    Source,
}

/// A time limit of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// To a connection.
    Connect,
    /// To the head of the response.
    FirstByte,
    /// Between two pieces of a response.
    Idle,
    /// For the whole call.
    Total,
}

/// Whether another try makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// The same call will fail the same way, or may have been done already.
    Never,
    /// After a pause.
    Pause,
    /// After a longer pause, since the service is throttling. The client lets `hint` lengthen its own
    /// pause by 5 s at most.
    Throttled {
        /// How long the service asked to be left alone.
        hint: Option<Duration>,
    },
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Inner { kind, message, request_id: None, retry: Retry::Never, source: None }))
    }

    pub(crate) fn input(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::new(ErrorKind::Input, source.to_string()).with_source(source)
    }

    pub(crate) fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<&str>) -> Self {
        if let Some(id) = id {
            self.0.request_id = Some(id.to_owned());
        }
        self
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error with more to say.
    pub(crate) fn adding(mut self, more: &str) -> Self {
        self.0.message.push_str(more);
        self
    }

    /// A time limit that passed.
    pub(crate) fn timeout(limit: Limit, limits: &Limits) -> Self {
        let (what, span) = match limit {
            Limit::Connect => ("there was no connection", limits.connect),
            Limit::FirstByte => ("no answer began", limits.first_byte),
            Limit::Idle => ("the answer stalled: nothing came", limits.idle),
            Limit::Total => ("the call was not done", limits.total),
        };
        let span = span.unwrap_or_default().as_secs_f64();
        Self::new(ErrorKind::Timeout(limit), format!("{what} within {span} s"))
    }

    /// What went wrong, for a program.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The service's name for the request, where it gave one; AWS Support asks for it.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Whether another try makes sense. The client has already made those that its policy allows.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// What a person can do about it, in one sentence; `None`, where the message says it already.
    pub fn advice(&self) -> Option<&'static str> {
        match self.0.kind {
            // A transport that finds no credentials names the places where it looked.
            ErrorKind::Credentials if !self.is_refusal() => None,
            ErrorKind::Refused if self.0.message.contains("on-demand throughput") => Some(
                "Use the id of an inference profile: a geography such as `us.` before the model id; \
                 the model catalogue names those that are known.",
            ),
            kind => advice(kind),
        }
    }

    /// Whether the service itself said no.
    fn is_refusal(&self) -> bool {
        let source = self.0.source.as_deref();
        source
            .and_then(|source| source.downcast_ref::<transport::Error>())
            .is_some_and(|error| error.service().is_some())
    }
}

fn advice(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::Credentials => {
            "Check the AWS credentials or the bearer token, their expiry and the region."
        }
        ErrorKind::Connect => "Check the endpoint URL, the region and the network.",
        ErrorKind::Timeout(_) => "Allow more time, or ask for a shorter answer.",
        ErrorKind::TooLarge => "Lower max_tokens, shorten the input, or raise the quota.",
        ErrorKind::NotAdmitted => "Wait for the quota to refill, or allow the call to wait.",
        ErrorKind::Throttled(ThrottleCause::Requests) => {
            "Send fewer requests a minute, or raise the quota for requests per minute."
        }
        ErrorKind::Throttled(ThrottleCause::Tokens) => {
            "Lower max_tokens, since Bedrock reserves it, or raise the quota for tokens per minute."
        }
        ErrorKind::Throttled(ThrottleCause::TokensPerDay) => {
            "The daily token quota is used up: wait for the next day, or raise it."
        }
        ErrorKind::Throttled(ThrottleCause::Capacity) => {
            "The model is short of capacity, which no quota of yours changes: try later, or another model or region."
        }
        ErrorKind::Throttled(_) => "Try again later, or send less at a time.",
        ErrorKind::Unavailable | ErrorKind::Broken | ErrorKind::Cut => "Try again.",
        ErrorKind::Protocol => {
            "Try again; if it stays so, look for what changes the answers on their way."
        }
        _ => return None,
    })
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("request_id", &self.0.request_id)
            .field("retry", &self.0.retry)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let kind = match fault.kind {
            FaultKind::Throttled(cause) => ErrorKind::Throttled(cause),
            FaultKind::Credentials => ErrorKind::Credentials,
            FaultKind::ModelTimeout
            | FaultKind::ModelError
            | FaultKind::ModelStreamError
            | FaultKind::ModelNotReady
            | FaultKind::Internal
            | FaultKind::Unavailable => ErrorKind::Unavailable,
            _ => ErrorKind::Refused,
        };
        let retry = match fault.retry() {
            FaultRetry::Soon => Retry::Pause,
            FaultRetry::Throttle(_) => Retry::Throttled { hint: None },
            _ => Retry::Never,
        };
        Self::new(kind, fault.to_string()).with_retry(retry)
    }
}

impl From<transport::Error> for Error {
    fn from(error: transport::Error) -> Self {
        let request_id = error.request_id().map(str::to_owned);
        let own = match error.kind() {
            transport::ErrorKind::Service(service) => {
                let (code, message) = (service.code.as_deref(), service.message.as_deref());
                let fault = Fault::classify(code, service.status, message);
                let own = Self::from(fault);
                match own.retry() {
                    Retry::Throttled { .. } => {
                        own.with_retry(Retry::Throttled { hint: service.retry_after })
                    }
                    _ => own,
                }
            }
            kind => {
                let own = Self::new(kind_of(kind), error.to_string());
                let again = match error.retry() {
                    transport::Retry::Never => Retry::Never,
                    transport::Retry::After(_) => Retry::Pause,
                    // A call that may have been done is made again: a reply costs more than its
                    // tokens, and the AWS SDKs do the same.
                    _ if matches!(error.phase(), Phase::MaybeSent | Phase::AnsweredBadly) => {
                        Retry::Pause
                    }
                    _ => Retry::Never,
                };
                own.with_retry(again)
            }
        };
        own.with_request_id(request_id.as_deref()).with_source(error)
    }
}

fn kind_of(kind: &transport::ErrorKind) -> ErrorKind {
    match kind {
        transport::ErrorKind::Config | transport::ErrorKind::Unsupported => ErrorKind::Config,
        transport::ErrorKind::Credentials => ErrorKind::Credentials,
        transport::ErrorKind::Connect => ErrorKind::Connect,
        transport::ErrorKind::ConnectTimeout => ErrorKind::Timeout(Limit::Connect),
        transport::ErrorKind::Protocol => ErrorKind::Protocol,
        _ => ErrorKind::Broken,
    }
}

impl From<StreamError> for Error {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Fault(fault) => fault.into(),
            StreamError::EndOfStream | StreamError::TornFrame { .. } => {
                Self::new(ErrorKind::Cut, error.to_string())
                    .with_retry(Retry::Pause)
                    .with_source(error)
            }
            _ => Self::new(ErrorKind::Protocol, error.to_string())
                .with_retry(Retry::Pause)
                .with_source(error),
        }
    }
}
