//! Replies made up by a generator, and written as the service would, whole and in pieces.
//!
//! This encoder is for tests alone and shares nothing with the decoders: it writes JSON by hand.

mod chat;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

/// What a model said.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) blocks: Vec<Part>,
    pub(crate) input: u32,
    pub(crate) output: u32,
    /// Where texts are cut into pieces.
    pub(crate) cuts: Vec<Index>,
}

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Text(String),
    Reasoning { text: String, signature: String },
    Tool { id: String, name: String, input: Map<String, Value> },
}

impl Said {
    /// A text in pieces, which may be empty.
    fn pieces(&self, text: &str) -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        let mut cuts: Vec<usize> = self.cuts.iter().map(|cut| cut.index(chars.len() + 1)).collect();
        cuts.extend([0, chars.len()]);
        cuts.sort_unstable();
        cuts.windows(2).map(|pair| chars[pair[0]..pair[1]].iter().collect()).collect()
    }

    pub(crate) fn converse(&self) -> (Value, Vec<Value>) {
        let (mut content, mut events) =
            (vec![], vec![json!({"messageStart": {"role": "assistant"}})]);
        for (index, part) in self.blocks.iter().enumerate() {
            let delta = |delta: Value| json!({"contentBlockDelta": {"contentBlockIndex": index, "delta": delta}});
            match part {
                Part::Text(text) => {
                    content.push(json!({"text": text}));
                    events
                        .extend(self.pieces(text).iter().map(|text| delta(json!({"text": text}))));
                }
                Part::Reasoning { text, signature } => {
                    let whole = json!({"text": text, "signature": signature});
                    content.push(json!({"reasoningContent": {"reasoningText": whole}}));
                    let reasoning =
                        |key: &str, text: &str| delta(json!({"reasoningContent": {key: text}}));
                    events.extend(self.pieces(text).iter().map(|text| reasoning("text", text)));
                    events.push(reasoning("signature", signature));
                }
                Part::Tool { id, name, input } => {
                    let tool = json!({"toolUseId": id, "name": name});
                    let mut whole = tool.clone();
                    whole["input"] = input.clone().into();
                    content.push(json!({"toolUse": whole}));
                    events.push(json!({"contentBlockStart":
                        {"contentBlockIndex": index, "start": {"toolUse": tool}}}));
                    let input = self.pieces(&raw(input));
                    events.extend(
                        input.iter().map(|input| delta(json!({"toolUse": {"input": input}}))),
                    );
                }
            }
            events.push(json!({"contentBlockStop": {"contentBlockIndex": index}}));
        }
        let usage = json!({"inputTokens": self.input, "outputTokens": self.output});
        events.push(json!({"messageStop": {"stopReason": "tool_use"}}));
        events.push(json!({"metadata": {"usage": usage, "metrics": {"latencyMs": 7}}}));
        let whole = json!({
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": "tool_use", "usage": usage, "metrics": {"latencyMs": 7},
        });
        (whole, events)
    }

    pub(crate) fn anthropic(&self) -> (Value, Vec<Value>) {
        let start = json!({"id": "m", "type": "message", "role": "assistant", "content": [],
            "stop_reason": null, "usage": {"input_tokens": self.input, "output_tokens": 1}});
        let mut content = vec![];
        let mut chunks = vec![json!({"type": "message_start", "message": start})];
        for (index, part) in self.blocks.iter().enumerate() {
            let start = |block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
            let deltas = |kind: &str, key: &str, text: &str| {
                let delta = |text| json!({"type": kind, key: text});
                let chunk = |text| json!({"type": "content_block_delta", "index": index, "delta": delta(text)});
                self.pieces(text).into_iter().map(chunk).collect::<Vec<_>>()
            };
            match part {
                Part::Text(text) => {
                    content.push(json!({"type": "text", "text": text}));
                    chunks.push(start(json!({"type": "text", "text": ""})));
                    chunks.extend(deltas("text_delta", "text", text));
                }
                Part::Reasoning { text, signature } => {
                    content.push(
                        json!({"type": "thinking", "thinking": text, "signature": signature}),
                    );
                    let empty = json!({"type": "thinking", "thinking": "", "signature": ""});
                    chunks.push(start(empty));
                    chunks.extend(deltas("thinking_delta", "thinking", text));
                    chunks.extend(deltas("signature_delta", "signature", signature));
                }
                Part::Tool { id, name, input } => {
                    let tool = |input: Value| json!({"type": "tool_use", "id": id, "name": name, "input": input});
                    content.push(tool(input.clone().into()));
                    chunks.push(start(tool(json!({}))));
                    chunks.extend(deltas("input_json_delta", "partial_json", &raw(input)));
                }
            }
            chunks.push(json!({"type": "content_block_stop", "index": index}));
            chunks.push(json!({"type": "ping"}));
        }
        chunks.push(json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"},
            "usage": {"output_tokens": self.output}}));
        chunks.push(json!({"type": "message_stop"}));
        let whole = json!({"id": "m", "type": "message", "role": "assistant", "content": content,
            "stop_reason": "tool_use",
            "usage": {"input_tokens": self.input, "output_tokens": self.output}});
        (whole, chunks)
    }

    /// Nova's dialect: an index and a stop for every piece. Texts side by side are one.
    pub(crate) fn nova(&self) -> (Value, Vec<Value>) {
        let (mut content, mut chunks) =
            (vec![], vec![json!({"messageStart": {"role": "assistant"}})]);
        let mut index = 0;
        for part in &self.blocks {
            let mut block = |start: Option<Value>, delta: Value| {
                if let Some(start) = start {
                    chunks.push(json!({"contentBlockStart":
                        {"contentBlockIndex": index, "start": start}}));
                }
                chunks.push(json!({"contentBlockDelta":
                    {"contentBlockIndex": index, "delta": delta}}));
                chunks.push(json!({"contentBlockStop": {"contentBlockIndex": index}}));
                index += 1;
            };
            match part {
                Part::Text(text) | Part::Reasoning { text, .. } => {
                    for text in self.pieces(text) {
                        block(None, json!({"text": text}));
                    }
                    match content.last_mut() {
                        Some(Value::Object(last)) if last.contains_key("text") => {
                            last["text"] = [last["text"].as_str().unwrap(), text].concat().into();
                        }
                        _ => content.push(json!({"text": text})),
                    }
                }
                Part::Tool { id, name, input } => {
                    let tool = json!({"toolUse": {"toolUseId": id, "name": name}});
                    block(Some(tool), json!({"toolUse": {"input": raw(input)}}));
                    content
                        .push(json!({"toolUse": {"toolUseId": id, "name": name, "input": input}}));
                }
            }
        }
        let usage = json!({"inputTokens": self.input, "outputTokens": self.output});
        chunks.push(json!({"messageStop": {"stopReason": "tool_use"}}));
        chunks.push(json!({"metadata": {"usage": usage, "metrics": {}, "trace": {}}}));
        let message = json!({"role": "assistant", "content": content});
        let whole =
            json!({"output": {"message": message}, "stopReason": "tool_use", "usage": usage});
        (whole, chunks)
    }

    pub(crate) fn llama(&self) -> (Value, Vec<Value>) {
        let text = self.text();
        let mut chunks: Vec<Value> =
            self.pieces(&text).iter().map(|text| json!({"generation": text})).collect();
        chunks[0]["prompt_token_count"] = self.input.into();
        let last = chunks.last_mut().unwrap();
        last["generation_token_count"] = self.output.into();
        last["stop_reason"] = "length".into();
        let whole = json!({"generation": text, "prompt_token_count": self.input,
            "generation_token_count": self.output, "stop_reason": "length"});
        (whole, chunks)
    }

    pub(crate) fn titan(&self) -> (Value, Vec<Value>) {
        let text = self.text();
        let chunk = |text: &String| {
            json!({"outputText": text, "index": 0, "completionReason": null,
                "totalOutputTextTokenCount": null, "inputTextTokenCount": null})
        };
        let mut chunks: Vec<Value> = self.pieces(&text).iter().map(chunk).collect();
        let last = chunks.last_mut().unwrap();
        last["completionReason"] = "FINISH".into();
        last["inputTextTokenCount"] = self.input.into();
        last["totalOutputTextTokenCount"] = self.output.into();
        let result = json!({"outputText": text, "tokenCount": self.output,
            "completionReason": "FINISH"});
        (json!({"inputTextTokenCount": self.input, "results": [result]}), chunks)
    }

    /// A text completion, whose counts are only in headers and the trailer.
    pub(crate) fn completion(&self) -> (Value, Vec<Value>) {
        let text = self.text();
        let chunk = |text: &String| json!({"completion": text, "stop_reason": null, "stop": null});
        let mut chunks: Vec<Value> = self.pieces(&text).iter().map(chunk).collect();
        let last = chunks.last_mut().unwrap();
        last["stop_reason"] = "stop_sequence".into();
        last["stop"] = "\n\nHuman:".into();
        let whole =
            json!({"completion": text, "stop_reason": "stop_sequence", "stop": "\n\nHuman:"});
        (whole, chunks)
    }

    pub(crate) fn command(&self) -> (Value, Vec<Value>) {
        let text = self.text();
        let chunk = |text: &String| json!({"text": text, "is_finished": false, "index": 0});
        let mut chunks: Vec<Value> = self.pieces(&text).iter().map(chunk).collect();
        chunks.push(json!({"is_finished": true, "finish_reason": "COMPLETE"}));
        (json!({"generations": [{"text": text, "finish_reason": "COMPLETE"}]}), chunks)
    }

    /// Command R's calls have no ids, and come behind the text.
    pub(crate) fn command_r(&self) -> (Value, Vec<Value>) {
        let text = self.text();
        let chunk = |text: &String| json!({"event_type": "text-generation", "text": text, "is_finished": false});
        let mut chunks: Vec<Value> = self.pieces(&text).iter().map(chunk).collect();
        let call = |part: &Part| match part {
            Part::Tool { name, input, .. } => Some(json!({"name": name, "parameters": input})),
            _ => None,
        };
        let calls: Vec<Value> = self.blocks.iter().filter_map(call).collect();
        let whole = json!({"text": text, "tool_calls": calls, "finish_reason": "COMPLETE",
            "generation_id": "g"});
        if !calls.is_empty() {
            chunks.push(json!({"event_type": "tool-calls-generation", "is_finished": false,
                "tool_calls": calls}));
        }
        chunks.push(json!({"event_type": "stream-end", "is_finished": true, "response": whole}));
        (whole, chunks)
    }

    fn text(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            _ => String::new(),
        };
        self.blocks.iter().map(text).collect()
    }
}

/// The JSON text of a tool's input. Models send nothing where there are no arguments.
fn raw(input: &Map<String, Value>) -> String {
    if input.is_empty() { String::new() } else { Value::from(input.clone()).to_string() }
}

pub(crate) fn said() -> impl Strategy<Value = Said> {
    let text = "[a-zA-Z \\n\"\\\\{}äß日🦀]{1,12}";
    let input = prop::collection::btree_map("[a-z]{1,3}", "[a-z\"日]{0,5}", 0..3);
    let part = prop_oneof![
        text.prop_map(Part::Text),
        (text, "[A-Za-z0-9]{1,8}")
            .prop_map(|(text, signature)| Part::Reasoning { text, signature }),
        ("[a-z0-9]{1,6}", "[a-z]{1,6}", input).prop_map(|(id, name, input)| Part::Tool {
            id,
            name,
            input: input.into_iter().map(|(key, value)| (key, value.into())).collect(),
        }),
    ];
    let cuts = prop::collection::vec(any::<Index>(), 0..4);
    (prop::collection::vec(part, 0..5), any::<u32>(), any::<u32>(), cuts)
        .prop_map(|(blocks, input, output, cuts)| Said { blocks, input, output, cuts })
}
