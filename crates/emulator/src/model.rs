//! The deterministic model: the same prompt always gets the same answer.
//!
//! It does something visible with its input: a summarising prompt gets the most central sentences
//! of its text, a prompt that names one of its tools gets a call of it, and any other an echo.
//! Where it is asked to reason, it first says aloud what it is about to do.

mod answer;
mod echo;
mod filler;
mod pieces;
mod reason;
mod summary;
#[cfg(test)]
mod tests;
pub(crate) mod tokens;
mod tools;

use serde_json::Value;

pub(crate) use self::answer::{Answer, Part, Stop, Usage, arguments};
pub(crate) use self::pieces::Pieces;

/// What the model is given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prompt {
    /// The system prompts, one after the other.
    pub(crate) system: String,
    /// The text of the turn that is to be answered.
    pub(crate) text: String,
    /// The results of tools in that turn.
    pub(crate) tool_results: Vec<String>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) tool_choice: ToolChoice,
    /// It is to reason before it answers.
    pub(crate) reasons: bool,
    /// The most tokens that the answer may have.
    pub(crate) max_tokens: u64,
    pub(crate) stop_sequences: Vec<String>,
    /// The tokens of the whole conversation, earlier turns and tools included.
    pub(crate) input_tokens: u64,
    /// What may be cached: for each mark, a digest of all before it and its tokens.
    pub(crate) cache_points: Vec<(u64, u64)>,
}

/// A tool that the model may call.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    pub(crate) name: String,
    /// A JSON schema.
    pub(crate) input_schema: Value,
}

/// Whether a tool is to be called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum ToolChoice {
    #[default]
    Auto,
    Any,
    Named(String),
    Never,
}

/// Answers a prompt, with a text of exactly `length` tokens where that is given and the limit
/// allows it.
pub(crate) fn answer(prompt: &Prompt, length: Option<u64>) -> Answer {
    let mut parts = Vec::new();
    let mut left = prompt.max_tokens;
    let stop = speak(prompt, length, &mut left, &mut parts);
    let output = parts.iter().map(Part::tokens).sum();
    let usage = Usage { input: prompt.input_tokens, output, cache_read: 0, cache_write: 0 };
    Answer { parts, stop, usage }
}

/// Says all parts within `left` tokens and gives the reason to stop.
fn speak(prompt: &Prompt, length: Option<u64>, left: &mut u64, parts: &mut Vec<Part>) -> Stop {
    if let Some(length) = length {
        let (pieces, stop) = say(&filler::text(length), *left, &prompt.stop_sequences);
        parts.push(Part::Text(pieces));
        return stop;
    }
    let call = tools::call(prompt);
    if prompt.reasons {
        let tool = call.as_ref().map(|(name, _)| name.as_str());
        let (pieces, stop) = say(&reason::think(prompt, tool), *left, &[]);
        *left = left.saturating_sub(u64::try_from(pieces.len()).unwrap_or(u64::MAX));
        parts.push(Part::Reasoning(pieces));
        if stop == Stop::MaxTokens || *left == 0 {
            return Stop::MaxTokens;
        }
    }
    if let Some((name, input)) = call {
        let (pieces, stop) = say(&input.to_string(), *left, &[]);
        let cut = stop == Stop::MaxTokens;
        parts.push(Part::ToolUse { name, pieces, cut });
        return if cut { Stop::MaxTokens } else { Stop::ToolUse };
    }
    let text = summary::summarise(prompt).unwrap_or_else(|| echo::echo(prompt));
    let (pieces, stop) = say(&text, *left, &prompt.stop_sequences);
    parts.push(Part::Text(pieces));
    stop
}

/// The pieces of `text` up to the limit or a stop sequence, whichever comes first.
fn say(text: &str, max_tokens: u64, stop_sequences: &[String]) -> (Pieces, Stop) {
    let limit = usize::try_from(max_tokens).unwrap_or(usize::MAX);
    let pieces = Pieces::first(text, limit);
    let said = pieces.text();
    let sequence = stop_sequences
        .iter()
        .filter(|sequence| !sequence.is_empty())
        .filter_map(|sequence| Some((said.find(sequence.as_str())?, sequence)))
        .min_by_key(|(at, _)| *at);
    match sequence {
        Some((at, sequence)) => {
            let said = said.get(..at).unwrap_or(said);
            (Pieces::first(said, usize::MAX), Stop::Sequence(sequence.clone()))
        }
        None if said.len() < text.len() => (pieces, Stop::MaxTokens),
        None => (pieces, Stop::EndTurn),
    }
}
