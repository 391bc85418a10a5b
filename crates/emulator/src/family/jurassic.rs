//! AI21 Jurassic-2: a prompt in, one text out with its tokens, and no streams.

use serde_json::{Map, Value, json};

use super::{Family, Several};
use crate::error::Refusal;
use crate::model::tokens::pieces;
use crate::model::{Answer, Part, Stop};
use crate::models::Model;
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::{At, Chunk, Meta, Step, Wire};

pub(super) struct Jurassic;

impl Family for Jurassic {
    fn name(&self) -> &'static str {
        "jurassic"
    }

    fn check(&self, _model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
        malformed(&violations("#", body, BODY))
    }

    fn recognises(&self, body: &Map<String, Value>) -> bool {
        let own = ["maxTokens", "numResults", "topP", "stopSequences", "countPenalty"];
        body.contains_key("prompt") && own.iter().any(|key| body.contains_key(*key))
    }

    fn several(&self) -> Option<&'static Several> {
        Some(&Several { asked: "numResults", list: "completions" })
    }

    fn wire(&self, _model: &str, _body: &Map<String, Value>) -> &'static dyn Wire {
        &Self
    }

    fn default_max_tokens(&self) -> Option<u64> {
        Some(200)
    }

    fn streams(&self) -> bool {
        false
    }

    fn echo(&self, body: &Map<String, Value>) -> Value {
        body.get("prompt").cloned().unwrap_or_default()
    }
}

impl Wire for Jurassic {
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value {
        let prompt = meta.echo.as_str().unwrap_or_default();
        let said = answer.parts.iter().filter_map(|part| match part {
            Part::Text(pieces) => Some(pieces.iter()),
            _ => None,
        });
        let data = json!({ "text": answer.text(), "tokens": tokens(said.flatten()) });
        let mut finish = json!({ "reason": reason(&answer.stop) });
        if let (Stop::MaxTokens, Value::Object(members)) = (&answer.stop, &mut finish) {
            members.insert("length".into(), answer.usage.output.into());
        }
        json!({
            "id": 1234,
            "prompt": { "text": prompt, "tokens": tokens(pieces(prompt)) },
            "completions": [{ "data": data, "finishReason": finish }],
        })
    }

    fn step(&self, step: Step<'_>, _at: At, meta: &Meta) -> Vec<Chunk> {
        match step {
            Step::End(answer) => vec![Chunk::native(self.reply(answer, meta))],
            _ => Vec::new(),
        }
    }
}

/// The tokens with their places, a space at their beginning written as the service does.
fn tokens<'a>(pieces: impl Iterator<Item = &'a str>) -> Vec<Value> {
    let mut start = 0;
    pieces
        .map(|piece| {
            let end = start + piece.chars().count();
            let token = piece.replace(' ', "\u{2581}");
            let generated = json!({ "token": token, "logprob": -1.0, "raw_logprob": -1.0 });
            let range = json!({ "start": start, "end": end });
            start = end;
            json!({ "generatedToken": generated, "topTokens": null, "textRange": range })
        })
        .collect()
}

const fn reason(stop: &Stop) -> &'static str {
    match stop {
        Stop::EndTurn | Stop::ToolUse => "endoftext",
        Stop::MaxTokens => "length",
        Stop::Sequence(_) => "stop",
    }
}

const BODY: &[Field] = &[
    Field::required("prompt", Form::Filled),
    Field::optional("temperature", Form::Number(0.0..=1.0)),
    Field::optional("topP", Form::Number(0.0..=1.0)),
    Field::optional("maxTokens", Form::Integer(0..=8191)),
    Field::optional("numResults", Form::Integer(1..=16)),
    Field::optional("stopSequences", Form::Array),
    Field::optional("countPenalty", Form::Object),
    Field::optional("presencePenalty", Form::Object),
    Field::optional("frequencyPenalty", Form::Object),
    Field::optional("amazon-bedrock-guardrailConfig", Form::Object),
];
