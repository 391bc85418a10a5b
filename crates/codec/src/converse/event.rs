//! The events of ConverseStream, read from and written as JSON.

use alloc::borrow::ToOwned;

use serde_json::Value;

use super::reply::take_latency;
use crate::Map;
use crate::error::DecodeError;
use crate::event::{BlockStart, Delta, Event};
use crate::json::{Members, Object, merge, need, single};
use crate::message::Role;
use crate::stop::StopReason;
use crate::usage::Usage;

/// Whether there is a variant for events of this kind.
pub(crate) fn is_known(kind: &str) -> bool {
    READERS.iter().any(|(known, _)| *known == kind)
}

/// Reads the payload of an event of this kind.
pub(crate) fn read(kind: &str, payload: Value) -> Result<Event, DecodeError> {
    match READERS.iter().find(|(known, _)| *known == kind) {
        Some((_, read)) => read(Object::new(payload)?),
        None => Ok(Event::Unknown { kind: kind.to_owned(), payload }),
    }
}

/// Reads an object with one member, named for the event.
pub(crate) fn read_tagged(value: Value) -> Result<Event, DecodeError> {
    let mut members = Object::new(value)?.rest().into_iter();
    let (Some((kind, payload)), None) = (members.next(), members.next()) else {
        return Err(DecodeError::shape("an object with one member", &Value::Object(Map::new())));
    };
    read(&kind, payload).map_err(|error| error.at(&kind))
}

pub(crate) fn write(event: &Event) -> Value {
    let (kind, payload) = match event {
        Event::MessageStart { role, extra } => {
            (MESSAGE_START, with(single("role", role.as_str()), extra))
        }
        Event::BlockStart { index, start, extra } => {
            let mut map = single("contentBlockIndex", *index);
            map.set("start", write_start(start));
            (BLOCK_START, with(map, extra))
        }
        Event::BlockDelta { index, delta, extra } => {
            let mut map = single("contentBlockIndex", *index);
            map.set("delta", write_delta(delta));
            (BLOCK_DELTA, with(map, extra))
        }
        Event::BlockStop { index, extra } => {
            (BLOCK_STOP, with(single("contentBlockIndex", *index), extra))
        }
        Event::MessageStop { stop_reason, extra } => {
            (MESSAGE_STOP, with(single("stopReason", stop_reason.as_str()), extra))
        }
        Event::Metadata { usage, latency_ms, extra } => {
            let mut map = Map::new();
            map.set_some("usage", usage.as_ref().map(Usage::to_json));
            map.set_some("metrics", latency_ms.map(|latency| single("latencyMs", latency)));
            (METADATA, with(map, extra))
        }
        Event::Unknown { kind, payload } => (kind.as_str(), payload.clone()),
    };
    Value::Object(single(kind, payload))
}

fn with(mut map: Map, extra: &Map) -> Value {
    merge(&mut map, extra.clone());
    Value::Object(map)
}

fn write_start(start: &BlockStart) -> Map {
    match start {
        BlockStart::ToolUse { tool_use_id, name, extra } => {
            let mut map = single("toolUseId", tool_use_id.as_str());
            map.set("name", name.as_str());
            single("toolUse", with(map, extra))
        }
        BlockStart::Unknown(map) => map.clone(),
    }
}

fn write_delta(delta: &Delta) -> Map {
    let reasoning = |key, text: &str| single("reasoningContent", single(key, text));
    match delta {
        Delta::Text(text) => single("text", text.as_str()),
        Delta::ToolUse { input } => single("toolUse", single("input", input.as_str())),
        Delta::ReasoningText(text) => reasoning("text", text),
        Delta::ReasoningSignature(signature) => reasoning("signature", signature),
        Delta::ReasoningRedacted(data) => reasoning("redactedContent", data),
        Delta::Citation(citation) => single("citation", citation.clone()),
        Delta::Unknown(map) => map.clone(),
    }
}

fn read_message_start(mut object: Object) -> Result<Event, DecodeError> {
    let role = object.read("role", Role::from_json)?.unwrap_or(Role::Assistant);
    Ok(Event::MessageStart { role, extra: object.rest() })
}

