//! Replies and streams in the shared shape.

use std::iter::once;

use serde_json::{Value, json};

use crate::model::{Answer, Part, Stop, Usage};
use crate::wire::{Chunk, Chunks, Meta, Wire, blocks, counted, set};

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
            (Some(thought), Thoughts::InText) => content = format!("{}{content}", marked(&thought)),
            (Some(thought), Thoughts::Beside) => set(&mut message, "reasoning_content", thought),
            (None, _) => {}
        }
        let calls: Vec<Value> = answer.parts.iter().filter_map(|part| call(part, meta)).collect();
        if content.is_empty() && !calls.is_empty() && self.envelope != Envelope::None {
            set(&mut message, "content", Value::Null);
        } else {
            set(&mut message, "content", content);
        }
        if !calls.is_empty() {
            set(&mut message, "tool_calls", calls);
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

    fn stream(&self, answer: Answer, meta: &Meta) -> Chunks {
        let (chat, meta) = (*self, meta.clone());
        let chunk = move |tokens: u64, delta: Value, stop: Value| {
            let body = chat.body(&meta, "chat.completion.chunk", "delta", delta, stop);
            (tokens, body, meta.id.clone())
        };
        let (spent, stop) = (answer.usage, stop(&answer));
        let opening = chunk(0, json!({ "role": "assistant", "content": "" }), Value::Null);
        let end = chunk(spent.output, json!({}), stop);
        let said = blocks(answer.parts).flat_map(move |(_, before, part)| {
            let id = chunk(0, Value::Null, Value::Null).2;
            let chunk = chunk.clone();
            chat.deltas(before, part, id)
                .map(move |(tokens, delta)| chunk(tokens, delta, Value::Null))
        });
        Box::new(once(opening).chain(said).chain(once(end)).map(move |(tokens, mut body, _)| {
            if chat.envelope == Envelope::Jamba && tokens == spent.output && ended(&body) {
                set(&mut body, "usage", usage(spent));
            }
            Chunk::native(tokens, body)
        }))
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

    /// What the chunks of one block say.
    fn deltas(
        self,
        before: u64,
        part: Part,
        id: String,
    ) -> Box<dyn Iterator<Item = (u64, Value)> + Send> {
        match part {
            Part::Text(pieces) => Box::new(
                counted(before, pieces)
                    .map(|(tokens, piece)| (tokens, json!({ "content": piece }))),
            ),
            Part::Reasoning(pieces) => {
                let delta: fn(String) -> Value = match self.thoughts {
                    Thoughts::InText => |piece| json!({ "content": marked(&piece) }),
                    Thoughts::Beside => |piece| json!({ "reasoning_content": piece }),
                };
                Box::new(counted(before, pieces).map(move |(n, piece)| (n, delta(piece))))
            }
            Part::ToolUse { name, pieces, .. } => {
                let function = json!({ "name": name, "arguments": "" });
                let start = json!({
                    "index": 0, "id": call_id(&id), "type": "function", "function": function,
                });
                let more = counted(before, pieces).map(|(tokens, piece)| {
                    let call = json!({ "index": 0, "function": { "arguments": piece } });
                    (tokens, json!({ "tool_calls": [call] }))
                });
                Box::new(once((before, json!({ "tool_calls": [start] }))).chain(more))
            }
        }
    }
}

fn ended(body: &Value) -> bool {
    body.pointer("/choices/0/finish_reason").is_some_and(Value::is_string)
}

fn marked(thought: &str) -> String {
    format!("<reasoning>{thought}</reasoning>")
}

fn call(part: &Part, meta: &Meta) -> Option<Value> {
    let Part::ToolUse { name, pieces, .. } = part else { return None };
    let function = json!({ "name": name, "arguments": pieces.concat() });
    Some(json!({ "id": call_id(&meta.id), "type": "function", "function": function }))
}

fn call_id(id: &str) -> String {
    format!("chatcmpl-tool-{id}")
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
