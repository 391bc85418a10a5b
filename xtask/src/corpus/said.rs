//! What a reply says, in a form in which two readings of it can be compared.

use codec::{Block, Message, Reasoning, StopReason, Usage};
use serde_json::Value;

/// What a reply says: its content in order, why it ended, and what it cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) pieces: Vec<Piece>,
    /// The word on the wire.
    pub(crate) stop: Option<String>,
    pub(crate) counts: Option<Counts>,
}

/// A piece of the content. Texts that follow each other are one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Reasoning {
        text: String,
        signature: Option<String>,
    },
    Redacted(String),
    /// The input is a string where it is not a complete object.
    Tool {
        id: Option<String>,
        name: String,
        input: Value,
    },
    /// Anything else, as JSON.
    Other(Value),
}

/// Counts of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) cache_read: Option<u64>,
    pub(crate) cache_write: Option<u64>,
}

impl Said {
    /// What the codec read.
    pub(crate) fn decoded(
        message: &Message,
        stop: Option<&StopReason>,
        usage: Option<&Usage>,
    ) -> Self {
        let mut said = Self::default();
        for block in &message.content {
            said.push(decoded(block));
        }
        said.stop = stop.map(|stop| stop.raw().to_owned());
        said.counts = usage.map(|usage| Counts {
            input: usage.input_tokens,
            output: usage.output_tokens,
            cache_read: usage.cache_read_input_tokens,
            cache_write: usage.cache_write_input_tokens,
        });
        said
    }

    /// Adds a piece, and joins what belongs together.
    pub(crate) fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (_, Piece::Text(text)) if text.is_empty() => {}
            (_, Piece::Reasoning { text, signature: None }) if text.is_empty() => {}
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (
                Some(Piece::Reasoning { text: before, signature: signed @ None }),
                Piece::Reasoning { text, signature },
            ) => {
                before.push_str(&text);
                *signed = signature;
            }
            (_, piece) => self.pieces.push(piece),
        }
    }

    /// Adds text, if there is any.
    pub(crate) fn text(&mut self, text: &Value) {
        self.push(Piece::Text(text.as_str().unwrap_or_default().to_owned()));
    }

    /// Adds reasoning, if there is any.
    pub(crate) fn reasoning(&mut self, text: &Value, signature: &Value) {
        let signature = signature.as_str().map(str::to_owned);
        let text = text.as_str().unwrap_or_default().to_owned();
        self.push(Piece::Reasoning { text, signature });
    }

    /// Takes a last tool call without arguments for one that was cut off before them, where a limit
    /// ended the reply; says whether there is one.
    pub(crate) fn doubt_cut_tool(&mut self) -> bool {
        let is_cut = self.stop.as_ref().is_some_and(|word| LIMITS.contains(&word.as_str()));
        match self.pieces.last_mut() {
            Some(Piece::Tool { input, .. }) if is_cut && *input == serde_json::json!({}) => {
                *input = "".into();
                true
            }
            _ => false,
        }
    }

    /// How the codec's reading differs from the recording, which is `self`.
    pub(crate) fn differs(&self, decoded: &Self) -> Option<String> {
        let longer = self.pieces.len().max(decoded.pieces.len());
        for at in 0..longer {
            let (recorded, read) = (self.pieces.get(at), decoded.pieces.get(at));
            if !agree(recorded, read) {
                return Some(format!("piece {at}: {} is read as {}", show(recorded), show(read)));
            }
        }
        if self.stop != decoded.stop {
            return Some(format!("stop reason: {:?} is read as {:?}", self.stop, decoded.stop));
        }
        (self.counts != decoded.counts)
            .then(|| format!("usage: {:?} is read as {:?}", self.counts, decoded.counts))
    }
}

impl Piece {
    /// A tool call whose input came as text.
    pub(crate) fn tool(id: &Value, name: &Value, input: &str) -> Self {
        let object = match input.trim() {
            "" => Some(Value::Object(serde_json::Map::new())),
            input => serde_json::from_str(input).ok().filter(Value::is_object),
        };
        Self::Tool {
            id: id.as_str().map(str::to_owned),
            name: name.as_str().unwrap_or_default().to_owned(),
            input: object.unwrap_or_else(|| input.into()),
        }
    }
}

fn decoded(block: &Block) -> Piece {
    match block {
        Block::Text(_) | Block::Citations(_) => Piece::Text(block.texts().collect()),
        Block::Reasoning(Reasoning::Text { text, signature, .. }) => {
            Piece::Reasoning { text: text.clone(), signature: signature.clone() }
        }
        Block::Reasoning(Reasoning::Redacted(data)) => Piece::Redacted(data.clone()),
        Block::ToolUse(tool) => Piece::Tool {
            id: Some(tool.tool_use_id.clone()),
            name: tool.name.clone(),
            input: Value::Object(tool.input.clone()),
        },
        Block::IncompleteToolUse(tool) => Piece::Tool {
            id: tool.tool_use_id.clone(),
            name: tool.name.clone(),
            input: tool.raw.as_str().into(),
        },
        block => Piece::Other(block.to_json()),
    }
}

/// Whether two pieces say the same. Where the wire has no id for a tool call, any will do.
fn agree(recorded: Option<&Piece>, read: Option<&Piece>) -> bool {
    match (recorded, read) {
        (
            Some(Piece::Tool { id: None, name, input }),
            Some(Piece::Tool { name: read_name, input: read_input, .. }),
        ) => name == read_name && input == read_input,
        (recorded, read) => recorded == read,
    }
}

fn show(piece: Option<&Piece>) -> String {
    let shown = piece.map_or_else(|| "nothing".to_owned(), |piece| format!("{piece:?}"));
    super::shorten(&shown)
}

/// The words for the end of a reply that ran into a limit.
const LIMITS: [&str; 5] =
    ["max_tokens", "length", "LENGTH", "MAX_TOKENS", "model_context_window_exceeded"];
