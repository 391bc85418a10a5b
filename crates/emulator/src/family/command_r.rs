//! Cohere Command R: a message with the history before it, and typed chunks.

use serde_json::{Map, Value, json};

use super::Family;
use crate::error::Refusal;
use crate::model::{Answer, Part, Stop, arguments};
use crate::models::Model;
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::{At, Chunk, Meta, Step, Wire, set};

pub(super) struct CommandR;

impl Family for CommandR {
    fn name(&self) -> &'static str {
        "command-r"
    }

    fn check(&self, _model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
        malformed(&violations("#", body, BODY))?;
        let blank = body["message"].as_str().is_some_and(|text| text.trim().is_empty());
        if blank && !body.contains_key("tool_results") {
            return Err(Refusal::validation(
                "invalid request: message must be at least 1 token long or tool results must be \
                 specified.",
            ));
        }
        Ok(())
    }

    fn recognises(&self, body: &Map<String, Value>) -> bool {
        body.contains_key("message")
    }

    fn wire(&self, _model: &str, _body: &Map<String, Value>) -> &'static dyn Wire {
        &Self
    }

    /// The history with the new turn in it.
    fn echo(&self, body: &Map<String, Value>) -> Value {
        let history = body.get("chat_history").and_then(Value::as_array);
        let mut history = history.cloned().unwrap_or_default();
        history.push(json!({ "role": "USER", "message": body.get("message") }));
        history.into()
    }
}

impl Wire for CommandR {
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value {
        let text = answer.text();
        let mut history = meta.echo.as_array().cloned().unwrap_or_default();
        history.push(json!({ "role": "CHATBOT", "message": text }));
        let mut body = json!({
            "response_id": meta.id,
            "text": text,
            "generation_id": meta.id,
            "chat_history": history,
            "finish_reason": finish(&answer.stop),
        });
        let calls: Vec<Value> = answer.parts.iter().filter_map(call).collect();
        if !calls.is_empty() {
            set(&mut body, "tool_calls", calls);
        }
        body
    }

    fn step(&self, step: Step<'_>, _at: At, meta: &Meta) -> Vec<Chunk> {
        let event = |kind: &str, key: &str, value: Value, is_finished: bool| {
            let mut event = json!({ "is_finished": is_finished, "event_type": kind });
            set(&mut event, key, value);
            vec![Chunk::native(event)]
        };
        match step {
            Step::Piece(Part::Text(_), text) => {
                event("text-generation", "text", text.into(), false)
            }
            Step::Close(part) => match call(part) {
                Some(call) => event("tool-calls-generation", "tool_calls", json!([call]), false),
                None => Vec::new(),
            },
            Step::End(answer) => event("stream-end", "response", self.reply(answer, meta), true),
            _ => Vec::new(),
        }
    }
}

/// A call that came to its end; one that was cut off is not sent.
fn call(part: &Part) -> Option<Value> {
    match part {
        Part::ToolUse { name, pieces, cut: false } => {
            Some(json!({ "name": name, "parameters": arguments(pieces) }))
        }
        _ => None,
    }
}

const fn finish(stop: &Stop) -> &'static str {
    match stop {
        Stop::MaxTokens => "MAX_TOKENS",
        Stop::EndTurn | Stop::Sequence(_) | Stop::ToolUse => "COMPLETE",
    }
}

const BODY: &[Field] = &[
    Field::required("message", Form::Text),
    Field::optional("chat_history", Form::Array),
    Field::optional("preamble", Form::Text),
    Field::optional("documents", Form::Array),
    Field::optional("search_queries_only", Form::Switch),
    Field::optional("return_prompt", Form::Switch),
    Field::optional("raw_prompting", Form::Switch),
    Field::optional("max_tokens", Form::Integer(1..=u64::MAX)),
    Field::optional("temperature", Form::Number(0.0..=1.0)),
    Field::optional("p", Form::Number(0.01..=1.0)),
    Field::optional("k", Form::Number(0.0..=500.0)),
    Field::optional("frequency_penalty", Form::Number(0.0..=1.0)),
    Field::optional("presence_penalty", Form::Number(0.0..=1.0)),
    Field::optional("seed", Form::Integer(0..=u64::MAX)),
    Field::optional("prompt_truncation", Form::Text),
    Field::optional("tools", Form::Array),
    Field::optional("tool_results", Form::Array),
    Field::optional("stop_sequences", Form::Array),
    Field::optional("citation_quality", Form::Text),
    Field::optional("force_single_step", Form::Switch),
    Field::optional("amazon-bedrock-guardrailConfig", Form::Object),
];
