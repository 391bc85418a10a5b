//! Exceptions of the service, in place of an answer or inside a stream.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::effect::{Act, Stage};
use super::events::Insert;
use super::frames::{Flow, Tried};
use crate::body::Response;
use crate::error::{self, Kind};
use crate::ledger;
use crate::wire::set;

/// A throttle, in the service's words for its cause.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Throttle {
    cause: Cause,
    /// After so many frames of a stream; else instead of an answer.
    after_frames: Option<u64>,
}

/// What a throttle is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Cause {
    Requests,
    Tokens,
    TokensPerDay,
    Concurrency,
    /// The model serves too many others.
    Capacity,
    /// The service has no room, which it says as an exception of its own.
    Unavailable,
}

/// Any exception.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exception {
    name: Name,
    /// The service's usual words by default.
    message: Option<String>,
    /// After so many frames of a stream; else instead of an answer.
    after_frames: Option<u64>,
    /// What the model told the service, for errors of the model.
    original_status: Option<u16>,
    original_message: Option<String>,
}

/// The name of an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Name(Kind);

#[async_trait]
impl Act for Throttle {
    fn name(&self) -> &'static str {
        "throttle"
    }

    fn stage(&self) -> Stage {
        stage(self.after_frames)
    }

    async fn before(&self, model: &str) -> Option<Response> {
        respond(self.after_frames, self.cause.kind(), &self.payload(model))
    }

    async fn after(&self, response: Response, model: &str) -> Tried {
        insert(response, self.after_frames, self.cause.kind(), &self.payload(model))
    }
}

#[async_trait]
impl Act for Exception {
    fn name(&self) -> &'static str {
        "exception"
    }

    fn stage(&self) -> Stage {
        stage(self.after_frames)
    }

    async fn before(&self, _model: &str) -> Option<Response> {
        respond(self.after_frames, self.name.0, &self.payload())
    }

    async fn after(&self, response: Response, _model: &str) -> Tried {
        insert(response, self.after_frames, self.name.0, &self.payload())
    }
}

impl Throttle {
    fn payload(&self, model: &str) -> Value {
        json!({ "message": self.cause.message(model) })
    }
}

impl Exception {
    fn payload(&self) -> Value {
        let message = self.message.as_deref().unwrap_or_else(|| self.name.words());
        let mut payload = json!({ "message": message });
        if let Some(status) = self.original_status {
            set(&mut payload, "originalStatusCode", status);
        }
        if let Some(message) = &self.original_message {
            set(&mut payload, "originalMessage", message.as_str());
        }
        payload
    }
}

impl Cause {
    const fn kind(self) -> Kind {
        match self {
            Self::Unavailable => Kind::Unavailable,
            _ => Kind::Throttling,
        }
    }

    /// The service's words.
    fn message(self, model: &str) -> String {
        let said = match self {
            Self::Requests => ledger::Cause::Requests.message(),
            Self::Tokens => ledger::Cause::Tokens.message(),
            Self::TokensPerDay => ledger::Cause::TokensPerDay.message(),
            Self::Concurrency => ledger::Cause::Concurrency.message(),
            Self::Capacity => {
                return format!("Model {model} is currently overloaded. Please try again later.");
            }
            Self::Unavailable => UNAVAILABLE,
        };
        said.into()
    }
}

impl Name {
    /// What the service says where a scenario says nothing.
    const fn words(self) -> &'static str {
        match self.0 {
            Kind::Validation => "The request is not valid.",
            Kind::AccessDenied => "You don't have access to the model with the specified model ID.",
            Kind::NotFound => "The resource that you requested was not found.",
            Kind::ModelTimeout => {
                "Model has timed out in processing the request. Try your request again."
            }
            Kind::ModelError => "The model returned an error. Try your request again.",
            Kind::ModelStreamError => {
                "The model returned an error while it was streaming. Try your request again."
            }
            Kind::NotReady => "Model is not ready for inference. Wait and try your request again.",
            Kind::Throttling => ledger::Cause::Requests.message(),
            Kind::Internal => {
                "The system encountered an unexpected error during processing. Try your request again."
            }
            Kind::Unavailable => UNAVAILABLE,
            Kind::QuotaExceeded => "Your request exceeds the service quota for your account.",
            Kind::Conflict => "The request conflicts with the state of the resource.",
            Kind::TooManyTags => "The resource has too many tags.",
            Kind::UnknownOperation => "The operation is not known.",
            Kind::ExpiredToken => "The security token included in the request is expired",
            _ => "The request is refused.",
        }
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name).map(Self).ok_or_else(|| {
            let names = Kind::ALL.map(Kind::name).join(", ");
            format!("unknown exception `{name}`, expected one of {names}")
        })
    }
}

const fn stage(after_frames: Option<u64>) -> Stage {
    match after_frames {
        None => Stage::Instead,
        Some(_) => Stage::Frames,
    }
}

/// The exception in place of an answer, unless it is to come inside a stream.
fn respond(after_frames: Option<u64>, kind: Kind, payload: &Value) -> Option<Response> {
    after_frames.is_none().then(|| error::response(kind, payload))
}

/// The exception inside the stream of a response.
fn insert(response: Response, after_frames: Option<u64>, kind: Kind, payload: &Value) -> Tried {
    match (after_frames, error::frame(kind, payload)) {
        (Some(after), Ok(frame)) => Insert::tried(response, frame, after, Flow::End),
        _ => Tried::Missed(response),
    }
}

const UNAVAILABLE: &str = "Bedrock is unable to process your request.";
