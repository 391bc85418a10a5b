//! Why a message ended: an open set of words with a closed view.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use serde_json::Value;

use crate::error::DecodeError;
use crate::json::{self, serde_by_json};

/// Why a message ended: the word on the wire, and what it means in Converse's terms.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StopReason {
    kind: StopKind,
    raw: Cow<'static, str>,
}

/// What a stop reason means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopKind {
    /// The model finished.
    EndTurn,
    /// The model asks for tools to be run.
    ToolUse,
    /// The limit on output tokens was reached.
    MaxTokens,
    /// A stop sequence of the request was generated.
    StopSequence,
    /// A guardrail changed or blocked input or output.
    GuardrailIntervened,
    /// The provider's filter stopped the reply.
    ContentFiltered,
    /// The context window is full.
    ModelContextWindowExceeded,
    /// The model wrote what the service could not parse.
    MalformedModelOutput,
    /// The model wrote a tool call that the service could not parse.
    MalformedToolUse,
    /// A word that this crate does not know; [`StopReason::raw`] has it.
    Other,
}

impl StopReason {
    /// A reason from Converse's own word for it.
    pub fn new(word: impl Into<Cow<'static, str>>) -> Self {
        let raw = word.into();
        let known = WORDS.iter().find(|(_, word)| *word == raw);
        Self { kind: known.map_or(StopKind::Other, |(kind, _)| *kind), raw }
    }

    /// A reason with the word that a family has for it.
    pub fn mapped(kind: StopKind, raw: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, raw: raw.into() }
    }

    /// What it means.
    pub fn kind(&self) -> StopKind {
        self.kind
    }

    /// Converse's word for it; the raw word where there is none.
    pub fn as_str(&self) -> &str {
        self.kind.word().unwrap_or(&self.raw)
    }

    /// The word as it came over the wire.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    pub(crate) fn into_raw(self) -> Cow<'static, str> {
        self.raw
    }

    /// Whether the reply was cut short by a limit, so that its last tool call may be too.
    pub(crate) fn is_cut(&self) -> bool {
        matches!(self.kind, StopKind::MaxTokens | StopKind::ModelContextWindowExceeded)
    }

    /// Its JSON: Converse's word.
    pub fn to_json(&self) -> Value {
        Value::from(self.as_str())
    }

    /// Reads Converse's word.
    ///
    /// # Errors
    ///
    /// Where the value is not a string.
    pub fn from_json(value: Value) -> Result<Self, DecodeError> {
        json::string(value).map(Self::new)
    }
}

impl From<StopKind> for StopReason {
    /// The reason with Converse's word; `Other` has the word `other`.
    fn from(kind: StopKind) -> Self {
        Self { kind, raw: Cow::Borrowed(kind.word().unwrap_or("other")) }
    }
}

impl From<&str> for StopReason {
    fn from(word: &str) -> Self {
        Self::new(String::from(word))
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

serde_by_json!(StopReason);

impl StopKind {
    fn word(self) -> Option<&'static str> {
        WORDS.iter().find(|(kind, _)| *kind == self).map(|(_, word)| *word)
    }
}

/// Converse's words.
const WORDS: &[(StopKind, &str)] = &[
    (StopKind::EndTurn, "end_turn"),
    (StopKind::ToolUse, "tool_use"),
    (StopKind::MaxTokens, "max_tokens"),
    (StopKind::StopSequence, "stop_sequence"),
    (StopKind::GuardrailIntervened, "guardrail_intervened"),
    (StopKind::ContentFiltered, "content_filtered"),
    (StopKind::ModelContextWindowExceeded, "model_context_window_exceeded"),
    (StopKind::MalformedModelOutput, "malformed_model_output"),
    (StopKind::MalformedToolUse, "malformed_tool_use"),
];
