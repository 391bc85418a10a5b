//! Replies and streams of messages.

use serde_json::{Value, json};

use crate::model::{Answer, Part, Stop, Usage, arguments};
use crate::wire::{At, Chunk, Meta, Step, Wire, call_id, set, signature};

pub(super) struct Message;

impl Wire for Message {
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value {
        let content = (0..).zip(&answer.parts).filter_map(|(index, part)| match part {
            Part::Reasoning(pieces) => Some(json!({
                "type": "thinking", "thinking": pieces.text(), "signature": signature(meta),
            })),
            Part::Text(pieces) if pieces.is_empty() => None,
            Part::Text(pieces) => Some(json!({ "type": "text", "text": pieces.text() })),
            Part::ToolUse { name, pieces, .. } => Some(json!({
                "type": "tool_use", "id": tool_id(meta, index), "name": name,
                "input": arguments(pieces),
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

    fn step(&self, step: Step<'_>, at: At, meta: &Meta) -> Vec<Chunk> {
        let index = at.index;
        let delta = |delta: Value| {
            Chunk::native(json!({ "type": "content_block_delta", "index": index, "delta": delta }))
        };
        match step {
            Step::Start(usage) => {
                let message = message(meta, usage, 1);
                vec![Chunk::native(json!({ "type": "message_start", "message": message }))]
            }
            Step::Open(part) => {
                let block = match part {
                    Part::Reasoning(_) => {
                        json!({ "type": "thinking", "thinking": "", "signature": "" })
                    }
                    Part::Text(_) => json!({ "type": "text", "text": "" }),
                    Part::ToolUse { name, .. } => json!({
                        "type": "tool_use", "id": tool_id(meta, index), "name": name, "input": {},
                    }),
                };
                vec![Chunk::native(json!({
                    "type": "content_block_start", "index": index, "content_block": block,
                }))]
            }
            Step::Piece(part, text) => vec![delta(match part {
                Part::Reasoning(_) => json!({ "type": "thinking_delta", "thinking": text }),
                Part::Text(_) => json!({ "type": "text_delta", "text": text }),
                Part::ToolUse { .. } => json!({ "type": "input_json_delta", "partial_json": text }),
            })],
            Step::Close(part) => {
                let seal = json!({ "type": "signature_delta", "signature": signature(meta) });
                let seals = matches!(part, Part::Reasoning(_));
                let stop = Chunk::native(json!({ "type": "content_block_stop", "index": index }));
                seals.then(|| delta(seal)).into_iter().chain([stop]).collect()
            }
            Step::End(answer) => {
                let (stop_reason, stop_sequence) = stop(&answer.stop);
                let end = json!({
                    "type": "message_delta",
                    "delta": { "stop_reason": stop_reason, "stop_sequence": stop_sequence },
                    "usage": { "output_tokens": answer.usage.output },
                });
                vec![Chunk::native(end), Chunk::native(json!({ "type": "message_stop" }))]
            }
        }
    }

    fn repeats(&self) -> bool {
        true
    }

    fn caches(&self) -> bool {
        true
    }
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

fn tool_id(meta: &Meta, index: u64) -> String {
    format!("toolu_bdrk_01{}", call_id(meta, index))
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
