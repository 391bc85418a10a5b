//! Mistral: the first models take a prompt, the later ones messages, and some take both.

use serde_json::{Map, Value, json};

use super::Family;
use super::chat::{self, Chat, Envelope};
use crate::error::Refusal;
use crate::model::{Answer, Part, Stop};
use crate::models::Model;
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::{At, Chunk, Meta, Step, Wire};

pub(super) struct Mistral;

impl Family for Mistral {
    fn name(&self) -> &'static str {
        "mistral"
    }

    fn check(&self, model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
        let only_prompt = PROMPT_ONLY.iter().any(|name| model.name.starts_with(name));
        if only_prompt || body.contains_key("prompt") {
            malformed(&violations("#", body, BODY))
        } else {
            chat::check(body)
        }
    }

    fn recognises(&self, body: &Map<String, Value>) -> bool {
        body.contains_key("prompt")
    }

    fn wire(&self, model: &str, body: &Map<String, Value>) -> &'static dyn Wire {
        match body.contains_key("prompt") {
            true => &Outputs,
            false if model.contains("-2402") => &EARLY,
            false => &Chat::PLAIN,
        }
    }

    fn default_max_tokens(&self) -> Option<u64> {
        Some(8192)
    }

    fn last_turn<'a>(&self, raw: &'a str) -> &'a str {
        let turn = raw.rsplit_once("[INST]").map_or(raw, |(_, turn)| turn);
        turn.split_once("[/INST]").map_or(turn, |(turn, _)| turn).trim()
    }
}

/// The form of an answer to a prompt.
struct Outputs;

impl Wire for Outputs {
    fn reply(&self, answer: &Answer, _meta: &Meta) -> Value {
        json!({ "outputs": [{ "text": answer.text(), "stop_reason": stop(&answer.stop) }] })
    }

    fn step(&self, step: Step<'_>, _at: At, _meta: &Meta) -> Vec<Chunk> {
        let (text, why) = match step {
            Step::Piece(Part::Text(_), text) => (text, None),
            // The last piece comes with the reason.
            Step::End(answer) => (answer.last_piece(), Some(stop(&answer.stop))),
            _ => return Vec::new(),
        };
        vec![Chunk::native(json!({ "outputs": [{ "text": text, "stop_reason": why }] }))]
    }

    fn keeps_last(&self) -> bool {
        true
    }
}

const fn stop(stop: &Stop) -> &'static str {
    match stop {
        Stop::MaxTokens => "length",
        Stop::EndTurn | Stop::Sequence(_) | Stop::ToolUse => "stop",
    }
}

/// What the first models with messages send: the choices and nothing around them.
static EARLY: Chat = Chat { envelope: Envelope::None, stop: "stop_reason", ..Chat::PLAIN };

const PROMPT_ONLY: &[&str] = &["mistral.mistral-7b", "mistral.mixtral"];

const BODY: &[Field] = &[
    Field::required("prompt", Form::Filled),
    Field::optional("max_tokens", Form::Integer(1..=8192)),
    Field::optional("stop", Form::Array),
    Field::optional("temperature", Form::Number(0.0..=1.0)),
    Field::optional("top_p", Form::Number(0.0..=1.0)),
    Field::optional("top_k", Form::Integer(1..=200)),
    Field::optional("amazon-bedrock-guardrailConfig", Form::Object),
];
