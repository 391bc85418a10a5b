//! Reads what streams say, from the frames that another implementation decoded and without the
//! codec.

use std::collections::BTreeMap;

use serde_json::Value;

use super::case::{Case, StreamEvent};
use super::counts::Tally;
use super::replies::push_spoken;
use super::said::{Piece, Said};

/// What a recorded stream says, and how it ends.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) said: Said,
    pub(crate) end: End,
}

/// How a stream ends.
#[derive(Debug, PartialEq)]
pub(crate) enum End {
    /// With the event that ends a message.
    Whole,
    /// Without it.
    Cut,
    /// With an exception of this name.
    Exception(String),
}

/// Reads all frames of a stream; `None` where a chunk has a form that is not known here.
pub(crate) fn read(case: &Case, frames: &[StreamEvent]) -> Option<Told> {
    let mut reader = Reader::default();
    for frame in frames {
        if let Some(name) = frame.header(":exception-type").or_else(|| frame.header(":error-code"))
        {
            reader.exception = Some(name.to_owned());
            break;
        }
        match frame.header(":event-type") {
            Some("chunk") => reader.chunk(&frame.inner())?,
            Some(kind) => reader.converse(kind, &frame.payload),
            None => return None,
        }
    }
    Some(reader.finish(case))
}

#[derive(Default)]
struct Reader {
    blocks: BTreeMap<u64, Block>,
    /// The text of families without blocks, and the tool calls in it, as they came.
    spoken: Vec<Spoken>,
    said: Said,
    stop: Option<String>,
    intervened: bool,
    whole: bool,
    tally: Tally,
    exception: Option<String>,
}

/// A part of what a family without blocks says.
enum Spoken {
    Text(String),
    Call { index: u64, id: Value, name: Value, arguments: String },
}

/// A block while it grows.
#[derive(Default)]
struct Block {
    text: String,
    reasoning: String,
    signature: Option<String>,
    redacted: Option<String>,
    tool: Option<(Value, Value, String)>,
    other: Option<Value>,
    closed: bool,
}

impl Reader {
    fn converse(&mut self, kind: &str, payload: &Value) {
        let index = payload["contentBlockIndex"].as_u64().unwrap_or_default();
        match kind {
            "contentBlockStart" => {
                let tool = &payload["start"]["toolUse"];
                let block = self.blocks.entry(index).or_default();
                if tool.is_object() {
                    let (id, name) = (tool["toolUseId"].clone(), tool["name"].clone());
                    block.tool = Some((id, name, String::new()));
                } else {
                    block.other = Some(payload["start"].clone());
                }
            }
            "contentBlockDelta" => {
                self.blocks.entry(index).or_default().grow(&payload["delta"]);
            }
            "contentBlockStop" => self.blocks.entry(index).or_default().closed = true,
            "messageStop" => {
                self.stop = payload["stopReason"].as_str().map(str::to_owned);
                self.whole = true;
            }
            "metadata" => self.tally.note(payload),
            _ => {}
        }
    }

