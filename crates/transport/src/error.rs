//! What can go wrong, how far the call had come by then, and whether another try makes sense.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

/// A call that did not give what was asked for.
///
/// What an exception of the service *means* (which quota, whose fault) is read from
/// [`Service::code`] by `outcrop-codec`, for unary errors and frames in a stream alike.
#[derive(Debug)]
pub struct Error(Box<Inner>);

// Boxed, so that a `Result` stays small on the path where nothing goes wrong.
#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    phase: Phase,
    retry: Retry,
    message: String,
    request_id: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of this kind, in this phase, with one sentence for a person.
    ///
    /// Retry advice follows from the two, and can be changed by [`with_retry`](Self::with_retry).
    pub fn new(kind: ErrorKind, phase: Phase, message: impl Into<String>) -> Self {
        let retry = Retry::usual(&kind, phase);
        let message = message.into();
        Self(Box::new(Inner { kind, phase, retry, message, request_id: None, source: None }))
    }

    /// A refusal by the service: any status but 200.
    pub fn refused(service: Service) -> Self {
        let message = service.to_string();
        Self::new(ErrorKind::Service(service), Phase::Refused, message)
    }

    /// The same error with other advice.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// The same error with the service's name for the request.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<Option<String>>) -> Self {
        self.0.request_id = id.into();
        self
    }

    /// The same error with what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// How far the call had come.
    pub fn phase(&self) -> Phase {
        self.0.phase
    }

    /// Whether another try makes sense.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// The service's name for the request, where it gave one.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The refusal itself, if it was the service that refused.
    pub fn service(&self) -> Option<&Service> {
        match &self.0.kind {
            ErrorKind::Service(service) => Some(service),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// How far a call had come when it failed. It decides whether a retry is safe and what it may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Nothing was sent: no configuration, no credentials, no connection.
    NotSent,
    /// It may have reached the service, which may have done the work and charged for it.
    MaybeSent,
    /// An answer began, and could not be read to its end.
    AnsweredBadly,
    /// The service answered, and said no.
    Refused,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The transport is not set up: no region, an endpoint that is no URL, an impossible option.
    Config,
    /// No credentials, or they could not be fetched.
    Credentials,
    /// No connection: the name did not resolve, nobody listens, the TLS handshake failed.
    Connect,
    /// The connection was not made within [`Limits::connect`](crate::Limits::connect).
    ConnectTimeout,
    /// The connection broke.
    Io,
    /// What came back is not the protocol.
    Protocol,
    /// The transport cannot do this.
    Unsupported,
    /// The service refused.
    Service(Service),
}

/// A refusal as the service put it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Service {
    /// The HTTP status.
    pub status: u16,
    /// The exception's name, such as `ThrottlingException`, without namespace or suffix.
    /// Absent where what answered was not the service: a proxy's page, say.
    pub code: Option<String>,
    /// The service's own words.
    pub message: Option<String>,
    /// How long the service asks to be left alone (`x-amz-retry-after`, `retry-after`).
    pub retry_after: Option<Duration>,
}

impl Service {
    /// A refusal with this status, exception name and message.
    pub fn new(
        status: u16,
        code: impl Into<Option<String>>,
        message: impl Into<Option<String>>,
    ) -> Self {
        Self { status, code: code.into(), message: message.into(), retry_after: None }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{code} (status {})", self.status)?,
            None => write!(f, "status {}", self.status)?,
        }
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

/// Advice on another try, as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// The same call will fail the same way.
    Never,
    /// The transport has no opinion: the caller reads the service's code.
    NoOpinion,
    /// Another try is safe, not before this long has passed.
    After(Duration),
}

impl Retry {
    /// The advice that follows from kind and phase alone.
    fn usual(kind: &ErrorKind, phase: Phase) -> Self {
        match kind {
            ErrorKind::Config | ErrorKind::Credentials | ErrorKind::Unsupported => Self::Never,
            ErrorKind::Connect | ErrorKind::ConnectTimeout if phase == Phase::NotSent => {
                Self::After(Duration::ZERO)
            }
            _ => Self::NoOpinion,
        }
    }
}
