//! Streams of Command R: typed chunks, of which the last repeats the whole reply.

use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::Value;

use super::{CALLS, CITATIONS, FINISH, TEXT, asks_for_tools, read_calls};
use crate::Map;
use crate::block::Block;
use crate::error::DecodeError;
use crate::event::{BlockStart, Delta, Event};
use crate::family::command::take_stop;
use crate::invoke::{ChunkDecoder, guarded, intervened, native};
use crate::json::{Object, merge, need};
use crate::message::Role;
use crate::stop::StopReason;
use crate::stream::StreamError;

/// What has been said, so that nothing is said twice.
#[derive(Default)]
pub(super) struct Decoder {
    begun: bool,
    spoken: bool,
    cited: bool,
    called: usize,
    /// The index of the next block.
    next: u32,
    /// The block of text that has not been closed.
    open: Option<u32>,
}

impl ChunkDecoder for Decoder {
    fn read(&mut self, mut chunk: Object, events: &mut Vec<Event>) -> Result<(), StreamError> {
        let kind = chunk.string("event_type")?;
        let finished = chunk.take("is_finished").as_ref().and_then(Value::as_bool);
        let mut whole = chunk.object(RESPONSE)?;
        let mut stop = take_stop(&mut chunk)?;
        if let Some(whole) = &mut whole {
            let again = take_stop(whole).map_err(|error| error.at(RESPONSE))?;
            stop = stop.or(again);
        }
        let blocked = intervened(&chunk) && finished.is_none();
        if finished == Some(true) || stop.is_some() || blocked {
            return Ok(self.end(stop, chunk, whole, events)?);
        }
        if kind.as_deref() == Some("stream-start") {
            self.begin(native(chunk.rest()), events);
        } else if [TEXT, CITATIONS, CALLS].iter().any(|key| chunk.get(key).is_some()) {
            self.begin(Map::new(), events);
            if chunk.get(CALLS).is_some() && self.spoken {
                // What is planned comes in pieces, and once more with the calls.
                chunk.skip(TEXT);
            }
            self.say(&mut chunk, events)?;
            if let Some(extra) = events.last_mut().and_then(Event::extra_mut) {
                merge(extra, native(chunk.rest()));
            }
        } else {
            let kind = kind.unwrap_or_else(|| "chunk".into());
            events.push(Event::Unknown { kind, payload: Value::Object(chunk.rest()) });
        }
        Ok(())
    }
}

impl Decoder {
    fn begin(&mut self, extra: Map, events: &mut Vec<Event>) {
        if !self.begun {
            self.begun = true;
            events.push(Event::MessageStart { role: Role::Assistant, extra });
        }
    }

    fn say(&mut self, from: &mut Object, events: &mut Vec<Event>) -> Result<(), DecodeError> {
        if let Some(text) = from.string(TEXT)?.filter(|text| !text.is_empty()) {
            self.spoken = true;
            self.speak(Delta::Text(text), events);
        }
        for citation in from.filled(CITATIONS)? {
            self.cited = true;
            self.speak(Delta::Citation(citation), events);
        }
        let calls = read_calls(from, self.called)?;
        calls.into_iter().for_each(|call| self.call(call, events));
        Ok(())
    }

    /// Adds what has not been said of a part that repeats the reply.
    fn say_rest(&mut self, from: &mut Object, events: &mut Vec<Event>) -> Result<(), DecodeError> {
        let known = [(TEXT, self.spoken), (CITATIONS, self.cited), (CALLS, self.called > 0)];
        for (key, _) in known.into_iter().filter(|(_, said)| *said) {
            from.skip(key);
        }
        self.say(from, events)
    }

    fn speak(&mut self, delta: Delta, events: &mut Vec<Event>) {
        let index = *self.open.get_or_insert_with(|| {
            let index = self.next;
            self.next = self.next.saturating_add(1);
            index
        });
        events.push(Event::delta(index, delta));
    }

    /// Adds a call, which always comes whole.
    fn call(&mut self, call: Block, events: &mut Vec<Event>) {
        let (tool_use_id, name, input, extra) = match call {
            Block::ToolUse(tool) => {
                (tool.tool_use_id, tool.name, Value::Object(tool.input).to_string(), tool.extra)
            }
            Block::IncompleteToolUse(tool) => {
                (tool.tool_use_id.unwrap_or_default(), tool.name, tool.raw, tool.extra)
            }
            _ => return,
        };
        self.close(events);
        let index = self.next;
        self.next = self.next.saturating_add(1);
        self.called += 1;
        let start = BlockStart::ToolUse { tool_use_id, name, extra };
        events.push(Event::BlockStart { index, start, extra: Map::new() });
        events.push(Event::delta(index, Delta::ToolUse { input }));
        events.push(Event::block_stop(index));
    }

    fn close(&mut self, events: &mut Vec<Event>) {
        events.extend(self.open.take().map(Event::block_stop));
    }

    /// Ends the message with what the last chunk adds.
    fn end(
        &mut self,
        stop: Option<StopReason>,
        mut chunk: Object,
        whole: Option<Object>,
        events: &mut Vec<Event>,
    ) -> Result<(), DecodeError> {
        self.begin(Map::new(), events);
        self.say_rest(&mut chunk, events)?;
        let stop = guarded(stop, intervened(&chunk));
        let mut rest = chunk.rest();
        if let Some(mut whole) = whole {
            self.say_rest(&mut whole, events).map_err(|error| error.at(RESPONSE))?;
            merge(&mut rest, whole.rest());
        }
        let stop_reason = need(asks_for_tools(stop, self.called > 0), FINISH)?;
        self.close(events);
        events.push(Event::MessageStop { stop_reason, extra: native(rest) });
        Ok(())
    }
}

const RESPONSE: &str = "response";
