//! Replies with a list of texts: the first is the reply, and the others are alternatives to it.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use crate::Map;
use crate::block::Block;
use crate::error::DecodeError;
use crate::event::{Delta, Event};
use crate::format::Headers;
use crate::invoke::{ChunkDecoder, guarded, intervened, latency_of, native, usage_of};
use crate::json::{Members, Object, elements, need};
use crate::message::{Message, Role};
use crate::reply::Reply;
use crate::stop::StopReason;
use crate::stream::StreamError;

/// Where a family puts its texts.
pub(super) struct Place {
    /// The name of the list.
    pub(super) list: &'static str,
    /// The member of an element that has the text.
    pub(super) text: &'static str,
    /// Takes the text out of an element.
    pub(super) take_text: fn(&mut Object) -> Result<Option<String>, DecodeError>,
    /// The member of an element that has the stop reason.
    pub(super) stop: &'static str,
    /// Takes the stop reason out of an element.
    pub(super) take_stop: fn(&mut Object) -> Result<Option<StopReason>, DecodeError>,
}

/// The first text and what came with it.
struct First {
    text: String,
    stop_reason: StopReason,
    /// The body without the text. What is left of the first element is still in its place, in
    /// front of the alternatives.
    rest: Map,
}

impl Place {
    /// Reads a reply, whose counts are in the headers.
    pub(super) fn decode(&self, body: Object, headers: &dyn Headers) -> Result<Reply, DecodeError> {
        let First { text, stop_reason, rest } = self.read(body)?;
        let content = if text.is_empty() { vec![] } else { vec![Block::text(text)] };
        Ok(Reply {
            message: Message::new(Role::Assistant, content),
            stop_reason,
            usage: usage_of(headers),
            latency_ms: latency_of(headers),
            extra: native(rest),
        })
    }

    /// Adds the events of a whole reply that came as one chunk.
    pub(super) fn tell(&self, chunk: Object, events: &mut Vec<Event>) -> Result<(), DecodeError> {
        let First { text, stop_reason, rest } = self.read(chunk)?;
        events.push(Event::MessageStart { role: Role::Assistant, extra: Map::new() });
        if !text.is_empty() {
            events.push(Event::delta(0, Delta::Text(text)));
            events.push(Event::block_stop(0));
        }
        events.push(Event::MessageStop { stop_reason, extra: native(rest) });
        Ok(())
    }

    fn read(&self, mut body: Object) -> Result<First, DecodeError> {
        let blocked = intervened(&body);
        let list = need(body.read(self.list, |list| elements(list, Object::new))?, self.list)?;
        let mut list = list.into_iter();
        let mut first = need(list.next(), self.list)?;
        let at = |error: DecodeError| error.at_index(0).at(self.list);
        let text = need((self.take_text)(&mut first).map_err(at)?, self.text).map_err(at)?;
        let stop = guarded((self.take_stop)(&mut first).map_err(at)?, blocked);
        let stop_reason = need(stop, self.stop).map_err(at)?;
        let others: Vec<Value> = list.map(|other| other.rest().into()).collect();
        let mut rest = body.rest();
        if !(first.is_empty() && others.is_empty()) {
            rest.set(self.list, [vec![first.rest().into()], others].concat());
        }
        Ok(First { text, stop_reason, rest })
    }
}

/// Reads streams whose one chunk is a whole reply.
pub(super) struct Whole(&'static Place);

impl Whole {
    pub(super) fn new(place: &'static Place) -> Self {
        Self(place)
    }
}

impl ChunkDecoder for Whole {
    fn read(&mut self, chunk: Object, events: &mut Vec<Event>) -> Result<(), StreamError> {
        if chunk.get(self.0.list).is_some() {
            return Ok(self.0.tell(chunk, events)?);
        }
        let payload = Value::Object(chunk.rest());
        events.push(Event::Unknown { kind: "chunk".into(), payload });
        Ok(())
    }
}
