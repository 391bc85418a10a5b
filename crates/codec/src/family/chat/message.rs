//! Messages: a tool's result is a message of its own, and calls are beside the content.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::{Dialect, content};
use crate::Map;
use crate::block::{Block, ToolResult, ToolUse, tool_use};
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object, need};
use crate::message::{Message, Role};
use crate::request::Request;

/// Writes the system text and the messages.
pub(super) fn encode(dialect: &Dialect, request: &Request) -> Result<Vec<Map>, EncodeError> {
    let mut written = Vec::new();
    if !request.system.is_empty() {
        let content = content::encode(dialect, request.system.iter().enumerate());
        let mut system = said(&Role::System, &Map::new());
        system.set(CONTENT, content.map_err(|error| error.at("system"))?);
        written.push(system);
    }
    for (index, message) in request.messages.iter().enumerate() {
        encode_message(dialect, message, &mut written)
            .map_err(|error| error.at_index(index).at("messages"))?;
    }
    Ok(written)
}

/// Writes a message: its results one by one, then what else it says.
fn encode_message(
    dialect: &Dialect,
    message: &Message,
    written: &mut Vec<Map>,
) -> Result<(), EncodeError> {
    let mut blocks = message.content.iter().enumerate().peekable();
    let result = |(_, block): &(usize, &Block)| {
        message.role == Role::User && matches!(block, Block::ToolResult(_))
    };
    let before = written.len();
    while let Some((index, Block::ToolResult(result))) = blocks.next_if(result) {
        let result = encode_result(dialect, result);
        let error = |error: EncodeError| error.at("toolResult").at_index(index).at(CONTENT);
        written.push(result.map_err(error)?);
    }
    if blocks.peek().is_none() && written.len() > before {
        return match message.extra.keys().next() {
            Some(key) => {
                let why = "a message of tool results has no further members";
                Err(EncodeError::unsupported(dialect.name, why).at(key))
            }
            None => Ok(()),
        };
    }
    let (mut parts, mut calls) = (Vec::new(), Vec::new());
    for (index, block) in blocks {
        match block {
            // Calls are beside the content, so their place among the parts is not told.
            Block::ToolUse(call) if message.role == Role::Assistant => {
                calls.push(encode_call(call))
            }
            block => parts.push((index, block)),
        }
    }
    let mut map = said(&message.role, &message.extra);
    // A message of calls alone may say that it has no content.
    if !(parts.is_empty() && map.get(CONTENT).is_some_and(Value::is_null)) {
        map.set(CONTENT, content::encode(dialect, parts).map_err(|error| error.at(CONTENT))?);
    }
    if !calls.is_empty() {
        map.set(CALLS, calls);
    }
    written.push(map);
    Ok(())
}

fn said(role: &Role, extra: &Map) -> Map {
    let mut map = extra.clone();
    map.set("role", role.as_str());
    map
}

fn encode_result(dialect: &Dialect, result: &ToolResult) -> Result<Map, EncodeError> {
    // Success is what a result without a status means.
    if result.status.as_deref().is_some_and(|status| status != "success") {
        let why = "a result has no status; say in its content what failed";
        return Err(EncodeError::unsupported(dialect.name, why).at("status"));
    }
    let content = content::encode(dialect, result.content.iter().enumerate());
    let mut map = result.extra.clone();
    map.set("role", TOOL);
    map.set(CALL_ID, result.tool_use_id.as_str());
    map.set(CONTENT, content.map_err(|error| error.at(CONTENT))?);
    Ok(map)
}

fn encode_call(call: &ToolUse) -> Map {
    let mut map = call.extra.clone();
    let mut function = match map.remove(FUNCTION) {
        Some(Value::Object(function)) => function,
        _ => Map::new(),
    };
    function.set("name", call.name.as_str());
    function.set("arguments", Value::Object(call.input.clone()).to_string());
    map.set("id", call.tool_use_id.as_str());
    map.set("type", FUNCTION);
    map.set(FUNCTION, function);
    map
}

/// Reads messages: the system text, if it comes first, and the rest.
///
/// The results of tools and what the user says behind them are one message, as in Converse.
pub(super) fn decode(values: Vec<Value>) -> Result<(Vec<Block>, Vec<Message>), DecodeError> {
    let mut system = Vec::new();
    let mut messages: Vec<Message> = Vec::new();
    for (index, value) in values.into_iter().enumerate() {
        let message = decode_message(value).map_err(|error| error.at_index(index))?;
        let plain = message.extra.is_empty() && !message.content.is_empty();
        match messages.last_mut() {
            _ if index == 0 && plain && message.role == Role::System => system = message.content,
            Some(last) if plain && message.role == Role::User && is_results(last) => {
                last.content.extend(message.content);
            }
            _ => messages.push(message),
        }
    }
    Ok((system, messages))
}

/// Whether a message holds results of tools and nothing else.
fn is_results(message: &Message) -> bool {
    message.role == Role::User
        && message.extra.is_empty()
        && !message.content.is_empty()
        && message.content.iter().all(|block| matches!(block, Block::ToolResult(_)))
}

fn decode_message(value: Value) -> Result<Message, DecodeError> {
    let mut object = Object::new(value)?;
    let role = need(object.read("role", Role::from_json)?, "role")?;
    if role.as_str() == TOOL && object.text(CALL_ID).is_some() {
        let tool_use_id = need(object.string(CALL_ID)?, CALL_ID)?;
        let content = object.read(CONTENT, content::decode)?.unwrap_or_default();
        let result = ToolResult { tool_use_id, content, status: None, extra: object.rest() };
        return Ok(Message::new(Role::User, [Block::ToolResult(result)].into()));
    }
    let silent = object.get(CONTENT).is_some_and(Value::is_null);
    let mut content = object.read(CONTENT, content::decode)?.unwrap_or_default();
    if silent {
        object.put(CONTENT, Value::Null);
    }
    let calls = object.get(CALLS).and_then(Value::as_array).is_some_and(|calls| !calls.is_empty());
    if calls && role == Role::Assistant {
        content.extend(object.each(CALLS, decode_call)?);
    }
    Ok(Message { role, content, extra: object.rest() })
}

fn decode_call(value: Value) -> Result<Block, DecodeError> {
    let mut call = Object::new(value)?;
    let id = need(call.string("id")?, "id")?;
    let mut function = need(call.object(FUNCTION)?, FUNCTION)?;
    let at = |error: DecodeError| error.at(FUNCTION);
    let name = need(function.string("name").map_err(at)?, "name").map_err(at)?;
    let arguments = function.string("arguments").map_err(at)?.unwrap_or_default();
    if call.text("type") == Some(FUNCTION) {
        call.skip("type");
    }
    let rest = function.rest();
    if !rest.is_empty() {
        call.put(FUNCTION, rest.into());
    }
    Ok(tool_use(id, name, Some(read_arguments(arguments)), call.rest()))
}

/// The object that the text of a call's arguments stands for; the text where it stands for none.
fn read_arguments(text: String) -> Value {
    if text.trim().is_empty() {
        return Value::Object(Map::new());
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(map)) => Value::Object(map),
        _ => Value::String(text),
    }
}

const CALLS: &str = "tool_calls";
const CALL_ID: &str = "tool_call_id";
const CONTENT: &str = "content";
const FUNCTION: &str = "function";
const TOOL: &str = "tool";
