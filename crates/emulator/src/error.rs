//! The errors of the service, with its statuses, names and wire form.

use codec::frame::{self, FrameError, HeaderValue as FrameValue};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::body::{self, Response};
use crate::wire::set;

/// A request refused, as the service would refuse it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    /// The resource that the exception names apart from its message.
    pub(crate) resource: Option<String>,
}

/// The exceptions that the emulator answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Validation,
    NotFound,
    AccessDenied,
    Throttling,
    QuotaExceeded,
    Conflict,
    TooManyTags,
    NotReady,
    /// The three of Service Quotas.
    NoSuchResource,
    IllegalArgument,
    InvalidPaginationToken,
    UnknownOperation,
    MissingAuthenticationToken,
    UnrecognizedClient,
    IncompleteSignature,
    InvalidSignature,
    ExpiredToken,
    /// A bearer token that is not taken.
    ApiKey,
    ModelTimeout,
    ModelError,
    ModelStreamError,
    Internal,
    Unavailable,
}

impl Refusal {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), resource: None }
    }

    /// Names the resource that it is about.
    pub(crate) fn about(mut self, resource: &str) -> Self {
        self.resource = Some(resource.into());
        self
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(Kind::Validation, message)
    }

    /// The refusal of a body that is not what the model takes.
    pub(crate) fn malformed(what: &str) -> Self {
        Self::validation(format!(
            "Malformed input request: {what}, please reformat your input and try again."
        ))
    }

    /// What Converse makes of a refusal by the model behind it.
    pub(crate) fn by_model(what: &str) -> Self {
        Self::validation(format!("The model returned the following errors: {what}"))
    }

    /// The refusal of a body that is not a JSON object.
    pub(crate) fn not_json() -> Self {
        Self::validation("Malformed input request, please reformat your input and try again.")
    }

    /// The status that goes with the exception.
    pub(crate) const fn status(&self) -> u16 {
        self.kind.row().0
    }

    /// Writes the refusal as an HTTP response.
    pub(crate) fn into_response(self) -> Response {
        let member = if self.kind == Kind::ApiKey { "Message" } else { "message" };
        let mut payload = json!({ member: self.message });
        if let Some(resource) = self.resource {
            set(&mut payload, "resourceName", resource);
        }
        response(self.kind, &payload)
    }

    /// Writes the refusal as a service does whose operations are named by a header.
    pub(crate) fn into_rpc_response(self) -> Response {
        let (_, name, origin) = self.kind.row();
        let mut response = body::json_rpc(&json!({ "__type": name, "Message": self.message }));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        insert(response.headers_mut(), ERROR_TYPE, &format!("{name}:{origin}"));
        response
    }

    /// Writes the refusal as a stream of one exception, after status 200. A `native` one has chunks
    /// whose type is told.
    pub(crate) fn into_stream(self, native: bool) -> Response {
        let frame = self.frame().unwrap_or_default();
        let mut response = hyper::Response::new(body::full(frame));
        let content_type = HeaderValue::from_static("application/vnd.amazon.eventstream");
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        if native {
            insert(response.headers_mut(), "x-amzn-bedrock-content-type", "application/json");
        }
        response
    }

    /// Writes the refusal as an exception inside of a stream.
    pub(crate) fn frame(&self) -> Result<Vec<u8>, FrameError> {
        frame(self.kind, &json!({ "message": self.message }))
    }
}

impl Kind {
    /// Those of Bedrock and of the door before it, each name once.
    pub(crate) const ALL: [Self; 19] = [
        Self::AccessDenied,
        Self::Conflict,
        Self::ExpiredToken,
        Self::IncompleteSignature,
        Self::Internal,
        Self::InvalidSignature,
        Self::MissingAuthenticationToken,
        Self::ModelError,
        Self::NotReady,
        Self::ModelStreamError,
        Self::ModelTimeout,
        Self::NotFound,
        Self::QuotaExceeded,
        Self::Throttling,
        Self::TooManyTags,
        Self::Unavailable,
        Self::UnknownOperation,
        Self::UnrecognizedClient,
        Self::Validation,
    ];

    pub(crate) const fn name(self) -> &'static str {
        self.row().1
    }

    /// Status, name and the URI that the service appends to the name.
    const fn row(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Validation => (400, "ValidationException", SERVICE),
            Self::AccessDenied => (403, "AccessDeniedException", SERVICE),
            Self::NotFound => (404, "ResourceNotFoundException", SERVICE),
            Self::ModelTimeout => (408, "ModelTimeoutException", SERVICE),
            Self::ModelError => (424, "ModelErrorException", SERVICE),
            Self::ModelStreamError => (424, "ModelStreamErrorException", SERVICE),
            Self::Throttling => (429, "ThrottlingException", SERVICE),
            Self::Internal => (500, "InternalServerException", SERVICE),
            Self::Unavailable => (503, "ServiceUnavailableException", SERVICE),
            Self::QuotaExceeded => (400, "ServiceQuotaExceededException", SERVICE),
            Self::Conflict => (400, "ConflictException", SERVICE),
            Self::TooManyTags => (400, "TooManyTagsException", SERVICE),
            Self::NotReady => (429, "ModelNotReadyException", SERVICE),
            Self::NoSuchResource => (400, "NoSuchResourceException", QUOTAS),
            Self::IllegalArgument => (400, "IllegalArgumentException", QUOTAS),
            Self::InvalidPaginationToken => (400, "InvalidPaginationTokenException", QUOTAS),
            Self::MissingAuthenticationToken => {
                (403, "MissingAuthenticationTokenException", FRONT_DOOR)
            }
            Self::UnrecognizedClient => (403, "UnrecognizedClientException", FRONT_DOOR),
            Self::IncompleteSignature => (403, "IncompleteSignatureException", FRONT_DOOR),
            Self::InvalidSignature => (403, "InvalidSignatureException", FRONT_DOOR),
            Self::ExpiredToken => (403, "ExpiredTokenException", FRONT_DOOR),
            Self::ApiKey => (403, "AccessDeniedException", SERVICE),
            Self::UnknownOperation => (404, "UnknownOperationException", FRONT_DOOR),
        }
    }
}

/// An exception as an HTTP response.
pub(crate) fn response(kind: Kind, payload: &Value) -> Response {
    let (status, name, origin) = kind.row();
    let mut response = body::json(payload);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    insert(response.headers_mut(), ERROR_TYPE, &format!("{name}:{origin}"));
    response
}

/// An exception as a frame inside a stream.
pub(crate) fn frame(kind: Kind, payload: &Value) -> Result<Vec<u8>, FrameError> {
    let mut member = kind.name().to_owned();
    member.get_mut(..1).unwrap_or_default().make_ascii_lowercase();
    let headers = [
        (":exception-type", FrameValue::String(&member)),
        (":content-type", FrameValue::String("application/json")),
        (":message-type", FrameValue::String("exception")),
    ];
    frame::encode(&headers, payload.to_string().as_bytes())
}

/// Sets a header; a value that no header can carry is left out.
pub(crate) fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// The header that names the exception.
pub(crate) const ERROR_TYPE: &str = "x-amzn-errortype";
const SERVICE: &str = "http://internal.amazon.com/coral/com.amazon.bedrock/";
const QUOTAS: &str = "http://internal.amazon.com/coral/com.amazonaws.servicequotas.v20190624/";
const FRONT_DOOR: &str = "http://internal.amazon.com/coral/com.amazon.coral.service/";
