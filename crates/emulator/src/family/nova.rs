//! Amazon Nova: the messages-v1 format.

use std::iter::once;

use serde_json::{Map, Value, json};

use super::Family;
use crate::conversation;
use crate::error::Refusal;
use crate::model::{Answer, Part, Stop, Usage, arguments};
use crate::models::Model;
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::{Chunk, Chunks, Meta, Wire, blocks, counted, set, signature};

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
        let content = answer.parts.iter().filter_map(|part| match part {
            Part::Reasoning(pieces) => {
                let text = json!({ "text": pieces.concat(), "signature": signature(meta) });
                Some(json!({ "reasoningContent": { "reasoningText": text } }))
            }
            Part::Text(pieces) if pieces.is_empty() => None,
            Part::Text(pieces) => Some(json!({ "text": pieces.concat() })),
            Part::ToolUse { name, pieces, .. } => {
                let input = arguments(pieces);
                Some(json!({ "toolUse": { "toolUseId": meta.id, "name": name, "input": input } }))
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

    fn stream(&self, answer: Answer, meta: &Meta) -> Chunks {
        let Answer { parts, stop, usage: counted } = answer;
        let meta = meta.clone();
        let said = blocks(parts).flat_map(move |(_, before, part)| block(before, part, &meta));
        let opening = json!({ "messageStart": { "role": "assistant" } });
        let end = json!({ "messageStop": { "stopReason": stop_reason(&stop) } });
        let metadata = json!({ "usage": usage(counted), "metrics": {}, "trace": {} });
        let metadata = json!({ "metadata": metadata });
        Box::new(
            once(Chunk::native(0, opening))
                .chain(said)
                .chain(once(Chunk::native(counted.output, end)))
                .chain(once(Chunk::native(counted.output, metadata))),
        )
    }

    fn caches(&self) -> bool {
        true
    }
}

/// The events of one block. Indices rise with the tokens, so that none comes twice.
fn block(before: u64, part: Part, meta: &Meta) -> Chunks {
    let end = before + part.tokens();
    match part {
        Part::Reasoning(pieces) => {
            let said = counted(before, pieces).map(move |(tokens, text)| {
                delta(tokens, before, json!({ "reasoningContent": { "text": text } }))
            });
            let seal = json!({ "reasoningContent": { "signature": signature(meta) } });
            Box::new(said.chain([delta(end, before, seal), block_stop(end, before)]))
        }
        // The service ends a block after each delta and counts the index up.
        Part::Text(pieces) => Box::new(counted(before, pieces).flat_map(|(tokens, text)| {
            let index = tokens - 1;
            [delta(tokens, index, json!({ "text": text })), block_stop(tokens, index)]
        })),
        // The arguments of a tool come whole, as far as the limit lets them.
        Part::ToolUse { name, pieces, .. } => {
            let start = json!({ "toolUse": { "toolUseId": meta.id, "name": name } });
            let start = json!({ "start": start, "contentBlockIndex": before });
            let input = json!({ "toolUse": { "input": pieces.concat() } });
            let start = Chunk::native(before, json!({ "contentBlockStart": start }));
            let chunks = [start, delta(end, before, input), block_stop(end, before)];
            Box::new(chunks.into_iter())
        }
    }
}

fn delta(tokens: u64, index: u64, delta: Value) -> Chunk {
    let event = json!({ "delta": delta, "contentBlockIndex": index });
    Chunk::native(tokens, json!({ "contentBlockDelta": event }))
}

fn block_stop(tokens: u64, index: u64) -> Chunk {
    Chunk::native(tokens, json!({ "contentBlockStop": { "contentBlockIndex": index } }))
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
