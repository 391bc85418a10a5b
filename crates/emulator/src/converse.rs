//! Replies and streams of Converse, the same for every model.

use std::iter::once;

use serde_json::{Map, Value, json};

use crate::conversation;
use crate::error::Refusal;
use crate::model::{Answer, Part, Stop};
use crate::models::Model;
use crate::wire::{Chunk, Chunks, Meta, Metrics, Wire, counted, set};

/// The form of Converse and ConverseStream.
pub(crate) struct Converse;

impl Wire for Converse {
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value {
        let content = match &answer.part {
            Part::Text(pieces) => json!({ "text": pieces.concat() }),
            Part::ToolUse { name, input, .. } => {
                json!({ "toolUse": { "toolUseId": tool_use_id(meta), "name": name, "input": input } })
            }
        };
        json!({
            "output": { "message": { "role": "assistant", "content": [content] } },
            "stopReason": stop_reason(&answer.stop),
            "usage": usage(answer.input_tokens, answer.output_tokens),
            "metrics": { "latencyMs": meta.latency_ms },
        })
    }

    fn stream(&self, answer: Answer, meta: &Meta) -> Chunks {
        let Answer { part, stop, input_tokens, output_tokens } = answer;
        let block: Chunks = match part {
            // A text block has no start event: its first delta is its start.
            Part::Text(pieces) => Box::new(counted(pieces).map(|(tokens, text)| {
                let delta = json!({ "contentBlockIndex": 0, "delta": { "text": text } });
                Chunk::new("contentBlockDelta", tokens, delta)
            })),
            Part::ToolUse { name, pieces, .. } => {
                let start = json!({ "toolUse": { "toolUseId": tool_use_id(meta), "name": name } });
                let start = json!({ "contentBlockIndex": 0, "start": start });
                let deltas = counted(pieces).map(|(tokens, input)| {
                    let delta = json!({ "toolUse": { "input": input } });
                    let delta = json!({ "contentBlockIndex": 0, "delta": delta });
                    Chunk::new("contentBlockDelta", tokens, delta)
                });
                Box::new(once(Chunk::new("contentBlockStart", 0, start)).chain(deltas))
            }
        };
        let stop_block = (output_tokens > 0).then(|| {
            Chunk::new("contentBlockStop", output_tokens, json!({ "contentBlockIndex": 0 }))
        });
        let stop = json!({ "stopReason": stop_reason(&stop) });
        let metadata = json!({ "usage": usage(input_tokens, output_tokens) });
        Box::new(
            once(Chunk::new("messageStart", 0, json!({ "role": "assistant" })))
                .chain(block)
                .chain(stop_block)
                .chain(once(Chunk::new("messageStop", output_tokens, stop)))
                .chain(once(Chunk::new("metadata", output_tokens, metadata))),
        )
    }

    fn close(&self, last: &mut Value, metrics: &Metrics) {
        set(last, "metrics", json!({ "latencyMs": metrics.latency_ms }));
    }
}

/// Refuses a body that the service would refuse.
pub(crate) fn check(model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    let Some(messages) = body.get("messages").filter(|messages| !messages.is_null()) else {
        return Err(Refusal::validation(
            "1 validation error detected: Value at 'messages' failed to satisfy constraint: \
             Member must not be null",
        ));
    };
    let has = |key| body.get(key).is_some_and(|value| !value.is_null());
    let holds_items = |key| body.get(key).and_then(Value::as_array).is_some_and(|v| !v.is_empty());
    if holds_items("system") && !model.takes_system() {
        return Err(Refusal::validation(
            "This model doesn't support the system field. Remove system field and try again.",
        ));
    }
    if has("toolConfig") && !model.takes_tools() {
        return Err(Refusal::validation("This model doesn't support tool use."));
    }
    check_inference(body.get("inferenceConfig").unwrap_or(&Value::Null))?;
    conversation::check(messages)?;
    if !has("toolConfig") && conversation::uses_tools(messages) {
        return Err(Refusal::validation(
            "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
        ));
    }
    Ok(())
}

fn check_inference(config: &Value) -> Result<(), Refusal> {
    let fault = |key: &str, bound: &str| {
        Err(Refusal::validation(format!(
            "1 validation error detected: Value '{}' at 'inferenceConfig.{key}' failed to satisfy \
             constraint: Member must have value {bound}",
            config[key]
        )))
    };
    if config["maxTokens"].as_f64().is_some_and(|tokens| tokens < 1.0) {
        return fault("maxTokens", "greater than or equal to 1");
    }
    for key in ["temperature", "topP"] {
        match config[key].as_f64() {
            Some(number) if number < 0.0 => return fault(key, "greater than or equal to 0"),
            Some(number) if number > 1.0 => return fault(key, "less than or equal to 1"),
            _ => {}
        }
    }
    Ok(())
}

const fn stop_reason(stop: &Stop) -> &'static str {
    match stop {
        Stop::EndTurn => "end_turn",
        Stop::MaxTokens => "max_tokens",
        Stop::Sequence(_) => "stop_sequence",
        Stop::ToolUse => "tool_use",
    }
}

fn usage(input: u64, output: u64) -> Value {
    json!({ "inputTokens": input, "outputTokens": output, "totalTokens": input + output })
}

fn tool_use_id(meta: &Meta) -> String {
    format!("tooluse_{}", meta.id)
}
