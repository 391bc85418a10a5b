//! Mistral: the first models take a prompt, the later ones messages, and some take both.

use std::iter::once;

use serde_json::{Map, Value, json};

use super::Family;
use super::chat::{self, Chat, Envelope};
use crate::error::Refusal;
use crate::model::{Answer, Stop};
use crate::models::Model;
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::{Chunk, Chunks, Meta, Wire, counted};

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

    fn stream(&self, answer: Answer, _meta: &Meta) -> Chunks {
        let output = answer.usage.output;
        let why = stop(&answer.stop);
        let mut pieces = answer.into_pieces();
        // The last piece comes with the reason.
        let last = pieces.pop().unwrap_or_default();
        let said = counted(0, pieces).map(|(tokens, text)| {
            Chunk::native(tokens, json!({ "outputs": [{ "text": text, "stop_reason": null }] }))
        });
        let end = json!({ "outputs": [{ "text": last, "stop_reason": why }] });
        Box::new(said.chain(once(Chunk::native(output, end))))
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
