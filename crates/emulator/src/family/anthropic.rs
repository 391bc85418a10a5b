//! Anthropic Claude: the Messages format.

use std::iter::once;

use serde_json::{Map, Value, json};

use super::Family;
use crate::error::Refusal;
use crate::model::{Answer, Part, Stop};
use crate::wire::{Chunk, Chunks, Meta, Wire, counted, set};

pub(super) struct Anthropic;

impl Family for Anthropic {
    fn name(&self) -> &'static str {
        "anthropic"
    }

    fn check(&self, body: &Map<String, Value>) -> Result<(), Refusal> {
        for key in ["anthropic_version", "max_tokens", "messages"] {
            if !body.contains_key(key) {
                return Err(Refusal::validation(format!("{key}: Field required")));
            }
        }
        if let Some(key) = body.keys().find(|key| !ALLOWED.contains(&key.as_str())) {
            return Err(Refusal::validation(format!("{key}: Extra inputs are not permitted")));
        }
        if body["anthropic_version"] != VERSION {
            return Err(Refusal::validation(format!(
                "anthropic_version: Input should be '{VERSION}'"
            )));
        }
        if body["max_tokens"].as_u64().is_none_or(|tokens| tokens == 0) {
            return Err(Refusal::validation(
                "max_tokens: Input should be a valid integer greater than or equal to 1",
            ));
        }
        for key in ["temperature", "top_p"] {
            let value = body.get(key).filter(|value| !value.is_null());
            let fits = |value: &Value| value.as_f64().is_some_and(|v| (0.0..=1.0).contains(&v));
            if value.is_some_and(|value| !fits(value)) {
                return Err(Refusal::validation(format!(
                    "{key}: Input should be a valid number between 0 and 1"
                )));
            }
        }
        check_messages(&body["messages"])
    }

    fn recognises(&self, body: &Map<String, Value>) -> bool {
        body.contains_key("anthropic_version")
    }
}

impl Wire for Anthropic {
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value {
        let content = match &answer.part {
            Part::Text(pieces) => json!({ "type": "text", "text": pieces.concat() }),
            Part::ToolUse { name, input, .. } => {
                json!({ "type": "tool_use", "id": tool_id(meta), "name": name, "input": input })
            }
        };
        let (stop_reason, stop_sequence) = stop(&answer.stop);
        let mut message = message(meta, answer.input_tokens, answer.output_tokens);
        set(&mut message, "content", json!([content]));
        set(&mut message, "stop_reason", stop_reason);
        set(&mut message, "stop_sequence", stop_sequence);
        message
    }

    fn stream(&self, answer: Answer, meta: &Meta) -> Chunks {
        let Answer { part, stop: why, input_tokens, output_tokens } = answer;
        let (start, pieces, delta): (Value, _, fn(String) -> Value) = match part {
            Part::Text(pieces) => (
                json!({ "type": "text", "text": "" }),
                pieces,
                |text| json!({ "type": "text_delta", "text": text }),
            ),
            Part::ToolUse { name, pieces, .. } => (
                json!({ "type": "tool_use", "id": tool_id(meta), "name": name, "input": {} }),
                pieces,
                |json| json!({ "type": "input_json_delta", "partial_json": json }),
            ),
        };
        let start = json!({ "type": "content_block_start", "index": 0, "content_block": start });
        let deltas = counted(pieces).map(move |(tokens, piece)| {
            let delta = delta(piece);
            let event = json!({ "type": "content_block_delta", "index": 0, "delta": delta });
            Chunk::native(tokens, event)
        });
        let (stop_reason, stop_sequence) = stop(&why);
        let end = json!({
            "type": "message_delta",
            "delta": { "stop_reason": stop_reason, "stop_sequence": stop_sequence },
            "usage": { "output_tokens": output_tokens },
        });
        let opening = json!({ "type": "message_start", "message": message(meta, input_tokens, 1) });
        let stop_block = json!({ "type": "content_block_stop", "index": 0 });
        Box::new(
            [Chunk::native(0, opening), Chunk::native(0, start)]
                .into_iter()
                .chain(deltas)
                .chain(once(Chunk::native(output_tokens, stop_block)))
                .chain(once(Chunk::native(output_tokens, end)))
                .chain(once(Chunk::native(output_tokens, json!({ "type": "message_stop" })))),
        )
    }

    fn caches(&self) -> bool {
        true
    }
}

/// The message as it is before anything was said.
fn message(meta: &Meta, input_tokens: u64, output_tokens: u64) -> Value {
    json!({
        "id": format!("msg_bdrk_01{}", meta.id),
        "type": "message",
        "role": "assistant",
        "model": meta.model.strip_prefix("anthropic.").unwrap_or(&meta.model),
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": {
            "input_tokens": input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": output_tokens,
        },
    })
}

fn tool_id(meta: &Meta) -> String {
    format!("toolu_bdrk_01{}", meta.id)
}

/// The stop reason, and the sequence if it was one.
fn stop(stop: &Stop) -> (&'static str, Option<&str>) {
    match stop {
        Stop::EndTurn => ("end_turn", None),
        Stop::MaxTokens => ("max_tokens", None),
        Stop::Sequence(sequence) => ("stop_sequence", Some(sequence)),
        Stop::ToolUse => ("tool_use", None),
    }
}

/// Roles and contents, with the wording of this family.
fn check_messages(messages: &Value) -> Result<(), Refusal> {
    let Some(messages) = messages.as_array() else {
        return Err(Refusal::validation("messages: Input should be a valid list"));
    };
    if messages.is_empty() {
        return Err(Refusal::validation("messages: at least one message is required"));
    }
    let mut before = None;
    for (at, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if !matches!(role, "user" | "assistant") {
            return Err(Refusal::validation(format!(
                "messages.{at}.role: Input should be 'user' or 'assistant'"
            )));
        }
        if before.is_none() && role != "user" {
            return Err(Refusal::validation("messages: first message must use the \"user\" role"));
        }
        if before == Some(role) {
            return Err(Refusal::validation(format!(
                "messages: roles must alternate between \"user\" and \"assistant\", but found \
                 multiple \"{role}\" roles in a row"
            )));
        }
        before = Some(role);
        check_content(at, &message["content"])?;
    }
    Ok(())
}

fn check_content(at: usize, content: &Value) -> Result<(), Refusal> {
    let blank = |text: &Value| text.as_str().is_some_and(|text| text.trim().is_empty());
    let is_blank = match content {
        Value::String(_) => blank(content),
        Value::Array(blocks) => {
            if let Some(untyped) = blocks.iter().position(|block| !block["type"].is_string()) {
                return Err(Refusal::validation(format!(
                    "messages.{at}.content.{untyped}.type: Field required"
                )));
            }
            blocks.is_empty() || blocks.iter().any(|b| b["type"] == "text" && blank(&b["text"]))
        }
        _ => {
            return Err(Refusal::validation(format!("messages.{at}.content: Field required")));
        }
    };
    if is_blank {
        return Err(Refusal::validation("messages: text content blocks must be non-empty"));
    }
    Ok(())
}

const VERSION: &str = "bedrock-2023-05-31";

const ALLOWED: [&str; 16] = [
    "amazon-bedrock-guardrailConfig",
    "anthropic_beta",
    "anthropic_version",
    "context_management",
    "max_tokens",
    "messages",
    "metadata",
    "output_config",
    "stop_sequences",
    "system",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
];
