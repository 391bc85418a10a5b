//! Replies and streams of Converse, the same for every model.

mod check;
mod constraints;
mod media;
mod tools;

use serde_json::{Value, json};

pub(crate) use self::check::check;
use crate::model::{Answer, Part, Stop, Usage, arguments};
use crate::wire::{At, Chunk, Meta, Metrics, Step, Wire, call_id, set, signature};

/// The form of Converse and ConverseStream.
pub(crate) struct Converse;

impl Wire for Converse {
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value {
        let parts = (0..).zip(&answer.parts);
        let content: Vec<Value> =
            parts.filter_map(|(index, part)| content(part, index, meta)).collect();
        json!({
            "output": { "message": { "role": "assistant", "content": content } },
            "stopReason": stop_reason(&answer.stop),
            "usage": usage(answer.usage),
            "metrics": { "latencyMs": meta.latency_ms },
        })
    }

    fn step(&self, step: Step<'_>, at: At, meta: &Meta) -> Vec<Chunk> {
        let event = |event, value| Chunk::new(event, value);
        let delta = |delta: Value| {
            event("contentBlockDelta", json!({ "contentBlockIndex": at.index, "delta": delta }))
        };
        match step {
            Step::Start(_) => vec![event("messageStart", json!({ "role": "assistant" }))],
            // Only a tool call has a start: elsewhere the first delta is the start.
            Step::Open(Part::ToolUse { name, .. }) => {
                let start = json!({ "toolUseId": tool_use_id(meta, at.index), "name": name });
                let start = json!({ "toolUse": start });
                let start = json!({ "contentBlockIndex": at.index, "start": start });
                vec![event("contentBlockStart", start)]
            }
            Step::Open(_) => Vec::new(),
            Step::Piece(part, text) => vec![delta(match part {
                Part::Reasoning(_) => json!({ "reasoningContent": { "text": text } }),
                Part::Text(_) => json!({ "text": text }),
                Part::ToolUse { .. } => json!({ "toolUse": { "input": text } }),
            })],
            Step::Close(part) => {
                let seal = json!({ "reasoningContent": { "signature": signature(meta) } });
                let seals = matches!(part, Part::Reasoning(_)) && signs(meta);
                let stop = event("contentBlockStop", json!({ "contentBlockIndex": at.index }));
                seals.then(|| delta(seal)).into_iter().chain([stop]).collect()
            }
            Step::End(answer) => vec![
                event("messageStop", json!({ "stopReason": stop_reason(&answer.stop) })),
                event("metadata", json!({ "usage": usage(answer.usage) })),
            ],
        }
    }

    fn repeats(&self) -> bool {
        true
    }

    fn close(&self, last: &mut Value, metrics: &Metrics) {
        set(last, "metrics", json!({ "latencyMs": metrics.latency_ms }));
    }
}

/// A block of a reply; a text that is empty is none.
fn content(part: &Part, index: u64, meta: &Meta) -> Option<Value> {
    match part {
        Part::Reasoning(pieces) => {
            let mut text = json!({ "text": pieces.text() });
            if signs(meta) {
                set(&mut text, "signature", signature(meta));
            }
            Some(json!({ "reasoningContent": { "reasoningText": text } }))
        }
        Part::Text(pieces) if pieces.is_empty() => None,
        Part::Text(pieces) => Some(json!({ "text": pieces.text() })),
        Part::ToolUse { name, pieces, .. } => {
            let input = arguments(pieces);
            let id = tool_use_id(meta, index);
            let call = json!({ "toolUseId": id, "name": name, "input": input });
            Some(json!({ "toolUse": call }))
        }
    }
}

/// Whether the model signs its reasoning.
fn signs(meta: &Meta) -> bool {
    ["anthropic.", "amazon.", "arn:"].iter().any(|prefix| meta.model.starts_with(prefix))
}

const fn stop_reason(stop: &Stop) -> &'static str {
    match stop {
        Stop::EndTurn => "end_turn",
        Stop::MaxTokens => "max_tokens",
        Stop::Sequence(_) => "stop_sequence",
        Stop::ToolUse => "tool_use",
    }
}

fn usage(usage: Usage) -> Value {
    json!({
        "inputTokens": usage.input,
        "outputTokens": usage.output,
        "totalTokens": usage.total(),
        "cacheReadInputTokens": usage.cache_read,
        "cacheWriteInputTokens": usage.cache_write,
    })
}

fn tool_use_id(meta: &Meta, index: u64) -> String {
    format!("tooluse_{}", call_id(meta, index))
}
