//! Tool results of Command R, which repeat the call that they answer.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::{NAME, PARAMETERS, call_id};
use crate::Map;
use crate::block::{Block, ToolResult, ToolUse};
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object, elements, need, single};
use crate::message::Message;

/// A call as it is written.
pub(super) fn write_call(tool: &ToolUse) -> Map {
    let mut call = tool.extra.clone();
    call.set("name", tool.name.as_str());
    call.set(PARAMETERS, tool.input.clone());
    call
}

/// Writes a result. Its call is the last one before it that has its id; a result whose call is not
/// in the conversation carries it.
pub(super) fn write(result: &ToolResult, before: &[Message]) -> Result<Map, EncodeError> {
    let mut map = result.extra.clone();
    if !map.contains_key(CALL) {
        let Some(call) = find_call(&result.tool_use_id, before) else {
            let why = "a result repeats its call, and none before it has this id";
            return Err(EncodeError::unsupported(NAME, why).at("toolUseId"));
        };
        map.set(CALL, write_call(call));
    }
    if result.status.as_deref().is_some_and(|status| status != "success") {
        let why = "there is no status; say in the content what failed";
        return Err(EncodeError::unsupported(NAME, why).at("status"));
    }
    let write = |(index, block): (usize, &Block)| {
        write_output(block).map_err(|error| error.at_index(index).at("content"))
    };
    let outputs = result.content.iter().enumerate().map(write).collect::<Result<Vec<_>, _>>()?;
    map.set(OUTPUTS, outputs);
    Ok(map)
}

fn find_call<'a>(id: &str, before: &'a [Message]) -> Option<&'a ToolUse> {
    let mut blocks = before.iter().rev().flat_map(|message| &message.content);
    blocks.find_map(|block| match block {
        Block::ToolUse(tool) if tool.tool_use_id == id => Some(tool),
        _ => None,
    })
}

/// An output is an object, so a text becomes a member of one.
fn write_output(block: &Block) -> Result<Map, EncodeError> {
    match block {
        Block::Json(Value::Object(output)) => Ok(output.clone()),
        Block::Text(text) if text.extra.is_empty() => Ok(single(TEXT, text.text.as_str())),
        _ => {
            let why = "a result is made of texts and JSON objects";
            Err(EncodeError::unsupported(NAME, why))
        }
    }
}

/// The calls of a conversation, while it is read.
#[derive(Default)]
pub(super) struct Calls {
    /// How many ids have been given.
    pub(super) count: usize,
    /// The calls without a result, as they are written.
    open: Vec<(String, Map)>,
}

impl Calls {
    /// Notes calls that results may answer.
    pub(super) fn note(&mut self, blocks: &[Block]) {
        self.count += blocks.len();
        for block in blocks {
            if let Block::ToolUse(tool) = block {
                self.open.push((tool.tool_use_id.clone(), write_call(tool)));
            }
        }
    }

    /// Reads a result, and finds the id of its call.
    pub(super) fn answer(&mut self, value: Value) -> Result<Block, DecodeError> {
        let mut object = Object::new(value)?;
        need(object.get(CALL), CALL)?;
        let content = need(object.read(OUTPUTS, |list| elements(list, read_output))?, OUTPUTS)?;
        let mut extra = object.rest();
        let same =
            |(_, call): &(String, Map)| extra.get(CALL).and_then(Value::as_object) == Some(call);
        let tool_use_id = match self.open.iter().position(same) {
            Some(position) => {
                extra.remove(CALL);
                self.open.remove(position).0
            }
            None => {
                self.count += 1;
                call_id(self.count - 1)
            }
        };
        Ok(Block::ToolResult(ToolResult { tool_use_id, content, status: None, extra }))
    }
}

fn read_output(value: Value) -> Result<Block, DecodeError> {
    let object = Object::new(value)?;
    Ok(match object.text(TEXT) {
        Some(text) if object.len() == 1 => Block::text(text),
        _ => Block::Json(object.rest().into()),
    })
}

const CALL: &str = "call";
const OUTPUTS: &str = "outputs";
const TEXT: &str = "text";
