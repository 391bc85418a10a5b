//! Cohere Command, the first generation: a prompt in, one text out.

use serde_json::{Map, Value, json};

use super::{Family, Several};
use crate::error::Refusal;
use crate::model::{Answer, Part, Stop};
use crate::models::Model;
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::{At, Chunk, Meta, Step, Wire};

pub(super) struct Command;

impl Family for Command {
    fn name(&self) -> &'static str {
        "command"
    }

    fn check(&self, _model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
        malformed(&violations("#", body, BODY))
    }

    fn recognises(&self, body: &Map<String, Value>) -> bool {
        let own = ["p", "k", "return_likelihoods", "num_generations", "stream", "truncate"];
        body.contains_key("prompt") && own.iter().any(|key| body.contains_key(*key))
    }

    fn wire(&self, _model: &str, body: &Map<String, Value>) -> &'static dyn Wire {
        if body.get("stream") == Some(&Value::Bool(true)) { &Tokens } else { &Whole }
    }

    fn default_max_tokens(&self) -> Option<u64> {
        Some(20)
    }

    fn several(&self) -> Option<&'static Several> {
        Some(&Several { asked: "num_generations", list: "generations" })
    }

    fn echo(&self, body: &Map<String, Value>) -> Value {
        body.get("prompt").cloned().unwrap_or_default()
    }
}

/// The form of an answer to a body that did not ask for tokens: a stream is one chunk.
struct Whole;

/// The form of an answer to a body with `"stream": true`.
struct Tokens;

impl Wire for Whole {
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value {
        let generation = json!({
            "id": meta.id,
            "text": format!(" {}", answer.text()),
            "finish_reason": finish(&answer.stop),
        });
        json!({ "id": meta.id, "prompt": meta.echo, "generations": [generation] })
    }

    fn step(&self, step: Step<'_>, _at: At, meta: &Meta) -> Vec<Chunk> {
        match step {
            Step::End(answer) => vec![Chunk::native(self.reply(answer, meta))],
            _ => Vec::new(),
        }
    }
}

impl Wire for Tokens {
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value {
        Whole.reply(answer, meta)
    }

    fn step(&self, step: Step<'_>, _at: At, _meta: &Meta) -> Vec<Chunk> {
        let said = |text: &str| json!({ "is_finished": false, "text": text });
        match step {
            Step::Start(_) => vec![Chunk::native(said(" "))],
            Step::Piece(Part::Text(_), text) => vec![Chunk::native(said(text))],
            Step::End(answer) => {
                let reason = finish(&answer.stop);
                vec![Chunk::native(json!({ "is_finished": true, "finish_reason": reason }))]
            }
            _ => Vec::new(),
        }
    }
}

const fn finish(stop: &Stop) -> &'static str {
    match stop {
        Stop::MaxTokens => "MAX_TOKENS",
        Stop::EndTurn | Stop::Sequence(_) | Stop::ToolUse => "COMPLETE",
    }
}

const BODY: &[Field] = &[
    Field::required("prompt", Form::Filled),
    Field::optional("temperature", Form::Number(0.0..=5.0)),
    Field::optional("p", Form::Number(0.0..=1.0)),
    Field::optional("k", Form::Number(0.0..=500.0)),
    Field::optional("max_tokens", Form::Integer(1..=4096)),
    Field::optional("stop_sequences", Form::Array),
    Field::optional("return_likelihoods", Form::Text),
    Field::optional("stream", Form::Switch),
    Field::optional("num_generations", Form::Integer(1..=5)),
    Field::optional("logit_bias", Form::Object),
    Field::optional("truncate", Form::Text),
    Field::optional("amazon-bedrock-guardrailConfig", Form::Object),
];
