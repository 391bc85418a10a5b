//! Exceptions of the service, whether they came as an HTTP error or as a frame inside a stream.

mod codes;
#[cfg(test)]
mod tests;

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::{error, fmt};

use serde_json::Value;

use crate::Map;
use crate::frame::{Frame, FrameKind};
use crate::json::{self, Object};

/// An exception of the service, told apart by its code.
///
/// A stream that began with status 200 can still end in any of these; the same table serves both.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The exception's name: `ThrottlingException`, also where the wire has `throttlingException`,
    /// a namespace before `#` or an address after `:`. A name that is not known is kept as it was
    /// sent, and [`Fault::UNNAMED`] stands for one that was not sent.
    pub code: String,
    /// What the exception means.
    pub kind: FaultKind,
    /// The HTTP status. For an exception inside a stream, the one that the same exception has
    /// outside; 0 where its name is not known.
    pub status: u16,
    /// The service's own words.
    pub message: Option<String>,
    /// The status that the model gave the service, for errors of the model.
    pub original_status: Option<u16>,
    /// What the model told the service, for errors of the model inside a stream.
    pub original_message: Option<String>,
    /// Everything else that the exception carried.
    pub extra: Map,
}

impl Fault {
    /// The code of an exception that came without a name.
    pub const UNNAMED: &str = "UnknownError";

    /// An exception from its code, the HTTP status, and its words.
    ///
    /// A code that is not known, or missing, is judged by the status. A status under 400 belongs to
    /// a reply that went wrong later, and the code's own status takes its place.
    ///
    /// # Examples
    ///
    /// ```
    /// use outcrop_codec::fault::{Fault, FaultKind, ThrottleCause};
    ///
    /// let words = "Too many tokens, please wait before trying again.";
    /// let fault = Fault::classify(Some("ThrottlingException:http://internal/"), 429, Some(words));
    /// assert_eq!(fault.code, "ThrottlingException");
    /// assert_eq!(fault.kind, FaultKind::Throttled(ThrottleCause::Tokens));
    /// ```
    pub fn classify(code: Option<&str>, status: u16, message: Option<&str>) -> Self {
        let name = code.map(codes::bare).filter(|name| !name.is_empty());
        let known = name.and_then(codes::find);
        let status = match known {
            Some(known) if status < 400 => known.status,
            _ => status,
        };
        let kind = known.map_or_else(|| codes::by_status(status), |known| known.kind);
        let mut fault = Self {
            code: known.map(|known| known.name).or(name).unwrap_or(Self::UNNAMED).to_owned(),
            kind,
            status,
            message: None,
            original_status: None,
            original_message: None,
            extra: Map::new(),
        };
        if let Some(message) = message {
            fault.say(message);
        }
        fault
    }

    /// An exception from its code, the HTTP status, and its JSON: the body of an HTTP error, or the
    /// payload of a frame.
    ///
    /// Where there is no code, the member `__type` has it. What is not a JSON object is taken as the
    /// exception's words.
    pub fn from_payload(code: Option<&str>, status: u16, payload: &[u8]) -> Self {
        let Ok(members) = serde_json::from_slice::<Map>(payload) else {
            let text = String::from_utf8_lossy(payload);
            return Self::classify(code, status, Some(text.trim()).filter(|text| !text.is_empty()));
        };
        let mut members = Object::from(members);
        let typed = members.lenient("__type", text);
        let message = members.lenient("message", text);
        let message = message.or_else(|| members.lenient("Message", text));
        let mut fault = Self::classify(code.or(typed.as_deref()), status, message.as_deref());
        fault.original_status = members.lenient("originalStatusCode", original_status);
        fault.original_message = members.lenient("originalMessage", text);
        fault.extra = members.rest();
        fault
    }

    /// The exception that a frame of a stream carries, or `None` if the frame is not one.
    ///
    /// Frames of both kinds are read: exceptions, whose payload is JSON, and errors, which say all in
    /// their headers.
    pub fn from_frame(frame: &Frame<'_>) -> Option<Self> {
        match frame.kind() {
            FrameKind::Exception => {
                Some(Self::from_payload(frame.exception_type(), 0, frame.payload()))
            }
            FrameKind::Error => {
                let mut fault = Self::from_payload(frame.text(":error-code"), 0, frame.payload());
                if let Some(message) = frame.text(":error-message") {
                    fault.say(message);
                }
                Some(fault)
            }
            FrameKind::Event | FrameKind::Other => None,
        }
    }