fn read_block_start(mut object: Object) -> Result<Event, DecodeError> {
    let index = need(object.limit(INDEX)?, INDEX)?;
    let start = object.read("start", read_start)?;
    let start = start.unwrap_or_else(|| BlockStart::Unknown(Map::new()));
    Ok(Event::BlockStart { index, start, extra: object.rest() })
}

fn read_start(value: Value) -> Result<BlockStart, DecodeError> {
    let mut object = Object::new(value)?;
    let Some(mut tool) = object.object("toolUse")? else {
        return Ok(BlockStart::Unknown(object.rest()));
    };
    let mut required = |key| tool.string(key).and_then(|value| need(value, key));
    let tool_use_id = required("toolUseId").map_err(|error| error.at("toolUse"))?;
    let name = required("name").map_err(|error| error.at("toolUse"))?;
    Ok(BlockStart::ToolUse { tool_use_id, name, extra: tool.rest() })
}

fn read_block_delta(mut object: Object) -> Result<Event, DecodeError> {
    let index = need(object.limit(INDEX)?, INDEX)?;
    let mut inner = need(object.object("delta")?, "delta")?;
    let delta = read_delta(&mut inner).map_err(|error| error.at("delta"))?;
    let rest = inner.rest();
    let delta = match delta {
        Some(delta) => {
            if !rest.is_empty() {
                object.put("delta", Value::Object(rest));
            }
            delta
        }
        None => Delta::Unknown(rest),
    };
    Ok(Event::BlockDelta { index, delta, extra: object.rest() })
}

fn read_delta(object: &mut Object) -> Result<Option<Delta>, DecodeError> {
    if let Some(text) = object.string("text")? {
        return Ok(Some(Delta::Text(text)));
    }
    if let Some(mut tool) = object.object("toolUse")? {
        let input = tool.string("input").map_err(|error| error.at("toolUse"))?;
        let rest = tool.rest();
        if !rest.is_empty() {
            object.put("toolUse", Value::Object(rest));
        }
        return Ok(Some(Delta::ToolUse { input: input.unwrap_or_default() }));
    }
    if let Some(mut reasoning) = object.object("reasoningContent")? {
        let delta = read_reasoning(&mut reasoning).map_err(|error| error.at("reasoningContent"))?;
        let rest = reasoning.rest();
        if !rest.is_empty() {
            object.put("reasoningContent", Value::Object(rest));
        }
        return Ok(delta);
    }
    Ok(object.take("citation").map(Delta::Citation))
}

fn read_reasoning(object: &mut Object) -> Result<Option<Delta>, DecodeError> {
    if let Some(text) = object.string("text")? {
        return Ok(Some(Delta::ReasoningText(text)));
    }
    if let Some(signature) = object.string("signature")? {
        return Ok(Some(Delta::ReasoningSignature(signature)));
    }
    Ok(object.string("redactedContent")?.map(Delta::ReasoningRedacted))
}

fn read_block_stop(mut object: Object) -> Result<Event, DecodeError> {
    let index = need(object.limit(INDEX)?, INDEX)?;
    Ok(Event::BlockStop { index, extra: object.rest() })
}

fn read_message_stop(mut object: Object) -> Result<Event, DecodeError> {
    let stop_reason = need(object.read("stopReason", StopReason::from_json)?, "stopReason")?;
    Ok(Event::MessageStop { stop_reason, extra: object.rest() })
}

fn read_metadata(mut object: Object) -> Result<Event, DecodeError> {
    let usage = Usage::take(&mut object, "usage", Usage::from_json);
    let latency_ms = take_latency(&mut object);
    Ok(Event::Metadata { usage, latency_ms, extra: object.rest() })
}

type Read = fn(Object) -> Result<Event, DecodeError>;

const MESSAGE_START: &str = "messageStart";
const BLOCK_START: &str = "contentBlockStart";
pub(super) const BLOCK_DELTA: &str = "contentBlockDelta";
const BLOCK_STOP: &str = "contentBlockStop";
const MESSAGE_STOP: &str = "messageStop";
const METADATA: &str = "metadata";
const INDEX: &str = "contentBlockIndex";

const READERS: &[(&str, Read)] = &[
    (MESSAGE_START, read_message_start),
    (BLOCK_START, read_block_start),
    (BLOCK_DELTA, read_block_delta),
    (BLOCK_STOP, read_block_stop),
    (MESSAGE_STOP, read_message_stop),
    (METADATA, read_metadata),
];
