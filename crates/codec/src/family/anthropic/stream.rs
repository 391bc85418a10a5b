//! Anthropic's streams: typed chunks, which are Converse's events under other names.

use alloc::borrow::ToOwned;
use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::Value;

use super::{piece, stop_reason, text, usage};
use crate::Map;
use crate::error::DecodeError;
use crate::event::{BlockStart, Delta, Event};
use crate::family::speech::Speech;
use crate::fault::Fault;
use crate::format::Announced;
use crate::invoke::{ChunkDecoder, guarded, intervened, native};
use crate::json::{Members, Object, merge, need};
use crate::message::Role;
use crate::stop::StopReason;
use crate::stream::StreamError;
use crate::usage::Usage;

/// Reads chunks of messages, and of text completions.
pub(super) struct Decoder {
    completion: Speech,
    message: Messages,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { completion: Speech::new(&text::CHUNK), message: Messages::default() }
    }
}

impl ChunkDecoder for Decoder {
    fn read(&mut self, mut chunk: Object, events: &mut Vec<Event>) -> Result<(), StreamError> {
        if chunk.get(text::COMPLETION).is_none() {
            return self.message.read(chunk, events);
        }
        if chunk.text("type") == Some(text::COMPLETION) {
            chunk.skip("type");
        }
        self.completion.read(chunk, events)
    }

    fn read_piece(&mut self, chunk: &[u8], events: &mut Vec<Event>) -> Option<()> {
        events.push(piece::read(chunk)?);
        Some(())
    }

    fn announced(&self) -> Announced {
        self.message.announced()
    }
}

/// What must be remembered until the end of the message.
#[derive(Default)]
struct Messages {
    /// The usage so far: later members replace earlier ones.
    usage: Map,
    stop_reason: Option<StopReason>,
    /// What came with the stop reason.
    rest: Map,
}

impl ChunkDecoder for Messages {
    fn read(&mut self, mut chunk: Object, events: &mut Vec<Event>) -> Result<(), StreamError> {
        let kind = need(chunk.string("type")?, "type")?;
        match kind.as_str() {
            "message_start" => events.push(self.message_start(chunk)?),
            "content_block_start" => block_start(chunk, events)?,
            "content_block_delta" => events.push(block_delta(chunk)?),
            "content_block_stop" => {
                let index = index(&mut chunk)?;
                events.push(Event::BlockStop { index, extra: native(chunk.rest()) });
            }
            "message_delta" => self.message_delta(chunk)?,
            "message_stop" => self.message_stop(chunk, events)?,
            "ping" => {}
            "error" => return Err(StreamError::Fault(fault(chunk))),
            _ => events.push(Event::Unknown { kind, payload: Value::Object(chunk.rest()) }),
        }
        Ok(())
    }

    fn announced(&self) -> Announced {
        let mut announced = Announced::default();
        // Until the stop reason comes, the count of output tokens is only a beginning.
        if self.stop_reason.is_some() {
            announced.stop_reason = self.stop_reason.clone();
            announced.usage = self.usage();
        }
        announced
    }
}

impl Messages {
    fn message_start(&mut self, mut chunk: Object) -> Result<Event, DecodeError> {
        let mut message = need(chunk.object("message")?, "message")?;
        let role = message.read("role", Role::from_json).map_err(|error| error.at("message"))?;
        self.count(&mut message);
        // These only announce what comes.
        message.skip("stop_reason");
        message.skip("stop_sequence");
        if message.get("content").and_then(Value::as_array).is_some_and(Vec::is_empty) {
            message.skip("content");
        }
        let mut rest = chunk.rest();
        merge(&mut rest, message.rest());
        Ok(Event::MessageStart { role: role.unwrap_or(Role::Assistant), extra: native(rest) })
    }

    fn message_delta(&mut self, mut chunk: Object) -> Result<(), DecodeError> {
        self.count(&mut chunk);
        if let Some(mut delta) = chunk.object("delta")? {
            let stop = delta.read("stop_reason", stop_reason).map_err(|error| error.at("delta"))?;
            self.stop_reason = stop.or_else(|| self.stop_reason.take());
            merge(&mut self.rest, delta.rest());
        }
        merge(&mut self.rest, chunk.rest());
        Ok(())
    }

    fn message_stop(
        &mut self,
        mut chunk: Object,
        events: &mut Vec<Event>,
    ) -> Result<(), DecodeError> {
        self.count(&mut chunk);
        let stop = guarded(self.stop_reason.clone(), intervened(&chunk));
        let stop_reason = need(stop, "stop_reason").map_err(|error| error.at("delta"))?;
        let mut rest = core::mem::take(&mut self.rest);
        merge(&mut rest, chunk.rest());
        events.push(Event::MessageStop { stop_reason, extra: native(rest) });
        if let Some(usage) = self.usage() {
            events.push(Event::Metadata {
                usage: Some(usage),
                latency_ms: None,
                extra: Map::new(),
            });
        }
        Ok(())
    }

    fn count(&mut self, from: &mut Object) {
        match from.take("usage") {
            Some(Value::Object(usage)) => merge(&mut self.usage, usage),
            Some(other) => from.put("usage", other),
            None => {}
        }
    }

    fn usage(&self) -> Option<Usage> {
        usage(Value::Object(self.usage.clone())).ok()
    }
}

