//! Replies and streams of messages.

use std::iter::once;

use serde_json::{Value, json};

use crate::model::{Answer, Part, Stop, Usage, arguments};
use crate::wire::{Chunk, Chunks, Meta, Wire, blocks, counted, set, signature};

pub(super) struct Message;

impl Wire for Message {
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value {
        let content = answer.parts.iter().filter_map(|part| match part {
            Part::Reasoning(pieces) => Some(json!({
                "type": "thinking", "thinking": pieces.concat(), "signature": signature(meta),
            })),
            Part::Text(pieces) if pieces.is_empty() => None,
            Part::Text(pieces) => Some(json!({ "type": "text", "text": pieces.concat() })),
            Part::ToolUse { name, pieces, .. } => Some(json!({
                "type": "tool_use", "id": tool_id(meta), "name": name, "input": arguments(pieces),
            })),
        });
        let content: Vec<Value> = content.collect();
        let (stop_reason, stop_sequence) = stop(&answer.stop);
        let mut message = message(meta, answer.usage, answer.usage.output);
        set(&mut message, "content", content);
        set(&mut message, "stop_reason", stop_reason);
        set(&mut message, "stop_sequence", stop_sequence);
        message
    }

    fn stream(&self, answer: Answer, meta: &Meta) -> Chunks {
        let Answer { parts, stop: why, usage } = answer;
        let opening = json!({ "type": "message_start", "message": message(meta, usage, 1) });
        let meta = meta.clone();
        let said = blocks(parts)
            .filter(|(_, _, part)| *part != Part::Text(Vec::new()))
            .flat_map(move |(index, before, part)| block(index, before, part, &meta));
        let (stop_reason, stop_sequence) = stop(&why);
        let end = json!({
            "type": "message_delta",
            "delta": { "stop_reason": stop_reason, "stop_sequence": stop_sequence },
            "usage": { "output_tokens": usage.output },
        });
        Box::new(
            once(Chunk::native(0, opening))
                .chain(said)
                .chain(once(Chunk::native(usage.output, end)))
                .chain(once(Chunk::native(usage.output, json!({ "type": "message_stop" })))),
        )
    }

    fn caches(&self) -> bool {
        true
    }
}

/// The events of one block.
fn block(index: u64, before: u64, part: Part, meta: &Meta) -> Chunks {
    let end = before + part.tokens();
    let (start, pieces, delta, sealed): (Value, _, fn(String) -> Value, bool) = match part {
        Part::Reasoning(pieces) => (
            json!({ "type": "thinking", "thinking": "", "signature": "" }),
            pieces,
            |text| json!({ "type": "thinking_delta", "thinking": text }),
            true,
        ),
        Part::Text(pieces) => (
            json!({ "type": "text", "text": "" }),
            pieces,
            |text| json!({ "type": "text_delta", "text": text }),
            false,
        ),
        Part::ToolUse { name, pieces, .. } => (
            json!({ "type": "tool_use", "id": tool_id(meta), "name": name, "input": {} }),
            pieces,
            |json| json!({ "type": "input_json_delta", "partial_json": json }),
            false,
        ),
    };
    let event = move |delta: Value| json!({ "type": "content_block_delta", "index": index, "delta": delta });
    let start = json!({ "type": "content_block_start", "index": index, "content_block": start });
    let deltas = counted(before, pieces)
        .map(move |(tokens, piece)| Chunk::native(tokens, event(delta(piece))));
    let seal = sealed.then(|| {
        let delta = json!({ "type": "signature_delta", "signature": signature(meta) });
        Chunk::native(end, event(delta))
    });
    let stop = json!({ "type": "content_block_stop", "index": index });
    Box::new(
        once(Chunk::native(before, start))
            .chain(deltas)
            .chain(seal)
            .chain(once(Chunk::native(end, stop))),
    )
}

/// The message as it is before anything was said.
fn message(meta: &Meta, usage: Usage, output_tokens: u64) -> Value {
    json!({
        "id": format!("msg_bdrk_01{}", meta.id),
        "type": "message",
        "role": "assistant",
        "model": meta.model.strip_prefix("anthropic.").unwrap_or(&meta.model),
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": {
            "input_tokens": usage.input,
            "cache_creation_input_tokens": usage.cache_write,
            "cache_read_input_tokens": usage.cache_read,
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