    fn chunk(&mut self, chunk: &Value) -> Option<()> {
        // Some models end with a chunk that is the string "[DONE]".
        if chunk.is_string() {
            return Some(());
        }
        self.tally.note(chunk);
        self.intervened |= chunk["amazon-bedrock-guardrailAction"] == "INTERVENED";
        if chunk["type"].is_string() && chunk.get("completion").is_none() {
            self.message(chunk);
            return Some(());
        }
        for kind in CONVERSE {
            if let Some(payload) = chunk.get(kind) {
                self.converse(kind, payload);
                return Some(());
            }
        }
        let choice = &chunk["choices"][0];
        let output = &chunk["outputs"][0];
        let generation = &chunk["generations"][0];
        let delta = if choice["delta"].is_object() { &choice["delta"] } else { &choice["message"] };
        let first = [chunk, choice].iter().all(|part| part["index"].as_f64().unwrap_or(0.0) == 0.0);
        for key in ["reasoning_content", "reasoning"] {
            self.said.reasoning(&delta[key], &Value::Null);
        }
        let texts = [
            &chunk["completion"],
            &chunk["outputText"],
            &chunk["generation"],
            &chunk["text"],
            &output["text"],
            &generation["text"],
            &choice["text"],
            &delta["content"],
        ];
        if first {
            texts.into_iter().filter_map(Value::as_str).for_each(|text| self.speak(text));
        }
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            self.call(call);
        }
        let stops = [
            &chunk["stop_reason"],
            &chunk["completionReason"],
            &chunk["finish_reason"],
            &chunk["response"]["finish_reason"],
            &output["stop_reason"],
            &generation["finish_reason"],
            &choice["stop_reason"],
            &choice["finish_reason"],
        ];
        if let Some(stop) = stops.into_iter().find_map(Value::as_str) {
            self.stop = Some(stop.to_owned());
            self.whole = true;
        }
        let known = KEYS.iter().any(|key| chunk.get(key).is_some());
        known.then_some(())
    }

    /// A chunk of Anthropic's messages.
    fn message(&mut self, chunk: &Value) {
        let index = chunk["index"].as_u64().unwrap_or_default();
        match chunk["type"].as_str().unwrap_or_default() {
            "content_block_start" => {
                let block = self.blocks.entry(index).or_default();
                let start = &chunk["content_block"];
                match start["type"].as_str() {
                    Some("tool_use" | "server_tool_use") => {
                        block.tool =
                            Some((start["id"].clone(), start["name"].clone(), String::new()));
                    }
                    Some("redacted_thinking") => {
                        block.redacted = start["data"].as_str().map(str::to_owned);
                    }
                    Some("text" | "thinking") => {
                        block.text.push_str(start["text"].as_str().unwrap_or_default());
                        block.reasoning.push_str(start["thinking"].as_str().unwrap_or_default());
                    }
                    _ => block.other = Some(start.clone()),
                }
            }
            "content_block_delta" => {
                let block = self.blocks.entry(index).or_default();
                let delta = &chunk["delta"];
                let text = |key: &str| delta[key].as_str().unwrap_or_default();
                match delta["type"].as_str().unwrap_or_default() {
                    "text_delta" => block.text.push_str(text("text")),
                    "thinking_delta" => block.reasoning.push_str(text("thinking")),
                    "signature_delta" => {
                        block.signature.get_or_insert_default().push_str(text("signature"));
                    }
                    "input_json_delta" => {
                        if let Some((_, _, input)) = &mut block.tool {
                            input.push_str(text("partial_json"));
                        }
                    }
                    _ => {}
                }
            }
            "content_block_stop" => self.blocks.entry(index).or_default().closed = true,
            "message_delta" => {
                let stop = chunk["delta"]["stop_reason"].as_str().map(str::to_owned);
                self.stop = stop.or_else(|| self.stop.take());
            }
            "message_stop" => self.whole = true,
            _ => {}
        }
    }

    fn speak(&mut self, text: &str) {
        match self.spoken.last_mut() {
            Some(Spoken::Text(before)) => before.push_str(text),
            _ if text.is_empty() => {}
            _ => self.spoken.push(Spoken::Text(text.to_owned())),
        }
    }

    /// A piece of a tool call, of which only the first has the id and the name.
    fn call(&mut self, call: &Value) {
        let function = &call["function"];
        let at = call["index"].as_u64().unwrap_or_default();
        let more = function["arguments"].as_str().unwrap_or_default();
        let known = self.spoken.iter_mut().find_map(|spoken| match spoken {
            Spoken::Call { index, arguments, .. } if *index == at => Some(arguments),
            _ => None,
        });
        match known {
            Some(arguments) => arguments.push_str(more),
            None => self.spoken.push(Spoken::Call {
                index: at,
                id: call["id"].clone(),
                name: function["name"].clone(),
                arguments: more.to_owned(),
            }),
        }
    }

    fn finish(self, case: &Case) -> Told {
        let mut said = self.said;
        for (_, block) in self.blocks {
            block.tell(&mut said, self.whole);
        }
        for spoken in self.spoken {
            match spoken {
                Spoken::Text(text) => push_spoken(&mut said, &text, case),
                Spoken::Call { id, name, arguments, .. } => {
                    said.push(Piece::tool(&id, &name, &arguments));
                }
            }
        }
        let blocked = self.stop.is_none() && self.intervened;
        said.stop = if blocked { Some("INTERVENED".to_owned()) } else { self.stop };
        said.counts = self.tally.counts();
        let end = match self.exception {
            Some(name) => End::Exception(name),
            None if self.whole || blocked => End::Whole,
            None => End::Cut,
        };
        Told { said, end }
    }
}

impl Block {
    /// Adds a delta of Converse.
    fn grow(&mut self, delta: &Value) {
        let reasoning = &delta["reasoningContent"];
        self.text.push_str(delta["text"].as_str().unwrap_or_default());
        self.reasoning.push_str(reasoning["text"].as_str().unwrap_or_default());
        if let Some(signature) = reasoning["signature"].as_str() {
            self.signature.get_or_insert_default().push_str(signature);
        }
        if let Some(data) = reasoning["redactedContent"].as_str() {
            self.redacted = Some(data.to_owned());
        }
        if let (Some((_, _, input)), Some(more)) =
            (&mut self.tool, delta["toolUse"]["input"].as_str())
        {
            input.push_str(more);
        }
        let result =
            self.other.as_mut().and_then(|other| other.pointer_mut("/toolResult")?.as_object_mut());
        if let (Some(result), Some(more)) = (result, delta["toolResult"].as_array()) {
            let content = result.entry("content").or_insert_with(|| Value::Array(Vec::new()));
            content.as_array_mut().into_iter().for_each(|known| known.extend(more.iter().cloned()));
        }
    }

    /// Adds what the block holds. A tool call that was not closed is whole only in a whole message,
    /// and only where its input came.
    fn tell(self, said: &mut Said, whole: bool) {
        said.push(Piece::Reasoning { text: self.reasoning, signature: self.signature });
        if let Some(data) = self.redacted {
            said.push(Piece::Redacted(data));
        }
        said.push(Piece::Text(self.text));
        if let Some((id, name, raw)) = self.tool {
            let mut tool = Piece::tool(&id, &name, &raw);
            let is_whole = self.closed || (whole && !raw.trim().is_empty());
            if let (Piece::Tool { input, .. }, false) = (&mut tool, is_whole) {
                *input = raw.into();
            }
            said.push(tool);
        }
        if let Some(other) = self.other {
            said.push(Piece::Other(other));
        }
    }
}

/// The events of Converse, which wrap the chunks of Nova too.
const CONVERSE: [&str; 6] = [
    "messageStart",
    "contentBlockStart",
    "contentBlockDelta",
    "contentBlockStop",
    "messageStop",
    "metadata",
];

/// A chunk with none of these is of a form that is not known here.
const KEYS: [&str; 8] = [
    "completion",
    "outputText",
    "generation",
    "text",
    "outputs",
    "generations",
    "choices",
    "is_finished",
];
