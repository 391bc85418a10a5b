//! A block of a stream while it grows.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use crate::Map;
use crate::block::{Block, Citations, IncompleteToolUse, Reasoning, ToolUse};
use crate::event::{BlockStart, Delta};
use crate::json::single;

/// A block of a stream while it grows.
#[derive(Clone, Debug)]
pub(super) struct OpenBlock {
    index: u32,
    content: Content,
    closed: bool,
}

/// What an event adds to a block.
#[derive(Clone, Copy)]
pub(super) enum Piece<'a> {
    Start(&'a BlockStart),
    Delta(&'a Delta),
}

impl Piece<'_> {
    /// How many bytes of content it has; what is kept as JSON counts as its text.
    pub(super) fn size(self) -> usize {
        match self {
            Piece::Delta(
                Delta::Text(text)
                | Delta::ToolUse { input: text }
                | Delta::ReasoningText(text)
                | Delta::ReasoningSignature(text)
                | Delta::ReasoningRedacted(text),
            ) => text.len(),
            Piece::Delta(Delta::Citation(citation)) => citation.to_string().len(),
            Piece::Delta(Delta::Unknown(map)) | Piece::Start(BlockStart::Unknown(map)) => {
                Value::from(map.clone()).to_string().len()
            }
            Piece::Start(BlockStart::ToolUse { tool_use_id, name, .. }) => {
                tool_use_id.len() + name.len()
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Content {
    /// A start that says nothing of what will come.
    Open,
    Text {
        text: String,
        citations: Vec<Value>,
    },
    Tool {
        tool_use_id: Option<String>,
        name: String,
        raw: String,
        extra: Map,
    },
    Reasoning {
        text: String,
        signature: Option<String>,
    },
    Redacted(String),
    Unknown(Map),
}

impl OpenBlock {
    pub(super) fn begin(index: u32, piece: Piece<'_>) -> Self {
        let content = match piece {
            Piece::Start(start) => Content::start(start),
            Piece::Delta(delta) => Content::first(delta),
        };
        Self { index, content, closed: false }
    }

    pub(super) fn index(&self) -> u32 {
        self.index
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    /// Adds the piece, if it is of the block's kind.
    pub(super) fn take(&mut self, piece: Piece<'_>) -> bool {
        let taken = match piece {
            // The same start once more adds nothing; another one begins another block.
            Piece::Start(start) => self.content.is_just(start),
            Piece::Delta(delta) => self.content.take(delta),
        };
        if taken {
            self.closed = false;
        }
        taken
    }

    /// The block as it stands. `whole`: the message is whole. `cut`: this may be where the reply
    /// was cut off.
    pub(super) fn finish(self, whole: bool, cut: bool) -> Block {
        match self.content {
            Content::Open => Block::Unknown(Map::new()),
            Content::Text { text, citations } if citations.is_empty() => Block::text(text),
            Content::Text { text, citations } => Block::Citations(Citations::new(text, citations)),
            Content::Reasoning { text, signature } => {
                Block::Reasoning(Reasoning::text(text, signature))
            }
            Content::Redacted(data) => Block::Reasoning(Reasoning::Redacted(data)),
            Content::Unknown(map) => {
                let kept = map.clone();
                Block::from_json(Value::Object(map)).unwrap_or(Block::Unknown(kept))
            }
            Content::Tool { tool_use_id, name, raw, extra } => {
                let input = if raw.trim().is_empty() {
                    // A tool without arguments, unless the reply was cut before they came.
                    (self.closed && !cut).then(Map::new)
                } else if self.closed || whole {
                    serde_json::from_str(&raw).ok()
                } else {
                    None
                };
                match (tool_use_id, input) {
                    (Some(tool_use_id), Some(input)) => {
                        Block::ToolUse(ToolUse { tool_use_id, name, input, extra })
                    }
                    (tool_use_id, _) => Block::IncompleteToolUse(IncompleteToolUse {
                        tool_use_id,
                        name,
                        raw,
                        extra,
                    }),
                }
            }
        }
    }
}

impl Content {
    fn start(start: &BlockStart) -> Self {
        match start {
            BlockStart::ToolUse { tool_use_id, name, extra } => Self::Tool {
                tool_use_id: Some(tool_use_id.clone()),
                name: name.clone(),
                raw: String::new(),
                extra: extra.clone(),
            },
            BlockStart::Unknown(map) if map.is_empty() => Self::Open,
            BlockStart::Unknown(map) => Self::Unknown(map.clone()),
        }
    }

    /// The content that begins with this delta.
    fn first(delta: &Delta) -> Self {
        let mut content = match delta {
            Delta::Text(_) | Delta::Citation(_) => {
                Self::Text { text: String::new(), citations: Vec::new() }
            }
            Delta::ToolUse { .. } => Self::Tool {
                tool_use_id: None,
                name: String::new(),
                raw: String::new(),
                extra: Map::new(),
            },
            Delta::ReasoningText(_) | Delta::ReasoningSignature(_) => {
                Self::Reasoning { text: String::new(), signature: None }
            }
            Delta::ReasoningRedacted(data) => return Self::Redacted(data.clone()),
            Delta::Unknown(_) => Self::Unknown(Map::new()),
        };
        content.take(delta);
        content
    }

    /// Whether it is this start, and nothing has come since.
    fn is_just(&self, start: &BlockStart) -> bool {
        match (self, start) {
            (Self::Open, BlockStart::Unknown(map)) => map.is_empty(),
            (Self::Unknown(known), BlockStart::Unknown(map)) => known == map,
            (
                Self::Tool { tool_use_id: known, raw, .. },
                BlockStart::ToolUse { tool_use_id, .. },
            ) => raw.is_empty() && known.as_ref() == Some(tool_use_id),
            _ => false,
        }
    }

    fn take(&mut self, delta: &Delta) -> bool {
        match (&mut *self, delta) {
            (Self::Open, _) => *self = Self::first(delta),
            (Self::Text { text, .. }, Delta::Text(more)) => text.push_str(more),
            (Self::Text { citations, .. }, Delta::Citation(more)) => citations.push(more.clone()),
            (Self::Tool { raw, .. }, Delta::ToolUse { input }) => raw.push_str(input),
            (Self::Reasoning { text, .. }, Delta::ReasoningText(more)) => text.push_str(more),
            (Self::Reasoning { signature, .. }, Delta::ReasoningSignature(more)) => {
                signature.get_or_insert_default().push_str(more);
            }
            (Self::Unknown(known), Delta::Unknown(more)) => grow(known, more),
            // An empty piece must not begin a block beside one of another kind.
            (_, Delta::Text(text) | Delta::ReasoningText(text)) => return text.is_empty(),
            _ => return false,
        }
        true
    }
}

/// Adds a piece of an unknown kind as Converse does it for the kinds that have a start: members
/// are added to it, and arrays to its `content`. A piece that would replace something is kept
/// whole, in `deltas`.
fn grow(block: &mut Map, piece: &Map) {
    for (kind, value) in piece {
        match (block.get_mut(kind), value) {
            (Some(Value::Object(start)), Value::Array(elements)) => {
                extend(start, "content", elements);
            }
            (None, Value::Array(elements)) => {
                block.insert(kind.clone(), single("content", elements.clone()).into());
            }
            (Some(Value::Object(start)), Value::Object(members))
                if members.keys().all(|key| !start.contains_key(key)) =>
            {
                start.extend(members.clone());
            }
            (None, Value::Object(members)) => {
                block.insert(kind.clone(), members.clone().into());
            }
            (_, other) => extend(block, "deltas", &[single(kind, other.clone()).into()]),
        }
    }
}

fn extend(map: &mut Map, key: &str, elements: &[Value]) {
    let array = map.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    match array {
        Value::Array(array) => array.extend(elements.iter().cloned()),
        other => *other = Value::Array([&[other.take()], elements].concat()),
    }
}
