//! Amazon Nova: the messages-v1 format.

use serde_json::{Map, Value, json};

use super::Family;
use crate::conversation;
use crate::error::Refusal;
use crate::model::{Answer, Part, Stop, Usage, arguments};
use crate::models::Model;
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::{At, Chunk, Meta, Step, Wire, call_id, set, signature};

pub(super) struct Nova;

impl Family for Nova {
    fn name(&self) -> &'static str {
        "nova"
    }

    fn check(&self, model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
        let mut found = violations("#", body, BODY);
        if let Some(config) = body.get("inferenceConfig").and_then(Value::as_object) {
            found.extend(violations("#/inferenceConfig", config, CONFIG));
        }
        let messages = body.get("messages").unwrap_or(&Value::Null);
        found.extend(block_violations(messages));
        malformed(&found)?;
        conversation::check(model, messages)
    }

    fn recognises(&self, body: &Map<String, Value>) -> bool {
        let blocks = |message: &Value| message["content"].is_array();
        let messages = body.get("messages").and_then(Value::as_array);
        messages.is_some_and(|messages| messages.iter().all(blocks))
            && !body.contains_key("anthropic_version")
            && !["max_tokens", "model", "tools"].iter().any(|key| body.contains_key(*key))
    }

    fn wire(&self, _model: &str, _body: &Map<String, Value>) -> &'static dyn Wire {
        &Self
    }
}

impl Wire for Nova {
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value {
        let content = (0..).zip(&answer.parts).filter_map(|(index, part)| match part {
            Part::Reasoning(pieces) => {
                let text = json!({ "text": pieces.text(), "signature": signature(meta) });
                Some(json!({ "reasoningContent": { "reasoningText": text } }))
            }
            Part::Text(pieces) if pieces.is_empty() => None,
            Part::Text(pieces) => Some(json!({ "text": pieces.text() })),
            Part::ToolUse { name, pieces, .. } => {
                let (id, input) = (call_id(meta, index), arguments(pieces));
                Some(json!({ "toolUse": { "toolUseId": id, "name": name, "input": input } }))
            }
        });
        let content: Vec<Value> = content.collect();
        let mut usage = usage(answer.usage);
        set(&mut usage, "totalTokens", answer.usage.total());
        json!({
            "output": { "message": { "role": "assistant", "content": content } },
            "stopReason": stop_reason(&answer.stop),
            "usage": usage,
        })
    }

    /// Indices rise with the tokens, so that none comes twice.
    fn step(&self, step: Step<'_>, at: At, meta: &Meta) -> Vec<Chunk> {
        let At { before, tokens, .. } = at;
        match step {
            Step::Start(_) => {
                vec![Chunk::native(json!({ "messageStart": { "role": "assistant" } }))]
            }
            Step::Piece(Part::Reasoning(_), text) => {
                vec![delta(before, json!({ "reasoningContent": { "text": text } }))]
            }
            // The service ends a block after each delta and counts the index up.
            Step::Piece(Part::Text(_), text) => {
                let index = tokens.saturating_sub(1);
                vec![delta(index, json!({ "text": text })), block_stop(index)]
            }
            Step::Close(Part::Reasoning(_)) => {
                let seal = json!({ "reasoningContent": { "signature": signature(meta) } });
                vec![delta(before, seal), block_stop(before)]
            }
            Step::Open(Part::ToolUse { name, .. }) => {
                let start = json!({ "toolUseId": call_id(meta, at.index), "name": name });
                let start = json!({ "start": { "toolUse": start }, "contentBlockIndex": before });
                vec![Chunk::native(json!({ "contentBlockStart": start }))]
            }
            // The arguments of a tool come whole, as far as the limit lets them.
            Step::Close(Part::ToolUse { pieces, .. }) => {
                let input = json!({ "toolUse": { "input": pieces.text() } });
                vec![delta(before, input), block_stop(before)]
            }
            Step::End(answer) => {
                let end = json!({ "messageStop": { "stopReason": stop_reason(&answer.stop) } });
                let metadata = json!({ "usage": usage(answer.usage), "metrics": {}, "trace": {} });
                vec![Chunk::native(end), Chunk::native(json!({ "metadata": metadata }))]
            }
            _ => Vec::new(),
        }
    }

    fn caches(&self) -> bool {
        true
    }
}

fn delta(index: u64, delta: Value) -> Chunk {
    let event = json!({ "delta": delta, "contentBlockIndex": index });
    Chunk::native(json!({ "contentBlockDelta": event }))
}

fn block_stop(index: u64) -> Chunk {
    Chunk::native(json!({ "contentBlockStop": { "contentBlockIndex": index } }))
}

/// What is wrong with the blocks of messages: each has one of the members known, and no other.
fn block_violations(messages: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (at, message) in messages.as_array().into_iter().flatten().enumerate() {
        for (block_at, block) in message["content"].as_array().into_iter().flatten().enumerate() {
            let place = format!("#/messages/{at}/content/{block_at}");
            let keys = || block.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
            if !keys().any(|key| BLOCKS.contains(&key)) {
                found.push(format!("{place}: required key [toolUse] not found"));
            } else if let Some(key) = keys().find(|key| !BLOCKS.contains(key)) {
                found.push(format!("{place}: extraneous key [{key}] is not permitted"));
            }
        }
    }
    found
}

/// The counters of a stream; a reply adds the total.
fn usage(usage: Usage) -> Value {
    json!({
        "inputTokens": usage.input,
        "outputTokens": usage.output,
        "cacheReadInputTokenCount": usage.cache_read,
        "cacheWriteInputTokenCount": usage.cache_write,
    })
}

const fn stop_reason(stop: &Stop) -> &'static str {
    match stop {
        Stop::EndTurn => "end_turn",
        Stop::MaxTokens => "max_tokens",
        Stop::Sequence(_) => "stop_sequence",
        Stop::ToolUse => "tool_use",
    }
}

/// The members of a block, of which it has one.
const BLOCKS: [&str; 9] = [
    "audio",
    "cachePoint",
    "document",
    "image",
    "reasoningContent",
    "text",
    "toolResult",
    "toolUse",
    "video",
];

const BODY: &[Field] = &[
    Field::required("messages", Form::Array),
    Field::optional("schemaVersion", Form::Text),
    Field::optional("system", Form::Array),
    Field::optional("inferenceConfig", Form::Object),
    Field::optional("toolConfig", Form::Object),
    Field::optional("reasoningConfig", Form::Object),
    Field::optional("amazon-bedrock-guardrailConfig", Form::Object),
];

const CONFIG: &[Field] = &[
    Field::optional("maxTokens", Form::Integer(1..=u64::MAX)),
    Field::optional("max_new_tokens", Form::Integer(1..=u64::MAX)),
    Field::optional("temperature", Form::Number(0.0..=1.0)),
    Field::optional("topP", Form::Number(0.0..=1.0)),
    Field::optional("top_p", Form::Number(0.0..=1.0)),
    Field::optional("topK", Form::Integer(0..=128)),
    Field::optional("top_k", Form::Integer(0..=128)),
    Field::optional("stopSequences", Form::Array),
    Field::optional("reasoningConfig", Form::Object),
];
