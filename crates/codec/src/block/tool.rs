//! Tool calls, whole and cut off, and their results.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::Block;
use crate::Map;
use crate::error::DecodeError;
use crate::json::{Members, Object, need};

/// A tool call of the model. It exists only where the input is a complete JSON object.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ToolUse {
    /// The id that the result refers to.
    pub tool_use_id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments, a JSON object.
    pub input: Map,
    /// Every other member.
    pub extra: Map,
}

impl ToolUse {
    /// A tool call.
    pub fn new(tool_use_id: impl Into<String>, name: impl Into<String>, input: Map) -> Self {
        Self { tool_use_id: tool_use_id.into(), name: name.into(), input, extra: Map::new() }
    }

    pub(super) fn to_json(&self) -> Value {
        let mut map = Map::new();
        map.set("toolUseId", self.tool_use_id.as_str());
        map.set("name", self.name.as_str());
        map.set("input", self.input.clone());
        map.extend(self.extra.clone());
        Value::Object(map)
    }
}

/// A tool call that was cut off, or whose input is not a JSON object.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct IncompleteToolUse {
    /// The id, if it had arrived.
    pub tool_use_id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// The input as far as it came, as text.
    pub raw: String,
    /// Every other member.
    pub extra: Map,
}

impl IncompleteToolUse {
    /// A tool call that was cut off.
    pub fn new(
        tool_use_id: Option<String>,
        name: impl Into<String>,
        raw: impl Into<String>,
    ) -> Self {
        Self { tool_use_id, name: name.into(), raw: raw.into(), extra: Map::new() }
    }

    pub(super) fn to_json(&self) -> Value {
        let mut map = Map::new();
        map.set_some("toolUseId", self.tool_use_id.as_deref());
        map.set("name", self.name.as_str());
        map.set("raw", self.raw.as_str());
        map.extend(self.extra.clone());
        Value::Object(map)
    }

    pub(super) fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let tool_use_id = object.string("toolUseId")?;
        let name = need(object.string("name")?, "name")?;
        let raw = need(object.string("raw")?, "raw")?;
        Ok(Self { tool_use_id, name, raw, extra: object.rest() })
    }
}

/// What a tool gave back.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ToolResult {
    /// The id of the call.
    pub tool_use_id: String,
    /// The result: text, JSON, images, documents.
    pub content: Vec<Block>,
    /// `success` or `error`; the service takes success where it is absent.
    pub status: Option<String>,
    /// Every other member.
    pub extra: Map,
}

impl ToolResult {
    /// A result without a status.
    pub fn new(tool_use_id: impl Into<String>, content: Vec<Block>) -> Self {
        Self { tool_use_id: tool_use_id.into(), content, status: None, extra: Map::new() }
    }

    pub(super) fn to_json(&self) -> Value {
        let mut map = Map::new();
        map.set("toolUseId", self.tool_use_id.as_str());
        map.set("content", self.content.iter().map(Block::to_json).collect::<Vec<_>>());
        map.set_some("status", self.status.as_deref());
        map.extend(self.extra.clone());
        Value::Object(map)
    }

    pub(super) fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let tool_use_id = need(object.string("toolUseId")?, "toolUseId")?;
        let content = object.each("content", Block::from_json)?;
        let status = object.string("status")?;
        Ok(Self { tool_use_id, content, status, extra: object.rest() })
    }
}

/// Reads a tool call; an input that is no object makes it an incomplete one.
pub(super) fn read_tool_use(value: Value) -> Result<Block, DecodeError> {
    let mut object = Object::new(value)?;
    let tool_use_id = need(object.string("toolUseId")?, "toolUseId")?;
    let name = need(object.string("name")?, "name")?;
    let input = object.take("input");
    Ok(tool_use(tool_use_id, name, input, object.rest()))
}

/// A tool call of these parts: incomplete where the input is not an object.
pub(crate) fn tool_use(
    tool_use_id: String,
    name: String,
    input: Option<Value>,
    extra: Map,
) -> Block {
    let raw = match input {
        Some(Value::Object(input)) => {
            return Block::ToolUse(ToolUse { tool_use_id, name, input, extra });
        }
        Some(Value::String(raw)) => raw,
        Some(other) => other.to_string(),
        None => String::new(),
    };
    Block::IncompleteToolUse(IncompleteToolUse { tool_use_id: Some(tool_use_id), name, raw, extra })
}
