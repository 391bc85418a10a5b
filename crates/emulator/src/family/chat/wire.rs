//! Replies and streams in the shared shape.

use serde_json::{Value, json};

use crate::model::{Answer, Part, Stop, Usage};
use crate::wire::{At, Chunk, Meta, Step, Wire, call_id, set};

/// A dialect of the shared shape.
#[derive(Debug, Clone, Copy)]
pub(in crate::family) struct Chat {
    pub(in crate::family) envelope: Envelope,
    pub(in crate::family) thoughts: Thoughts,
    /// The name of the stop reason.
    pub(in crate::family) stop: &'static str,
}

/// What stands around the choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::family) enum Envelope {
    /// All that OpenAI sends, with usage in a reply and not in a stream.
    OpenAi,
    /// Jamba's: an id, and usage in both.
    Jamba,
    /// Nothing at all, as with Mistral's first models.
    None,
}

/// Where reasoning stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::family) enum Thoughts {
    /// In the text, between marks; in a stream around each token.
    InText,
    /// In a member beside the content.
    Beside,
}

impl Chat {
    pub(in crate::family) const PLAIN: Self =
        Self { envelope: Envelope::OpenAi, thoughts: Thoughts::Beside, stop: "finish_reason" };
}

impl Wire for Chat {
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value {
        let mut content = answer.text();
        let mut message = json!({ "role": "assistant" });
        match (answer.reasoning(), self.thoughts) {
            (Some(thought), Thoughts::InText) => content = format!("{}{content}", marked(thought)),
            (Some(thought), Thoughts::Beside) => set(&mut message, "reasoning_content", thought),
            (None, _) => {}
        }
        let parts = (0..).zip(&answer.parts);
        let calls: Vec<Value> = parts.filter_map(|(index, part)| call(part, index, meta)).collect();
        if content.is_empty() && !calls.is_empty() && self.envelope != Envelope::None {
            set(&mut message, "content", Value::Null);
        } else {
            set(&mut message, "content", content);
        }
        if !calls.is_empty() {
            set(&mut message, "tool_calls", calls);
        }
        if self.envelope == Envelope::OpenAi {
            set(&mut message, "refusal", Value::Null);
        }
        let mut body = self.body(meta, "chat.completion", "message", message, stop(answer));
        if self.envelope != Envelope::None {
            set(&mut body, "usage", usage(answer.usage));
        }
        if self.envelope == Envelope::Jamba {
            set(&mut body, "meta", json!({ "requestDurationMillis": meta.latency_ms }));
        }
        body
    }

    fn step(&self, step: Step<'_>, at: At, meta: &Meta) -> Vec<Chunk> {
        let (delta, stop, spent) = match step {
            Step::Start(_) => (json!({ "role": "assistant", "content": "" }), Value::Null, None),
            Step::Open(Part::ToolUse { name, .. }) => {
                let function = json!({ "name": name, "arguments": "" });
                let start = json!({
                    "index": at.calls, "id": tool_id(meta, at.index), "type": "function",
                    "function": function,
                });
                (json!({ "tool_calls": [start] }), Value::Null, None)
            }
            Step::Piece(part, piece) => (self.delta(part, piece, at), Value::Null, None),
            Step::End(answer) => (json!({}), stop(answer), Some(answer.usage)),
            Step::Open(_) | Step::Close(_) => return Vec::new(),
        };
        let mut body = self.body(meta, "chat.completion.chunk", "delta", delta, stop);
        if let (Some(spent), Envelope::Jamba) = (spent, self.envelope) {
            set(&mut body, "usage", usage(spent));
        }
        vec![Chunk::native(body)]
    }

    fn repeats(&self) -> bool {
        true
    }
}

impl Chat {
    /// A body with one choice, which says `said` under `key`.
    fn body(&self, meta: &Meta, object: &str, key: &str, said: Value, stop: Value) -> Value {
        let mut choice = json!({ "index": 0 });
        set(&mut choice, key, said);
        set(&mut choice, self.stop, stop);
        let mut body = json!({ "choices": [choice] });
        if self.envelope == Envelope::None {
            return body;
        }
        set(&mut body, "id", format!("chatcmpl-{}", meta.id));
        set(&mut body, "model", meta.model.as_str());
        if self.envelope == Envelope::OpenAi {
            set(&mut body, "object", object);
            set(&mut body, "created", meta.created);
            set(&mut body, "service_tier", "auto");
        }
        body
    }

    /// What the chunk of one piece says.
    fn delta(&self, part: &Part, piece: &str, at: At) -> Value {
        match (part, self.thoughts) {
            (Part::Text(_), _) => json!({ "content": piece }),
            (Part::Reasoning(_), Thoughts::InText) => json!({ "content": marked(piece) }),
            (Part::Reasoning(_), Thoughts::Beside) => json!({ "reasoning_content": piece }),
            (Part::ToolUse { .. }, _) => {
                let call = json!({ "index": at.calls, "function": { "arguments": piece } });
                json!({ "tool_calls": [call] })
            }
        }
    }
}

fn marked(thought: &str) -> String {
    format!("<reasoning>{thought}</reasoning>")
}

fn call(part: &Part, index: u64, meta: &Meta) -> Option<Value> {
    let Part::ToolUse { name, pieces, .. } = part else { return None };
    let function = json!({ "name": name, "arguments": pieces.text() });
    Some(json!({ "id": tool_id(meta, index), "type": "function", "function": function }))
}

fn tool_id(meta: &Meta, index: u64) -> String {
    format!("chatcmpl-tool-{}", call_id(meta, index))
}

fn usage(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.total(),
    })
}

fn stop(answer: &Answer) -> Value {
    match answer.stop {
        Stop::MaxTokens => "length".into(),
        Stop::ToolUse => "tool_calls".into(),
        Stop::EndTurn | Stop::Sequence(_) => "stop".into(),
    }
}
