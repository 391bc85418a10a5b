//! Amazon Nova: the messages-v1 format.

use std::iter::once;

use serde_json::{Map, Value, json};

use super::Family;
use crate::conversation;
use crate::error::Refusal;
use crate::model::{Answer, Part, Stop};
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::{Chunk, Chunks, Meta, Wire, counted, set};

pub(super) struct Nova;

impl Family for Nova {
    fn name(&self) -> &'static str {
        "nova"
    }

    fn check(&self, body: &Map<String, Value>) -> Result<(), Refusal> {
        let mut found = violations("#", body, BODY);
        if let Some(config) = body.get("inferenceConfig").and_then(Value::as_object) {
            found.extend(violations("#/inferenceConfig", config, CONFIG));
        }
        malformed(&found)?;
        conversation::check(&body["messages"])
    }

    fn recognises(&self, body: &Map<String, Value>) -> bool {
        body.contains_key("messages") && !body.contains_key("anthropic_version")
    }
}

impl Wire for Nova {
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value {
        let content = match &answer.part {
            Part::Text(pieces) => json!({ "text": pieces.concat() }),
            Part::ToolUse { name, input, .. } => {
                json!({ "toolUse": { "toolUseId": meta.id, "name": name, "input": input } })
            }
        };
        let mut usage = usage(answer.input_tokens, answer.output_tokens);
        set(&mut usage, "totalTokens", answer.input_tokens + answer.output_tokens);
        json!({
            "output": { "message": { "role": "assistant", "content": [content] } },
            "stopReason": stop_reason(&answer.stop),
            "usage": usage,
        })
    }

    fn stream(&self, answer: Answer, meta: &Meta) -> Chunks {
        let Answer { part, stop, input_tokens, output_tokens } = answer;
        let blocks: Chunks = match part {
            // The service ends a block after each delta and counts the index up.
            Part::Text(pieces) => Box::new(counted(pieces).flat_map(|(tokens, text)| {
                let index = tokens - 1;
                [delta(tokens, index, json!({ "text": text })), block_stop(tokens, index)]
            })),
            // The arguments of a tool come whole.
            Part::ToolUse { name, input, .. } => {
                let start = json!({ "toolUse": { "toolUseId": meta.id, "name": name } });
                let start = json!({ "start": start, "contentBlockIndex": 0 });
                let input = json!({ "toolUse": { "input": input.to_string() } });
                let start = Chunk::native(0, json!({ "contentBlockStart": start }));
                let chunks = [start, delta(output_tokens, 0, input), block_stop(output_tokens, 0)];
                Box::new(chunks.into_iter())
            }
        };
        let opening = json!({ "messageStart": { "role": "assistant" } });
        let end = json!({ "messageStop": { "stopReason": stop_reason(&stop) } });
        let usage = usage(input_tokens, output_tokens);
        let metadata = json!({ "metadata": { "usage": usage, "metrics": {}, "trace": {} } });
        Box::new(
            once(Chunk::native(0, opening))
                .chain(blocks)
                .chain(once(Chunk::native(output_tokens, end)))
                .chain(once(Chunk::native(output_tokens, metadata))),
        )
    }

    fn caches(&self) -> bool {
        true
    }
}

fn delta(tokens: u64, index: u64, delta: Value) -> Chunk {
    let event = json!({ "delta": delta, "contentBlockIndex": index });
    Chunk::native(tokens, json!({ "contentBlockDelta": event }))
}

fn block_stop(tokens: u64, index: u64) -> Chunk {
    Chunk::native(tokens, json!({ "contentBlockStop": { "contentBlockIndex": index } }))
}

/// The counters of a stream; a reply adds the total.
fn usage(input: u64, output: u64) -> Value {
    json!({
        "inputTokens": input,
        "outputTokens": output,
        "cacheReadInputTokenCount": 0,
        "cacheWriteInputTokenCount": 0,
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
