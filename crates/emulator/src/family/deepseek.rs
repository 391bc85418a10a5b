//! DeepSeek: R1 takes a prompt and reasons aloud in front of its answer, V3 takes messages.

use serde_json::{Map, Value, json};

use super::Family;
use super::chat::{self, Chat};
use crate::error::Refusal;
use crate::model::{Answer, Part, Stop};
use crate::models::Model;
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::{At, Chunk, Meta, Step, Wire};

pub(super) struct DeepSeek;

impl Family for DeepSeek {
    fn name(&self) -> &'static str {
        "deepseek"
    }

    fn check(&self, model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
        if model.name.starts_with("deepseek.r1") || body.contains_key("prompt") {
            malformed(&violations("#", body, BODY))
        } else {
            chat::check(body)
        }
    }

    /// A hidden model with such a body is taken for another family's.
    fn recognises(&self, _body: &Map<String, Value>) -> bool {
        false
    }

    fn wire(&self, _model: &str, body: &Map<String, Value>) -> &'static dyn Wire {
        if body.contains_key("prompt") { &Aloud } else { &Chat::PLAIN }
    }

    fn last_turn<'a>(&self, raw: &'a str) -> &'a str {
        let turn = raw.rsplit_once("<｜User｜>").map_or(raw, |(_, turn)| turn);
        turn.split_once("<｜Assistant｜>").map_or(turn, |(turn, _)| turn).trim()
    }
}

/// The form of an answer to a prompt, which begins inside the reasoning.
struct Aloud;

impl Wire for Aloud {
    fn reply(&self, answer: &Answer, _meta: &Meta) -> Value {
        let text: String = answer.parts.iter().map(|part| whole(answer, part)).collect();
        json!({ "choices": [{ "index": 0, "text": text, "stop_reason": stop(&answer.stop) }] })
    }

    fn step(&self, step: Step<'_>, at: At, _meta: &Meta) -> Vec<Chunk> {
        let (text, stop) = match step {
            // The reasoning came to its end if anything follows it.
            Step::Open(part) if at.index > 0 && !matches!(part, Part::Reasoning(_)) => {
                (CLOSE, None)
            }
            Step::Piece(_, text) => (text, None),
            Step::End(answer) => ("", Some(stop(&answer.stop))),
            _ => return Vec::new(),
        };
        vec![Chunk::native(choice(text, stop.into()))]
    }
}

/// A part as it stands in the text.
fn whole(answer: &Answer, part: &Part) -> String {
    match part {
        Part::Reasoning(pieces) if closes(answer) => format!("{}{CLOSE}", pieces.text()),
        Part::Reasoning(pieces) | Part::Text(pieces) | Part::ToolUse { pieces, .. } => {
            pieces.text().to_owned()
        }
    }
}

/// Whether the reasoning came to its end.
fn closes(answer: &Answer) -> bool {
    answer.parts.len() > 1
}

fn choice(text: &str, stop: Value) -> Value {
    json!({ "choices": [{ "index": 0, "text": text, "stop_reason": stop }] })
}

const fn stop(stop: &Stop) -> &'static str {
    match stop {
        Stop::MaxTokens => "length",
        Stop::EndTurn | Stop::Sequence(_) | Stop::ToolUse => "stop",
    }
}

const CLOSE: &str = "\n</think>\n\n";

const BODY: &[Field] = &[
    Field::required("prompt", Form::Filled),
    Field::optional("max_tokens", Form::Integer(1..=32_768)),
    Field::optional("stop", Form::Array),
    Field::optional("temperature", Form::Number(0.0..=1.0)),
    Field::optional("top_p", Form::Number(0.0..=1.0)),
    Field::optional("amazon-bedrock-guardrailConfig", Form::Object),
];
