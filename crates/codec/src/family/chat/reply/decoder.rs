//! From chunks to events.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::choice::{Call, Choice, Choices, Content, take_choices};
use crate::Map;
use crate::error::DecodeError;
use crate::event::{BlockStart, Delta, Event};
use crate::family::chat::Dialect;
use crate::family::chat::marks::{Piece, Splitter};
use crate::format::Announced;
use crate::invoke::{ChunkDecoder, guarded, intervened, native};
use crate::json::{Object, count, merge, need};
use crate::message::Role;
use crate::stop::StopReason;
use crate::stream::StreamError;
use crate::usage::Usage;

/// Turns chunks into the events of a message.
pub(super) struct Decoder {
    dialect: Dialect,
    splitter: Option<Splitter>,
    begun: bool,
    ended: bool,
    /// The index of the next block.
    next: u32,
    open: Option<Open>,
    /// The last call that has begun under each number.
    calls: BTreeMap<u64, Begun>,
    usage: Option<Usage>,
    /// The members that chunks have had beside what they say; most repeat them every time.
    known: Map,
    /// Those of them that no event has carried yet.
    fresh: Map,
}

/// The block to which the last piece belonged.
#[derive(Clone, Copy, PartialEq)]
struct Open {
    index: u32,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Reasoning,
    /// A call, or a part of another kind.
    Other,
}

/// A call that has begun.
struct Begun {
    id: Option<String>,
    index: u32,
}

impl ChunkDecoder for Decoder {
    fn read(&mut self, mut chunk: Object, events: &mut Vec<Event>) -> Result<(), StreamError> {
        let Choices { key, first, others } = take_choices(&mut chunk)?;
        let alternatives = !others.is_empty();
        for choice in others {
            events.push(Event::Unknown { kind: key.into(), payload: choice });
        }
        let says_something = self.begun || first.is_some() || alternatives;
        if says_something || intervened(&chunk) || chunk.get(USAGE).is_some() {
            // An alternative comes in a chunk of its own, which says nothing of the reply.
            let first = first.or_else(|| alternatives.then(Choice::pause));
            self.step(first, chunk, events);
        } else {
            let payload = Value::Object(chunk.rest());
            events.push(Event::Unknown { kind: CHUNK.into(), payload });
        }
        Ok(())
    }

    fn announced(&self) -> Announced {
        Announced { stop_reason: None, usage: self.usage.clone() }
    }
}

