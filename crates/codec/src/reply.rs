//! What a model answers, whole or in part.

use alloc::string::String;

use serde_json::Value;

use crate::Map;
use crate::block::{Block, ToolUse, tool_use};
use crate::converse;
use crate::error::DecodeError;
use crate::json::serde_by_json;
use crate::message::{Message, Role};
use crate::stop::StopReason;
use crate::usage::Usage;

/// A finished reply.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reply {
    /// What the model said.
    pub message: Message,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// Tokens read and written; `None` where the service did not say.
    pub usage: Option<Usage>,
    /// The time the service took, in milliseconds.
    pub latency_ms: Option<u64>,
    /// Every other member of a Converse response, such as `trace` or `serviceTier`. What a native
    /// body has beyond the vocabulary is under `additionalModelResponseFields`.
    pub extra: Map,
}

impl Reply {
    /// A reply without usage.
    pub fn new(message: Message, stop_reason: StopReason) -> Self {
        Self { message, stop_reason, usage: None, latency_ms: None, extra: Map::new() }
    }

    /// The text of all text blocks one after the other, byte for byte.
    pub fn text(&self) -> String {
        self.message.text()
    }

    /// The same text without white space around it, which many models put before their answers.
    pub fn text_trimmed(&self) -> String {
        self.text().trim().into()
    }

    /// The tool calls, which are complete.
    pub fn tool_uses(&self) -> impl Iterator<Item = &ToolUse> {
        self.message.content.iter().filter_map(|block| match block {
            Block::ToolUse(tool) => Some(tool),
            _ => None,
        })
    }

    /// The reply as Converse response JSON.
    pub fn to_converse(&self) -> Value {
        let Self { message, stop_reason, usage, latency_ms, extra } = self;
        converse::reply::write(message, Some(stop_reason), usage.as_ref(), *latency_ms, extra)
    }

    /// Takes a last tool call that has no arguments for incomplete, if the reply was cut off.
    pub(crate) fn doubt_cut_tool(mut self) -> Self {
        if self.stop_reason.is_cut()
            && let Some(last) = self.message.content.last_mut()
            && let Block::ToolUse(ToolUse { tool_use_id, name, input, extra }) = last
            && input.is_empty()
        {
            let (id, name) = (core::mem::take(tool_use_id), core::mem::take(name));
            *last = tool_use(id, name, None, core::mem::take(extra));
        }
        self
    }

    fn to_json(&self) -> Value {
        self.to_converse()
    }

    /// Reads Converse response JSON.
    ///
    /// # Errors
    ///
    /// Where a member has another shape than Converse gives it, or the message or the stop reason
    /// is missing.
    pub fn from_json(value: Value) -> Result<Self, DecodeError> {
        converse::reply::decode(value)
    }
}

serde_by_json!(Reply);

/// What had arrived of a reply that did not finish.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Partial {
    /// What the model had said. Tool calls that were not closed are
    /// [`Block::IncompleteToolUse`].
    pub message: Message,
    /// Why the message ended, if that had arrived.
    pub stop_reason: Option<StopReason>,
    /// Tokens read and written, if they had arrived.
    pub usage: Option<Usage>,
    /// The time the service took, in milliseconds, if it had arrived.
    pub latency_ms: Option<u64>,
    /// Every other member that had arrived.
    pub extra: Map,
}

impl Partial {
    /// The text of all text blocks one after the other, byte for byte.
    pub fn text(&self) -> String {
        self.message.text()
    }

    /// Whether nothing of the message had arrived.
    pub fn is_empty(&self) -> bool {
        self.message.content.is_empty()
    }

    /// What had arrived as Converse response JSON; members that had not arrived are absent.
    pub fn to_converse(&self) -> Value {
        let Self { message, stop_reason, usage, latency_ms, extra } = self;
        converse::reply::write(message, stop_reason.as_ref(), usage.as_ref(), *latency_ms, extra)
    }
}

impl Default for Partial {
    /// Nothing had arrived.
    fn default() -> Self {
        Self {
            message: Message::new(Role::Assistant, alloc::vec::Vec::new()),
            stop_reason: None,
            usage: None,
            latency_ms: None,
            extra: Map::new(),
        }
    }
}
