//! The deterministic model: the same prompt always gets the same answer.
//!
//! It does something visible with its input: a summarising prompt gets the most central sentences
//! of its text, a prompt that names one of its tools gets a call of it, and any other an echo.

mod echo;
mod summary;
pub(crate) mod tokens;
mod tools;

use serde_json::Value;

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
    /// The most tokens that the answer may have.
    pub(crate) max_tokens: u64,
    pub(crate) stop_sequences: Vec<String>,
    /// The tokens of the whole conversation, earlier turns and tools included.
    pub(crate) input_tokens: u64,
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

/// What the model says, in the pieces in which it says it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) part: Part,
    pub(crate) stop: Stop,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
}

/// The one block of an answer. A piece is one token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    Text(Vec<String>),
    ToolUse { name: String, input: Value, pieces: Vec<String> },
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

/// Answers a prompt.
pub(crate) fn answer(prompt: &Prompt) -> Answer {
    let (part, stop) = match tools::call(prompt) {
        Some((name, input)) => call_tool(name, input, prompt.max_tokens),
        None => {
            let text = summary::summarise(prompt).unwrap_or_else(|| echo::echo(prompt));
            let (pieces, stop) = speak(&text, prompt.max_tokens, &prompt.stop_sequences);
            (Part::Text(pieces), stop)
        }
    };
    let pieces = match &part {
        Part::Text(pieces) | Part::ToolUse { pieces, .. } => pieces,
    };
    let output_tokens = u64::try_from(pieces.len()).unwrap_or(u64::MAX);
    Answer { part, stop, input_tokens: prompt.input_tokens, output_tokens }
}

/// The pieces of `text` up to the limit or a stop sequence, whichever comes first.
fn speak(text: &str, max_tokens: u64, stop_sequences: &[String]) -> (Vec<String>, Stop) {
    let limit = usize::try_from(max_tokens).unwrap_or(usize::MAX);
    let said: usize = tokens::pieces(text).take(limit).map(str::len).sum();
    let said = text.get(..said).unwrap_or(text);
    let sequence = stop_sequences
        .iter()
        .filter(|sequence| !sequence.is_empty())
        .filter_map(|sequence| Some((said.find(sequence.as_str())?, sequence)))
        .min_by_key(|(at, _)| *at);
    let (said, stop) = match sequence {
        Some((at, sequence)) => (said.get(..at).unwrap_or(said), Stop::Sequence(sequence.clone())),
        None if said.len() < text.len() => (said, Stop::MaxTokens),
        None => (said, Stop::EndTurn),
    };
    (tokens::pieces(said).map(Into::into).collect(), stop)
}

/// A tool call, or nothing said at all where the limit leaves no room for the whole call.
fn call_tool(name: String, input: Value, max_tokens: u64) -> (Part, Stop) {
    let pieces: Vec<String> = tokens::pieces(&input.to_string()).map(Into::into).collect();
    if u64::try_from(pieces.len()).is_ok_and(|length| length <= max_tokens) {
        (Part::ToolUse { name, input, pieces }, Stop::ToolUse)
    } else {
        (Part::Text(Vec::new()), Stop::MaxTokens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(text: &str) -> Prompt {
        Prompt { text: text.into(), max_tokens: 1000, ..Prompt::default() }
    }

    fn text(answer: &Answer) -> String {
        match &answer.part {
            Part::Text(pieces) => pieces.concat(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_limit_cuts_the_answer_at_that_many_tokens() {
        let whole = answer(&prompt("one two three four five"));
        assert_eq!(whole.stop, Stop::EndTurn);
        let cut = answer(&Prompt { max_tokens: 3, ..prompt("one two three four five") });
        assert_eq!((cut.output_tokens, cut.stop.clone()), (3, Stop::MaxTokens));
        assert!(text(&whole).starts_with(&text(&cut)));
        let exact = Prompt { max_tokens: whole.output_tokens, ..prompt("one two three four five") };
        assert_eq!(answer(&exact), whole);
    }

    #[test]
    fn the_earliest_stop_sequence_ends_the_answer_and_is_not_part_of_it() {
        let stops = vec!["five".into(), "three".into(), String::new()];
        let answer = answer(&Prompt { stop_sequences: stops, ..prompt("one two three four five") });
        assert_eq!(answer.stop, Stop::Sequence("three".into()));
        assert!(text(&answer).ends_with("one two "));
    }

    #[test]
    fn a_stop_sequence_beyond_the_limit_is_never_reached() {
        let stops = vec!["five".into()];
        let prompt =
            Prompt { stop_sequences: stops, max_tokens: 3, ..prompt("one two three four five") };
        assert_eq!(answer(&prompt).stop, Stop::MaxTokens);
    }

    #[test]
    fn a_tool_call_that_does_not_fit_is_not_made() {
        let tool = Tool { name: "look_up".into(), input_schema: Value::Null };
        let mut prompt = Prompt { tools: vec![tool], ..prompt("please look_up the word") };
        assert_eq!(answer(&prompt).stop, Stop::ToolUse);
        prompt.max_tokens = 1;
        assert_eq!(answer(&prompt).stop, Stop::MaxTokens);
    }
}
