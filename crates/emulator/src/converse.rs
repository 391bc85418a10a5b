//! Replies and streams of Converse, the same for every model.

mod check;
mod constraints;
mod media;
mod tools;

use std::iter::once;

use serde_json::{Value, json};

pub(crate) use self::check::check;
use crate::model::{Answer, Part, Stop, Usage, arguments};
use crate::wire::{Chunk, Chunks, Meta, Metrics, Wire, blocks, counted, set, signature};

/// The form of Converse and ConverseStream.
pub(crate) struct Converse;

impl Wire for Converse {
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value {
        let content: Vec<Value> =
            answer.parts.iter().filter_map(|part| content(part, meta)).collect();
        json!({
            "output": { "message": { "role": "assistant", "content": content } },
            "stopReason": stop_reason(&answer.stop),
            "usage": usage(answer.usage),
            "metrics": { "latencyMs": meta.latency_ms },
        })
    }

    fn stream(&self, answer: Answer, meta: &Meta) -> Chunks {
        let Answer { parts, stop, usage: counts } = answer;
        let meta = meta.clone();
        let said = blocks(parts)
            .filter(|(_, _, part)| *part != Part::Text(Vec::new()))
            .flat_map(move |(index, before, part)| block(index, before, part, &meta));
        let stop = json!({ "stopReason": stop_reason(&stop) });
        let metadata = json!({ "usage": usage(counts) });
        Box::new(
            once(Chunk::new("messageStart", 0, json!({ "role": "assistant" })))
                .chain(said)
                .chain(once(Chunk::new("messageStop", counts.output, stop)))
                .chain(once(Chunk::new("metadata", counts.output, metadata))),
        )
    }

    fn close(&self, last: &mut Value, metrics: &Metrics) {
        set(last, "metrics", json!({ "latencyMs": metrics.latency_ms }));
    }
}

/// A block of a reply; a text that is empty is none.
fn content(part: &Part, meta: &Meta) -> Option<Value> {
    match part {
        Part::Reasoning(pieces) => {
            let mut text = json!({ "text": pieces.concat() });
            if signs(meta) {
                set(&mut text, "signature", signature(meta));
            }
            Some(json!({ "reasoningContent": { "reasoningText": text } }))
        }
        Part::Text(pieces) if pieces.is_empty() => None,
        Part::Text(pieces) => Some(json!({ "text": pieces.concat() })),
        Part::ToolUse { name, pieces, .. } => {
            let input = arguments(pieces);
            let call = json!({ "toolUseId": tool_use_id(meta), "name": name, "input": input });
            Some(json!({ "toolUse": call }))
        }
    }
}

/// The events of one block. Only a tool call has a start: elsewhere the first delta is the start.
fn block(index: u64, before: u64, part: Part, meta: &Meta) -> Chunks {
    let end = before + part.tokens();
    let event = move |tokens: u64, delta: Value| {
        let delta = json!({ "contentBlockIndex": index, "delta": delta });
        Chunk::new("contentBlockDelta", tokens, delta)
    };
    let (start, pieces, delta, seal): (_, _, fn(String) -> Value, _) = match part {
        Part::Reasoning(pieces) => {
            let seal = json!({ "reasoningContent": { "signature": signature(meta) } });
            let seal = signs(meta).then(|| event(end, seal));
            (None, pieces, |text| json!({ "reasoningContent": { "text": text } }), seal)
        }
        Part::Text(pieces) => (None, pieces, |text| json!({ "text": text }), None),
        Part::ToolUse { name, pieces, .. } => {
            let start = json!({ "toolUse": { "toolUseId": tool_use_id(meta), "name": name } });
            let start = json!({ "contentBlockIndex": index, "start": start });
            let start = Chunk::new("contentBlockStart", before, start);
            (Some(start), pieces, |input| json!({ "toolUse": { "input": input } }), None)
        }
    };
    let deltas = counted(before, pieces).map(move |(tokens, piece)| event(tokens, delta(piece)));
    let stop = Chunk::new("contentBlockStop", end, json!({ "contentBlockIndex": index }));
    Box::new(start.into_iter().chain(deltas).chain(seal).chain(once(stop)))
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

fn tool_use_id(meta: &Meta) -> String {
    format!("tooluse_{}", meta.id)
}