fn block_start(mut chunk: Object, events: &mut Vec<Event>) -> Result<(), DecodeError> {
    let index = index(&mut chunk)?;
    let mut block = need(chunk.object("content_block")?, "content_block")?;
    let extra = native(chunk.rest());
    let kind = block.text("type").map(ToOwned::to_owned);
    let at = |error: DecodeError| error.at("content_block");
    match kind.as_deref() {
        // Converse has no start for text and reasoning, which are empty here as a rule.
        Some("text") => {
            let citations = block.each("citations", Ok).map_err(at)?;
            push_deltas(index, citations.into_iter().map(Delta::Citation), events);
            let text = block.string("text").map_err(at)?;
            push_deltas(index, text.filter(|text| !text.is_empty()).map(Delta::Text), events);
            keep_rest(block, extra, events);
        }
        Some("thinking") => {
            for (key, delta) in THINKING {
                let text = block.string(key).map_err(at)?;
                push_deltas(index, text.filter(|text| !text.is_empty()).map(delta), events);
            }
            keep_rest(block, extra, events);
        }
        Some("redacted_thinking") => {
            let data = block.string("data").map_err(at)?;
            push_deltas(index, data.map(Delta::ReasoningRedacted), events);
            keep_rest(block, extra, events);
        }
        Some("tool_use" | "server_tool_use") => {
            let tool_use_id = need(block.string("id").map_err(at)?, "id").map_err(at)?;
            let name = need(block.string("name").map_err(at)?, "name").map_err(at)?;
            let input = block.take("input");
            if kind.as_deref() == Some("tool_use") {
                block.skip("type");
            }
            let start = BlockStart::ToolUse { tool_use_id, name, extra: block.rest() };
            events.push(Event::BlockStart { index, start, extra });
            let empty = |input: &Value| input.as_object().is_some_and(Map::is_empty);
            let input = input.filter(|input| !empty(input)).map(|input| input.to_string());
            push_deltas(index, input.map(|input| Delta::ToolUse { input }), events);
        }
        _ => {
            let start = BlockStart::Unknown(block.rest());
            events.push(Event::BlockStart { index, start, extra });
        }
    }
    Ok(())
}

/// Keeps what a start without a counterpart holds beside its text.
fn keep_rest(mut block: Object, mut extra: Map, events: &mut Vec<Event>) {
    block.skip("type");
    let rest = block.rest();
    if !rest.is_empty() {
        extra.set("content_block", rest);
    }
    if !extra.is_empty() {
        let kind = "content_block_start".to_owned();
        events.push(Event::Unknown { kind, payload: Value::Object(extra) });
    }
}

fn push_deltas(index: u32, deltas: impl IntoIterator<Item = Delta>, events: &mut Vec<Event>) {
    events.extend(deltas.into_iter().map(|delta| Event::delta(index, delta)));
}

fn block_delta(mut chunk: Object) -> Result<Event, DecodeError> {
    let index = index(&mut chunk)?;
    let mut inner = need(chunk.object("delta")?, "delta")?;
    let delta = match DELTAS.iter().find(|(kind, ..)| inner.text("type") == Some(kind)) {
        Some((_, key, delta)) => {
            let text = inner.string(key).and_then(|text| need(text, key));
            let delta = delta(text.map_err(|error| error.at("delta"))?);
            inner.skip("type");
            let rest = inner.rest();
            if !rest.is_empty() {
                chunk.put("delta", Value::Object(rest));
            }
            delta
        }
        None if inner.text("type") == Some("citations_delta") => match inner.take("citation") {
            Some(citation) => Delta::Citation(citation),
            None => Delta::Unknown(inner.rest()),
        },
        None => Delta::Unknown(inner.rest()),
    };
    Ok(Event::BlockDelta { index, delta, extra: native(chunk.rest()) })
}

fn index(chunk: &mut Object) -> Result<u32, DecodeError> {
    need(chunk.limit("index")?, "index")
}

/// The exception that an error chunk stands for.
fn fault(mut chunk: Object) -> Fault {
    let error = chunk.take("error").unwrap_or_default();
    let text = |key| error.get(key).and_then(Value::as_str);
    let mut fault = Fault::classify(text("type"), 0, text("message"));
    fault.extra = chunk.rest();
    fault.extra.set("error", error.clone());
    fault
}

type Piece = fn(alloc::string::String) -> Delta;

const THINKING: [(&str, Piece); 2] =
    [("thinking", Delta::ReasoningText), ("signature", Delta::ReasoningSignature)];

const DELTAS: &[(&str, &str, Piece)] = &[
    ("text_delta", "text", Delta::Text),
    ("input_json_delta", "partial_json", |input| Delta::ToolUse { input }),
    ("thinking_delta", "thinking", Delta::ReasoningText),
    ("signature_delta", "signature", Delta::ReasoningSignature),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_start_that_becomes_no_event_keeps_what_it_held_beside_its_text() {
        let plain = json!({"type": "text", "text": "Hel", "citations": null});
        let more = json!({"type": "text", "text": "Hel", "style": "bold"});
        for (block, kept) in [(plain, None), (more, Some(json!({"style": "bold"})))] {
            let chunk = json!({"type": "content_block_start", "index": 0, "content_block": block});
            let mut events = Vec::new();
            Decoder::default().read(Object::new(chunk).unwrap(), &mut events).unwrap();
            assert_eq!(events.remove(0).text(), Some("Hel"));
            let rest = events.pop().map(|event| event.to_json());
            let kept = kept.map(|kept| json!({"content_block_start": {"content_block": kept}}));
            assert_eq!(rest, kept);
        }
    }
}
