//! What the model says, in the pieces in which it says it.

use serde_json::{Value, json};

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// The blocks in order: reasoning, if there is any, comes first.
    pub(crate) parts: Vec<Part>,
    pub(crate) stop: Stop,
    pub(crate) usage: Usage,
}

/// The tokens of an answer. Those of the input that a cache holds are counted apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) cache_read: u64,
    pub(crate) cache_write: u64,
}

/// One block of an answer. A piece is one token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    Reasoning(Vec<String>),
    Text(Vec<String>),
    ToolUse {
        name: String,
        /// The JSON text of the arguments.
        pieces: Vec<String>,
        /// The limit came before its end.
        cut: bool,
    },
}

/// Why the model stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    EndTurn,
    MaxTokens,
    /// It was about to write this sequence.
    Sequence(String),
    ToolUse,
}

impl Answer {
    /// Its text, without reasoning and calls.
    pub(crate) fn text(&self) -> String {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(pieces) => Some(pieces.concat()),
            _ => None,
        });
        texts.collect()
    }

    /// Its reasoning, if there is any.
    pub(crate) fn reasoning(&self) -> Option<String> {
        self.parts.iter().find_map(|part| match part {
            Part::Reasoning(pieces) => Some(pieces.concat()),
            _ => None,
        })
    }

    /// The pieces of its text, for families that say nothing else.
    pub(crate) fn into_pieces(self) -> Vec<String> {
        let texts = self.parts.into_iter().filter_map(|part| match part {
            Part::Text(pieces) => Some(pieces),
            _ => None,
        });
        texts.flatten().collect()
    }
}

impl Part {
    pub(crate) fn tokens(&self) -> u64 {
        let (Self::Reasoning(pieces) | Self::Text(pieces) | Self::ToolUse { pieces, .. }) = self;
        u64::try_from(pieces.len()).unwrap_or(u64::MAX)
    }
}

impl Usage {
    pub(crate) const fn total(self) -> u64 {
        self.input + self.output + self.cache_read + self.cache_write
    }
}

/// The arguments of a call: an empty object where they were cut off, as the service has it.
pub(crate) fn arguments(pieces: &[String]) -> Value {
    serde_json::from_str(&pieces.concat()).unwrap_or_else(|_| json!({}))
}
