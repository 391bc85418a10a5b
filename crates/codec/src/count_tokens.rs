//! CountTokens: how many input tokens a request would have.

use alloc::boxed::Box;
use alloc::vec::Vec;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::error::{DecodeError, EncodeError};
use crate::format::Api;
use crate::invoke::BASE64;
use crate::json::{Object, need, single};
use crate::model::ModelRef;
use crate::operation::finish;
use crate::{Inference, Map, Request as Chat, converse};

/// A request to count tokens.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// What is to be counted.
    pub input: Input,
    /// Other members of the body, merged last into it.
    pub extra: Map,
}

/// What is to be counted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Input {
    /// A body of InvokeModel, byte for byte.
    Invoke(Vec<u8>),
    /// A Converse request, of which only what makes tokens is taken: messages, system, tools and
    /// `additionalModelRequestFields`.
    Converse(Box<Chat>),
    /// An input of another kind, kept whole.
    Unknown(Map),
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reply {
    /// How many input tokens the request would have.
    pub input_tokens: u64,
    /// Every other member.
    pub extra: Map,
}

impl Request {
    /// Counts a body of InvokeModel.
    pub fn invoke(body: impl Into<Vec<u8>>) -> Self {
        Self { input: Input::Invoke(body.into()), extra: Map::new() }
    }

    /// Counts a request for chat, as it would be sent by Converse. Limits and sampling make no
    /// tokens and are left out, as are other members that CountTokens does not take.
    pub fn converse(request: &Chat) -> Self {
        let mut counted = request.clone();
        counted.inference = Inference::default();
        counted.fields.retain(|key, _| TAKEN.contains(&key.as_str()));
        counted.extra.clear();
        Self { input: Input::Converse(Box::new(counted)), extra: Map::new() }
    }
}

impl Input {
    /// The request for chat that is to be counted.
    ///
    /// # Errors
    ///
    /// Where the body is not of the shape of the model's family, the family is not known, or the
    /// input is of another kind.
    pub fn request(&self, model: &ModelRef) -> Result<Chat, DecodeError> {
        match self {
            Self::Invoke(body) => crate::decode_request(model, Api::Invoke, body),
            Self::Converse(request) => Ok((**request).clone()),
            Self::Unknown(_) => Err(DecodeError::missing(INVOKE).at(INPUT)),
        }
    }
}

/// The address to count with: the service wants the model's own id, without a geography.
pub fn base_address(model: &ModelRef) -> &str {
    let address = model.address();
    match model.geo() {
        Some(geo) if !address.starts_with("arn:") => {
            address.strip_prefix(geo).and_then(|rest| rest.strip_prefix('.')).unwrap_or(address)
        }
        _ => address,
    }
}

/// Writes the body of CountTokens.
///
/// # Errors
///
/// Where a Converse request holds what Converse cannot express, or what CountTokens does not take.
///
/// # Examples
///
/// ```
/// use outcrop_codec::{ModelRef, Request, count_tokens};
///
/// let model = ModelRef::parse("anthropic.claude-sonnet-4-20250514-v1:0")?;
/// let request = count_tokens::Request::converse(&Request::user("Hi").with_max_tokens(9));
/// let body = count_tokens::encode(&model, &request)?;
/// assert_eq!(
///     body,
///     br#"{"input":{"converse":{"messages":[{"content":[{"text":"Hi"}],"role":"user"}]}}}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn encode(model: &ModelRef, request: &Request) -> Result<Vec<u8>, EncodeError> {
    let input = match &request.input {
        Input::Invoke(body) => single(INVOKE, single(BODY, BASE64_STANDARD.encode(body))),
        Input::Converse(chat) => single(CONVERSE, counted(model, chat)?),
        Input::Unknown(input) => input.clone(),
    };
    finish(single(INPUT, input), &request.extra)
}

/// Reads a body of CountTokens.
///
/// # Errors
///
/// Where it is not JSON of CountTokens' shape.
pub fn decode_request(body: &[u8]) -> Result<Request, DecodeError> {
    let mut body = Object::new(serde_json::from_slice(body)?)?;
    let mut input = need(body.object(INPUT)?, INPUT)?;
    let at = |error: DecodeError| error.at(INPUT);
    let input = match (input.len(), input.get(INVOKE), input.get(CONVERSE)) {
        (1, Some(Value::Object(invoked)), _) if invoked.len() == 1 => {
            input.read(INVOKE, invoke).map_err(at)?.map(Input::Invoke)
        }
        (1, _, Some(Value::Object(_))) => input
            .read(CONVERSE, converse::request::decode)
            .map_err(at)?
            .map(|chat| Input::Converse(Box::new(chat))),
        _ => Some(Input::Unknown(input.rest())),
    };
    Ok(Request { input: need(input, INPUT)?, extra: body.rest() })
}

/// Reads the answer.
///
/// # Errors
///
/// Where it is not JSON, or has no count.
pub fn decode(body: &[u8]) -> Result<Reply, DecodeError> {
    let mut body = Object::new(serde_json::from_slice(body)?)?;
    let input_tokens = need(body.count(TOKENS)?, TOKENS)?;
    Ok(Reply { input_tokens, extra: body.rest() })
}

fn counted(model: &ModelRef, chat: &Chat) -> Result<Value, EncodeError> {
    let encoded = crate::encode(model, Api::Converse, chat)?;
    let encoded: Value = serde_json::from_slice(&encoded).unwrap_or_default();
    let members = encoded.as_object();
    if let Some(key) =
        members.and_then(|all| all.keys().find(|key| !COUNTED.contains(&key.as_str())))
    {
        let why = "it makes no tokens and is not taken; leave it out";
        return Err(EncodeError::unsupported(FORMAT, why).at(key));
    }
    Ok(encoded)
}

fn invoke(value: Value) -> Result<Vec<u8>, DecodeError> {
    let body = need(Object::new(value)?.string(BODY)?, BODY)?;
    BASE64.decode(body).map_err(|_| DecodeError::base64().at(BODY))
}

const FORMAT: &str = "count-tokens";
const INPUT: &str = "input";
const INVOKE: &str = "invokeModel";
const CONVERSE: &str = "converse";
const BODY: &str = "body";
const TOKENS: &str = "inputTokens";
/// The members beside messages, system and tools that it takes.
const TAKEN: [&str; 1] = ["additionalModelRequestFields"];
const COUNTED: [&str; 4] = ["messages", "system", "toolConfig", "additionalModelRequestFields"];
