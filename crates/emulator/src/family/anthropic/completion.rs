//! Text completions, which only the first models know.

use std::iter::once;

use serde_json::{Map, Value, json};

use crate::error::Refusal;
use crate::model::{Answer, Stop};
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::{Chunk, Chunks, Meta, Wire, counted};

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

    fn stream(&self, answer: Answer, _meta: &Meta) -> Chunks {
        let output = answer.usage.output;
        let why = answer.stop.clone();
        let said = counted(0, answer.into_pieces()).map(|(tokens, piece)| {
            // The text continues a prompt, so its first word has a space before it.
            let piece = if tokens == 1 { format!(" {piece}") } else { piece };
            let chunk = json!({
                "type": "completion", "completion": piece, "stop_reason": null, "stop": null,
            });
            Chunk::native(tokens, chunk)
        });
        let (stop_reason, stop) = stop(&why);
        let last = if output == 0 { " " } else { "" };
        let end = json!({
            "type": "completion", "completion": last, "stop_reason": stop_reason, "stop": stop,
        });
        Box::new(said.chain(once(Chunk::native(output, end))))
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
