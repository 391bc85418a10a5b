//! Text completions, which only the first models know.

use serde_json::{Map, Value, json};

use crate::error::Refusal;
use crate::model::{Answer, Part, Stop};
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::{At, Chunk, Meta, Step, Wire};

pub(super) struct Completion;

impl Wire for Completion {
    fn reply(&self, answer: &Answer, _meta: &Meta) -> Value {
        let (stop_reason, stop) = stop(&answer.stop);
        json!({
            "type": "completion",
            "completion": format!(" {}", answer.text()),
            "stop_reason": stop_reason,
            "stop": stop,
        })
    }

    fn step(&self, step: Step<'_>, at: At, _meta: &Meta) -> Vec<Chunk> {
        let (text, (stop_reason, stop)) = match step {
            // The text continues a prompt, so its first word has a space before it.
            Step::Piece(Part::Text(_), piece) if at.is_first() => {
                (format!(" {piece}"), (None, None))
            }
            Step::Piece(Part::Text(_), piece) => (piece.to_owned(), (None, None)),
            Step::End(answer) => {
                let last = if answer.usage.output == 0 { " " } else { "" };
                let (stop_reason, stop) = stop(&answer.stop);
                (last.to_owned(), (Some(stop_reason), stop))
            }
            _ => return Vec::new(),
        };
        vec![Chunk::native(json!({
            "type": "completion", "completion": text, "stop_reason": stop_reason, "stop": stop,
        }))]
    }
}

/// Whether the body asks for a completion.
pub(super) fn is_in(body: &Map<String, Value>) -> bool {
    body.contains_key("prompt") && !body.contains_key("messages")
}

pub(super) fn check(body: &Map<String, Value>) -> Result<(), Refusal> {
    malformed(&violations("#", body, BODY))
}

/// The last turn of the human, if the prompt has turns.
pub(super) fn last_turn(raw: &str) -> &str {
    let turn = raw.rsplit_once("Human:").map_or(raw, |(_, turn)| turn);
    turn.split_once("Assistant:").map_or(turn, |(turn, _)| turn).trim()
}

/// The end of a turn counts as a stop sequence here.
fn stop(stop: &Stop) -> (&'static str, Option<&str>) {
    match stop {
        Stop::MaxTokens => ("max_tokens", None),
        Stop::Sequence(sequence) => ("stop_sequence", Some(sequence)),
        Stop::EndTurn | Stop::ToolUse => ("stop_sequence", Some("\n\nHuman:")),
    }
}

const BODY: &[Field] = &[
    Field::required("prompt", Form::Filled),
    Field::required("max_tokens_to_sample", Form::Integer(1..=4096)),
    Field::optional("temperature", Form::Number(0.0..=1.0)),
    Field::optional("top_p", Form::Number(0.0..=1.0)),
    Field::optional("top_k", Form::Integer(0..=500)),
    Field::optional("stop_sequences", Form::Array),
    Field::optional("anthropic_version", Form::Text),
    Field::optional("amazon-bedrock-guardrailConfig", Form::Object),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_turn_of_the_human_is_found() {
        assert_eq!(
            last_turn("\n\nHuman: Hello\n\nAssistant: Yes?\n\nHuman: Hi\n\nAssistant:"),
            "Hi"
        );
        assert_eq!(last_turn("Hi"), "Hi");
    }
}
