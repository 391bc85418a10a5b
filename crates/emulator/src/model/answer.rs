//! What the model says, in the pieces in which it says it.

use serde_json::{Value, json};

use super::pieces::Pieces;

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
    Reasoning(Pieces),
    Text(Pieces),
    ToolUse {
        name: String,
        /// The JSON text of the arguments.
        pieces: Pieces,
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
    /// What was not said yet, to an input of so many tokens.
    pub(crate) const fn silent(input: u64) -> Self {
        let usage = Usage { input, ..Usage::NONE };
        Self { parts: Vec::new(), stop: Stop::EndTurn, usage }
    }

    /// Its text, without reasoning and calls.
    pub(crate) fn text(&self) -> String {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(pieces) => Some(pieces.text()),
            _ => None,
        });
        texts.collect()
    }

    /// Its reasoning, if there is any.
    pub(crate) fn reasoning(&self) -> Option<&str> {
        self.parts.iter().find_map(|part| match part {
            Part::Reasoning(pieces) => Some(pieces.text()),
            _ => None,
        })
    }

    /// The last piece of its text, for families that send it with the end.
    pub(crate) fn last_piece(&self) -> &str {
        match self.parts.last() {
            Some(Part::Text(pieces)) => pieces.iter().next_back().unwrap_or_default(),
            _ => "",
        }
    }
}

impl Part {
    /// Takes its pieces out.
    pub(crate) fn take_pieces(&mut self) -> Pieces {
        std::mem::take(self.pieces())
    }

    /// Adds a piece.
    pub(crate) fn push(&mut self, piece: &str) {
        self.pieces().push(piece);
    }

    /// Adds what may be missing at the end of an answer, which the limit may have cut.
    pub(crate) fn end(&mut self, last: Option<&str>, is_cut: bool) {
        if let Some(last) = last {
            self.push(last);
        }
        if let Self::ToolUse { cut, .. } = self {
            *cut |= is_cut;
        }
    }

    pub(crate) const fn is_call(&self) -> bool {
        matches!(self, Self::ToolUse { .. })
    }

    const fn pieces(&mut self) -> &mut Pieces {
        let (Self::Reasoning(pieces) | Self::Text(pieces) | Self::ToolUse { pieces, .. }) = self;
        pieces
    }

    pub(crate) fn tokens(&self) -> u64 {
        let (Self::Reasoning(pieces) | Self::Text(pieces) | Self::ToolUse { pieces, .. }) = self;
        u64::try_from(pieces.len()).unwrap_or(u64::MAX)
    }
}

impl Usage {
    pub(crate) const NONE: Self = Self { input: 0, output: 0, cache_read: 0, cache_write: 0 };

    pub(crate) const fn total(self) -> u64 {
        self.input + self.output + self.cache_read + self.cache_write
    }
}

/// The arguments of a call: an empty object where they were cut off, as the service has it.
pub(crate) fn arguments(pieces: &Pieces) -> Value {
    serde_json::from_str(pieces.text()).unwrap_or_else(|_| json!({}))
}
