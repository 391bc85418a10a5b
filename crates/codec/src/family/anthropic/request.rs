//! Requests in Anthropic's format.

use alloc::vec::Vec;

use serde_json::Value;

use super::{DEFAULT_MAX_TOKENS, NAME, VERSION, blocks, tools};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::format::{finite, need_messages};
use crate::invoke::{add_fields, keep_fields};
use crate::json::{Members, Object, elements, need, string};
use crate::message::{Message, Role};
use crate::request::{Inference, Request};

pub(super) fn encode(request: &Request) -> Result<Map, EncodeError> {
    need_messages(request, NAME)?;
    let inference = &request.inference;
    if let Some(key) = inference.extra.keys().next() {
        let why = "put members of the family's own into additionalModelRequestFields";
        return Err(EncodeError::unsupported(NAME, why).at(key).at(INFERENCE));
    }
    let mut body = Map::new();
    add_fields(&mut body, request, NAME)?;
    body.entry(VERSION).or_insert_with(|| THE_VERSION.into());
    let mut own = Map::new();
    own.set("max_tokens", inference.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS));
    own.set("messages", encode_messages(&request.messages)?);
    if !request.system.is_empty() {
        own.set("system", blocks::encode(&request.system).map_err(|error| error.at("system"))?);
    }
    own.set_some("temperature", finite(inference.temperature, "temperature")?);
    own.set_some("top_p", finite(inference.top_p, "topP")?);
    if !inference.stop_sequences.is_empty() {
        own.set("stop_sequences", inference.stop_sequences.clone());
    }
    if let Some(config) = &request.tools {
        tools::encode(config, &mut own).map_err(|error| error.at("toolConfig"))?;
    }
    crate::format::add(&mut body, &own)?;
    Ok(body)
}

fn encode_messages(messages: &[Message]) -> Result<Vec<Map>, EncodeError> {
    let encode = |(index, message): (usize, &Message)| {
        let content = blocks::encode(&message.content);
        let content =
            content.map_err(|error| error.at("content").at_index(index).at("messages"))?;
        let mut map = message.extra.clone();
        map.set("role", message.role.as_str());
        map.set("content", content);
        Ok(map)
    };
    messages.iter().enumerate().map(encode).collect()
}

/// Reads a request. The version of the format is kept where it `matters`, or is another one.
pub(super) fn decode(mut body: Object, matters: bool) -> Result<Request, DecodeError> {
    let messages = body.read("messages", |value| elements(value, decode_message))?;
    let husks = body.husks(&["system", "stop_sequences", "tools"]);
    let mut request = Request::new(need(messages, "messages")?);
    request.system = body.read("system", blocks::decode)?.unwrap_or_default();
    request.inference = Inference {
        max_tokens: body.limit("max_tokens")?,
        temperature: body.number("temperature")?,
        top_p: body.number("top_p")?,
        stop_sequences: body.each("stop_sequences", string)?,
        extra: Map::new(),
    };
    request.tools = tools::decode(&mut body)?;
    if !matters && body.text(VERSION) == Some(THE_VERSION) {
        body.skip(VERSION);
    }
    let mut rest = body.rest();
    rest.extend(husks);
    keep_fields(&mut request, rest);
    Ok(request)
}

fn decode_message(value: Value) -> Result<Message, DecodeError> {
    let mut object = Object::new(value)?;
    let role = need(object.read("role", Role::from_json)?, "role")?;
    let content = need(object.read("content", blocks::decode)?, "content")?;
    Ok(Message { role, content, extra: object.rest() })
}

const INFERENCE: &str = "inferenceConfig";
const THE_VERSION: &str = "bedrock-2023-05-31";