impl Decoder {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            splitter: None,
            begun: false,
            ended: false,
            next: 0,
            open: None,
            calls: BTreeMap::new(),
            usage: None,
            known: Map::new(),
            fresh: Map::new(),
        }
    }

    /// Adds the events of a choice and of the members beside it.
    pub(super) fn step(
        &mut self,
        choice: Option<Choice>,
        mut beside: Object,
        events: &mut Vec<Event>,
    ) {
        let blocked = intervened(&beside);
        self.usage = Usage::take(&mut beside, USAGE, usage).or_else(|| self.usage.take());
        self.note(beside.rest());
        let mut choice = choice.unwrap_or_default();
        self.note(core::mem::take(&mut choice.rest));
        let stop = match choice.stop.take() {
            None if choice.goes_on => None,
            stop => guarded(stop, blocked),
        };
        self.begin(&mut choice, stop.is_some(), events);
        self.speak(choice, stop.is_some(), events);
        if let Some(stop_reason) = stop.filter(|_| !self.ended) {
            self.end(stop_reason, events);
        }
        if !self.ended {
            return;
        }
        if let Some(usage) = self.usage.take() {
            let (usage, extra) = (Some(usage), self.tell());
            events.push(Event::Metadata { usage, latency_ms: None, extra });
        } else if !self.fresh.is_empty() {
            // Metadata would end the stream, and the counts may still come.
            let payload = Value::Object(core::mem::take(&mut self.fresh));
            events.push(Event::Unknown { kind: CHUNK.into(), payload });
        }
    }

    /// Notes members that are new or have changed.
    fn note(&mut self, members: Map) {
        for (key, value) in members {
            if self.known.get(&key) != Some(&value) {
                self.fresh.insert(key.clone(), value.clone());
                self.known.insert(key, value);
            }
        }
    }

    fn tell(&mut self) -> Map {
        native(core::mem::take(&mut self.fresh))
    }

    fn begin(&mut self, choice: &mut Choice, ends: bool, events: &mut Vec<Event>) {
        if !self.begun {
            self.begun = true;
            let role = choice.role.take().unwrap_or(Role::Assistant);
            let extra = if ends { Map::new() } else { self.tell() };
            events.push(Event::MessageStart { role, extra });
        }
    }

    fn speak(&mut self, choice: Choice, ends: bool, events: &mut Vec<Event>) {
        let first = events.len();
        if let Some(reasoning) = choice.reasoning.filter(|reasoning| !reasoning.is_empty()) {
            self.say(Piece::Reasoning(reasoning), events);
        }
        let mut pieces = Vec::new();
        for content in choice.content {
            let marks = match choice.prompted {
                true => self.dialect.prompted_reasoning,
                false => self.dialect.reasoning,
            };
            let splitter = self.splitter.get_or_insert_with(|| Splitter::new(marks));
            match content {
                Content::Text(text) => splitter.push(text, &mut pieces),
                Content::Part(part) => {
                    splitter.finish(&mut pieces);
                    self.say_all(&mut pieces, events);
                    self.show(part, events);
                }
            }
            self.say_all(&mut pieces, events);
        }
        for call in choice.calls {
            self.flush(events);
            self.call(call, events);
        }
        // The end of the message tells the rest, if it comes now.
        if !ends
            && !self.fresh.is_empty()
            && let Some(event) = events.get_mut(first..).and_then(<[Event]>::first_mut)
            && let Some(extra) = event.extra_mut()
        {
            merge(extra, native(core::mem::take(&mut self.fresh)));
        }
    }

    fn say_all(&mut self, pieces: &mut Vec<Piece>, events: &mut Vec<Event>) {
        for piece in pieces.drain(..) {
            self.say(piece, events);
        }
    }

    fn say(&mut self, piece: Piece, events: &mut Vec<Event>) {
        let (kind, delta) = match piece {
            Piece::Text(text) => (Kind::Text, Delta::Text(text)),
            Piece::Reasoning(text) => (Kind::Reasoning, Delta::ReasoningText(text)),
        };
        let index = match self.open {
            Some(open) if open.kind == kind => open.index,
            _ => self.enter(kind, events),
        };
        events.push(Event::delta(index, delta));
    }

    /// A part that the vocabulary has no name for is a block of its own.
    fn show(&mut self, part: Map, events: &mut Vec<Event>) {
        let index = self.enter(Kind::Other, events);
        let start = BlockStart::Unknown(part);
        events.push(Event::BlockStart { index, start, extra: Map::new() });
    }

    fn call(&mut self, call: Call, events: &mut Vec<Event>) {
        let Call { number, id, name, arguments, mut extra } = call;
        let begun = self.calls.get(&number);
        let same = begun.filter(|begun| id.is_none() || id == begun.id);
        let index = match same.map(|begun| begun.index) {
            Some(index) => {
                // Calls may take turns.
                let open = Some(Open { index, kind: Kind::Other });
                if self.open != open {
                    self.close(events);
                    self.open = open;
                }
                index
            }
            None => {
                let index = self.enter(Kind::Other, events);
                self.calls.insert(number, Begun { id: id.clone(), index });
                // Without a name it is a piece of a call whose start is lost.
                if let Some(name) = name {
                    let tool_use_id = id.unwrap_or_default();
                    let extra = core::mem::take(&mut extra);
                    let start = BlockStart::ToolUse { tool_use_id, name, extra };
                    events.push(Event::BlockStart { index, start, extra: Map::new() });
                }
                index
            }
        };
        if !arguments.is_empty() || !extra.is_empty() {
            let delta = Delta::ToolUse { input: arguments };
            events.push(Event::BlockDelta { index, delta, extra: native(extra) });
        }
    }

    /// Ends the open block and takes the index of the next one.
    fn enter(&mut self, kind: Kind, events: &mut Vec<Event>) -> u32 {
        self.close(events);
        let index = self.next;
        self.next = self.next.saturating_add(1);
        self.open = Some(Open { index, kind });
        index
    }

    fn close(&mut self, events: &mut Vec<Event>) {
        if let Some(open) = self.open.take() {
            events.push(Event::block_stop(open.index));
        }
    }

    /// Says what was held back in case it became a mark.
    fn flush(&mut self, events: &mut Vec<Event>) {
        let mut pieces = Vec::new();
        if let Some(splitter) = &mut self.splitter {
            splitter.finish(&mut pieces);
        }
        self.say_all(&mut pieces, events);
    }

    fn end(&mut self, stop_reason: StopReason, events: &mut Vec<Event>) {
        self.flush(events);
        self.close(events);
        self.ended = true;
        let extra = self.tell();
        events.push(Event::MessageStop { stop_reason, extra });
    }
}

impl Choice {
    /// A choice that says nothing and goes on.
    fn pause() -> Self {
        Self { goes_on: true, ..Self::default() }
    }
}

fn usage(value: Value) -> Result<Usage, DecodeError> {
    let mut object = Object::new(value)?;
    let counted = Usage::take_pair(&mut object, "prompt_tokens", "completion_tokens");
    let mut usage = need(counted, "completion_tokens")?;
    if object.get("total_tokens").and_then(count) == Some(usage.total()) {
        object.skip("total_tokens");
    }
    // Input tokens that came from a cache are counted among the input, and stay where they are.
    usage.extra = object.rest();
    Ok(usage)
}

const CHUNK: &str = "chunk";
const USAGE: &str = "usage";