    /// Whether the same request can succeed later.
    ///
    /// Inference changes nothing, so a repeated request costs tokens and does no harm. Whether text
    /// was already shown, and whether time is left, the caller knows.
    pub fn retry(&self) -> FaultRetry {
        match self.kind {
            FaultKind::Throttled(ThrottleCause::TokensPerDay) => FaultRetry::Never,
            FaultKind::Throttled(cause) => FaultRetry::Throttle(cause),
            FaultKind::ModelError => match self.original_status {
                Some(429 | 500..) => FaultRetry::Soon,
                _ => FaultRetry::Never,
            },
            FaultKind::ModelTimeout
            | FaultKind::ModelStreamError
            | FaultKind::ModelNotReady
            | FaultKind::Internal
            | FaultKind::Unavailable => FaultRetry::Soon,
            FaultKind::Validation
            | FaultKind::AccessDenied
            | FaultKind::Credentials
            | FaultKind::NotFound
            | FaultKind::Conflict
            | FaultKind::QuotaExceeded
            | FaultKind::Other => FaultRetry::Never,
        }
    }

    /// Sets the message, from which alone the cause of a throttle can be told.
    fn say(&mut self, message: &str) {
        if let FaultKind::Throttled(cause @ ThrottleCause::Unknown) = &mut self.kind {
            *cause = codes::throttle_cause(message);
        }
        self.message = Some(message.to_owned());
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code.as_str(), self.status) {
            (Self::UNNAMED, 0) => write!(f, "{} (without a name", self.kind)?,
            (Self::UNNAMED, status) => write!(f, "{} (status {status}", self.kind)?,
            (code, 0) => write!(f, "{} ({code}", self.kind)?,
            (code, status) => write!(f, "{} ({code}, {status}", self.kind)?,
        }
        if let Some(original) = self.original_status {
            write!(f, ", from the model {original}")?;
        }
        f.write_str(")")?;
        match (&self.message, &self.original_message) {
            (Some(message), None) | (None, Some(message)) => write!(f, ": {message}"),
            (Some(message), Some(original)) => write!(f, ": {message} ({original})"),
            (None, None) => Ok(()),
        }
    }
}

impl error::Error for Fault {}

/// What an exception means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// Too much was asked for, or by too many.
    Throttled(ThrottleCause),
    /// The request is wrong and stays wrong.
    Validation,
    /// The caller is known, and may not do this.
    AccessDenied,
    /// The caller is not known: credentials missing, wrong or expired, or a signature that is bad.
    Credentials,
    /// There is no such model, profile, job, bucket or object.
    NotFound,
    /// It is in a state that does not allow this.
    Conflict,
    /// A limit on how many of something may exist.
    QuotaExceeded,
    /// The model took too long. Its tokens may be charged.
    ModelTimeout,
    /// The model failed; [`Fault::original_status`] tells how.
    ModelError,
    /// The model failed while it was streaming.
    ModelStreamError,
    /// The model is being loaded.
    ModelNotReady,
    /// The service failed.
    Internal,
    /// The service has no room at the moment.
    Unavailable,
    /// An exception that is not known.
    Other,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Throttled(ThrottleCause::Requests) => "the request rate is over the quota",
            Self::Throttled(ThrottleCause::Tokens) => "the token rate is over the quota",
            Self::Throttled(ThrottleCause::TokensPerDay) => "the daily token quota is used up",
            Self::Throttled(ThrottleCause::Capacity) => "the model is overloaded",
            Self::Throttled(ThrottleCause::Unknown) => "the service throttled the request",
            Self::Validation => "the service found the request invalid",
            Self::AccessDenied => "access is denied",
            Self::Credentials => "the service did not accept the credentials",
            Self::NotFound => "the service did not find what was asked for",
            Self::Conflict => "the request conflicts with the state of what it names",
            Self::QuotaExceeded => "a quota of the account is exceeded",
            Self::ModelTimeout => "the model took too long",
            Self::ModelError => "the model failed",
            Self::ModelStreamError => "the model failed while streaming",
            Self::ModelNotReady => "the model is not ready",
            Self::Internal => "the service failed",
            Self::Unavailable => "the service is unavailable",
            Self::Other => "the service gave an error that is not known here",
        })
    }
}

/// What a throttle is about. Each cause has a cure of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ThrottleCause {
    /// Requests per minute: space the requests.
    Requests,
    /// Tokens per minute: wait, or ask for fewer output tokens.
    Tokens,
    /// Tokens per day: nothing helps until the day is over, except another model or Region.
    TokensPerDay,
    /// The model serves too many customers: back off, or use another Region. No quota is concerned.
    Capacity,
    /// The words do not tell.
    Unknown,
}

/// Whether the same request can succeed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultRetry {
    /// It would fail again, today at least.
    Never,
    /// Yes, after the usual backoff.
    Soon,
    /// Yes, after the usual backoff, and at a lower rate.
    Throttle(ThrottleCause),
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(ToOwned::to_owned)
}

fn original_status(value: &Value) -> Option<u16> {
    u16::try_from(json::count(value)?).ok()
}
