//! The events of a stream, which are Converse's.

use alloc::string::String;

use serde_json::Value;

use crate::Map;
use crate::converse;
use crate::error::DecodeError;
use crate::json::serde_by_json;
use crate::message::Role;
use crate::stop::StopReason;
use crate::usage::Usage;

/// A step of a reply as it is generated.
///
/// Its JSON is an object with one member, named for the event: `{"contentBlockDelta": {…}}`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The message begins.
    MessageStart {
        /// Who speaks.
        role: Role,
        /// Every other member.
        extra: Map,
    },
    /// A block begins. Text and reasoning begin without it, at their first delta.
    BlockStart {
        /// The block's place in the message.
        index: u32,
        /// What begins.
        start: BlockStart,
        /// Every other member.
        extra: Map,
    },
    /// A piece of a block.
    BlockDelta {
        /// The block's place in the message.
        index: u32,
        /// The piece.
        delta: Delta,
        /// Every other member.
        extra: Map,
    },
    /// A block is whole.
    BlockStop {
        /// The block's place in the message.
        index: u32,
        /// Every other member.
        extra: Map,
    },
    /// The message is whole.
    MessageStop {
        /// Why it ended.
        stop_reason: StopReason,
        /// Every other member, such as `additionalModelResponseFields`.
        extra: Map,
    },
    /// Counts and times, after the end of the message.
    Metadata {
        /// Tokens read and written; `None` where the service did not say.
        usage: Option<Usage>,
        /// The time the service took, in milliseconds.
        latency_ms: Option<u64>,
        /// Every other member, such as `trace` or `serviceTier`.
        extra: Map,
    },
    /// An event of another kind, kept whole.
    Unknown {
        /// The name of the event.
        kind: String,
        /// What it holds; a string where that is not JSON.
        payload: Value,
    },
}

/// What begins with a block.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum BlockStart {
    /// A tool call.
    ToolUse {
        /// The id that the result refers to.
        tool_use_id: String,
        /// The tool's name.
        name: String,
        /// Every other member.
        extra: Map,
    },
    /// A block of another kind, kept whole.
    Unknown(Map),
}

/// A piece of a block.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Delta {
    /// A piece of text.
    Text(String),
    /// A piece of the JSON text of a tool call's input.
    ToolUse {
        /// The piece.
        input: String,
    },
    /// A piece of reasoning.
    ReasoningText(String),
    /// The signature of the reasoning.
    ReasoningSignature(String),
    /// Reasoning that the provider encrypted: base64, as on the wire.
    ReasoningRedacted(String),
    /// A source of the block's text.
    Citation(Value),
    /// A piece of another kind, kept whole.
    Unknown(Map),
}

impl Event {
    /// A piece of a block, without other members.
    pub fn delta(index: u32, delta: Delta) -> Self {
        Self::BlockDelta { index, delta, extra: Map::new() }
    }

    /// The end of a block, without other members.
    pub fn block_stop(index: u32) -> Self {
        Self::BlockStop { index, extra: Map::new() }
    }

    /// The text that it adds to the reply, if it adds any.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::BlockDelta { delta: Delta::Text(text), .. } => Some(text),
            _ => None,
        }
    }

    /// The members that the vocabulary has no name for.
    pub(crate) fn extra_mut(&mut self) -> Option<&mut Map> {
        match self {
            Self::MessageStart { extra, .. }
            | Self::BlockStart { extra, .. }
            | Self::BlockDelta { extra, .. }
            | Self::BlockStop { extra, .. }
            | Self::MessageStop { extra, .. }
            | Self::Metadata { extra, .. } => Some(extra),
            Self::Unknown { .. } => None,
        }
    }

    /// Its JSON: an object with one member, named for the event.
    pub fn to_json(&self) -> Value {
        converse::event::write(self)
    }

    /// Reads an object with one member, named for the event.
    ///
    /// # Errors
    ///
    /// Where an event of a known kind has another shape than Converse gives it.
    pub fn from_json(value: Value) -> Result<Self, DecodeError> {
        converse::event::read_tagged(value)
    }
}

serde_by_json!(Event);
