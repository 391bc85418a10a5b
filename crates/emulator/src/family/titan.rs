//! Amazon Titan text.

use serde_json::{Map, Value, json};

use super::Family;
use crate::error::Refusal;
use crate::model::{Answer, Part, Stop};
use crate::models::Model;
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::{At, Chunk, Meta, Step, Wire};

pub(super) struct Titan;

impl Family for Titan {
    fn name(&self) -> &'static str {
        "titan"
    }

    fn check(&self, _model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
        let mut found = violations("#", body, BODY);
        if let Some(config) = body.get("textGenerationConfig").and_then(Value::as_object) {
            found.extend(violations("#/textGenerationConfig", config, CONFIG));
        }
        malformed(&found)
    }

    fn recognises(&self, body: &Map<String, Value>) -> bool {
        body.contains_key("inputText")
    }

    fn wire(&self, _model: &str, _body: &Map<String, Value>) -> &'static dyn Wire {
        &Self
    }

    fn default_max_tokens(&self) -> Option<u64> {
        Some(512)
    }

    fn last_turn<'a>(&self, raw: &'a str) -> &'a str {
        let turn = raw.rsplit_once("User:").map_or(raw, |(_, turn)| turn);
        turn.trim().strip_suffix("Bot:").unwrap_or(turn).trim()
    }
}

impl Wire for Titan {
    fn reply(&self, answer: &Answer, _meta: &Meta) -> Value {
        json!({
            "inputTextTokenCount": answer.usage.input,
            "results": [{
                "tokenCount": answer.usage.output,
                "outputText": answer.text(),
                "completionReason": completion_reason(&answer.stop),
            }],
        })
    }

    fn step(&self, step: Step<'_>, _at: At, _meta: &Meta) -> Vec<Chunk> {
        let (text, answer) = match step {
            Step::Piece(Part::Text(_), text) => (text, None),
            // The last piece comes with the counters and the reason, in one chunk.
            Step::End(answer) => (answer.last_piece(), Some(answer)),
            _ => return Vec::new(),
        };
        vec![Chunk::native(json!({
            "outputText": text,
            "index": 0,
            "totalOutputTextTokenCount": answer.map(|answer| answer.usage.output),
            "completionReason": answer.map(|answer| completion_reason(&answer.stop)),
            "inputTextTokenCount": answer.map(|answer| answer.usage.input),
        }))]
    }

    fn keeps_last(&self) -> bool {
        true
    }
}

const fn completion_reason(stop: &Stop) -> &'static str {
    match stop {
        Stop::EndTurn | Stop::ToolUse => "FINISH",
        Stop::MaxTokens => "LENGTH",
        Stop::Sequence(_) => "STOP_CRITERIA_MET",
    }
}

const BODY: &[Field] = &[
    Field::required("inputText", Form::Filled),
    Field::optional("textGenerationConfig", Form::Object),
    Field::optional("amazon-bedrock-guardrailConfig", Form::Object),
];

const CONFIG: &[Field] = &[
    Field::optional("temperature", Form::Number(0.0..=1.0)),
    Field::optional("topP", Form::Number(0.0..=1.0)),
    Field::optional("maxTokenCount", Form::Integer(0..=8192)),
    Field::optional("stopSequences", Form::Array),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_turn_of_a_chat_is_found() {
        assert_eq!(Titan.last_turn("User: Hello\nBot: Yes?\nUser: Hi there\nBot: "), "Hi there");
        assert_eq!(Titan.last_turn("Hi there"), "Hi there");
    }
}
