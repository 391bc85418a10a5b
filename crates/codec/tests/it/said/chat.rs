//! Replies in the shape of OpenAI's chat completions, and in those that share its list of choices.

use serde_json::{Value, json};

use super::{Part, Said, raw};

impl Said {
    /// The text is cut anywhere, inside of marks too.
    pub(crate) fn chat(&self) -> (Value, Vec<Value>) {
        let spoken = format!("{}{}", self.marked(), self.text());
        self.chat_in(&spoken, self.pieces(&spoken))
    }

    /// Every piece of the reasoning has marks of its own.
    pub(crate) fn chat_by_token(&self) -> (Value, Vec<Value>) {
        let (reasoning, text) = (self.reasoning(), self.text());
        let mut pieces: Vec<_> = self.pieces(&reasoning).iter().map(|piece| mark(piece)).collect();
        pieces.extend(self.pieces(&text));
        self.chat_in(&format!("{}{text}", self.marked()), pieces)
    }

    fn chat_in(&self, spoken: &str, pieces: Vec<String>) -> (Value, Vec<Value>) {
        let usage = json!({"prompt_tokens": self.input, "completion_tokens": self.output});
        let chunk = |delta: Value| json!({"id": "r", "choices": [{"index": 0, "delta": delta, "finish_reason": null}]});
        let mut chunks = vec![chunk(json!({"role": "assistant", "content": ""}))];
        chunks.extend(pieces.iter().map(|piece| chunk(json!({"content": piece}))));
        let mut calls = vec![];
        for part in &self.blocks {
            let Part::Tool { id, name, input } = part else { continue };
            let index = calls.len();
            let call = |arguments: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
            let mut start = call("");
            start["index"] = index.into();
            chunks.push(chunk(json!({"tool_calls": [start]})));
            chunks.extend(self.pieces(&raw(input)).iter().map(|piece| {
                let piece = json!({"index": index, "function": {"arguments": piece}});
                chunk(json!({"tool_calls": [piece]}))
            }));
            calls.push(call(&raw(input)));
        }
        let end = json!({"index": 0, "delta": {}, "finish_reason": "tool_calls"});
        chunks.push(json!({"id": "r", "choices": [end]}));
        chunks.push(json!({"id": "r", "choices": [], "usage": usage}));
        let message = json!({"role": "assistant", "content": spoken, "tool_calls": calls});
        let choice = json!({"index": 0, "message": message, "finish_reason": "tool_calls"});
        (json!({"id": "r", "choices": [choice], "usage": usage}), chunks)
    }

    /// Mistral's form for a prompt.
    pub(crate) fn outputs(&self) -> (Value, Vec<Value>) {
        self.bare("outputs", &self.text())
    }

    /// The form of DeepSeek R1, whose reasoning has only a mark at its end.
    pub(crate) fn reasoned(&self) -> (Value, Vec<Value>) {
        self.bare("choices", &format!("{}</think>{}", self.reasoning(), self.text()))
    }

    fn bare(&self, key: &str, text: &str) -> (Value, Vec<Value>) {
        let body =
            |text: &str, stop: Option<&str>| json!({key: [{"text": text, "stop_reason": stop}]});
        let pieces = self.pieces(text);
        let last = pieces.len() - 1;
        let chunks = pieces
            .iter()
            .enumerate()
            .map(|(at, piece)| body(piece, (at == last).then_some("stop")))
            .collect();
        (body(text, Some("stop")), chunks)
    }

    fn reasoning(&self) -> String {
        self.reasonings().concat()
    }

    fn marked(&self) -> String {
        self.reasonings().into_iter().map(mark).collect()
    }

    fn reasonings(&self) -> Vec<&str> {
        let mut texts = vec![];
        for part in &self.blocks {
            if let Part::Reasoning { text, .. } = part {
                texts.push(text.as_str());
            }
        }
        texts
    }
}

fn mark(reasoning: &str) -> String {
    format!("<reasoning>{reasoning}</reasoning>")
}
