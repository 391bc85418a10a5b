//! Nova's streams: Converse's events, with one block per piece of text.

use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::Value;

use super::usage;
use crate::Map;
use crate::converse;
use crate::event::{Delta, Event};
use crate::invoke::{ChunkDecoder, guarded, intervened, native};
use crate::json::{Object, exactly, merge};
use crate::stream::StreamError;
use crate::usage::Usage;

/// Joins pieces of text that follow each other: Nova ends the block and counts the index up after
/// every one.
#[derive(Default)]
pub(super) struct Decoder {
    next: u32,
    open: Option<Open>,
    intervened: bool,
}

/// The block to which the last event belonged.
struct Open {
    /// Its index in the vocabulary.
    index: u32,
    /// Nova's index of its last piece.
    native: u32,
    joins: Joins,
    /// Nova has ended it, and the next piece may still continue it.
    ended: bool,
}

/// Which pieces continue a block that Nova has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joins {
    Text,
    Reasoning,
    Nothing,
}

/// A chunk that is a plain piece of a block.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Chunk {
    ContentBlockDelta(converse::piece::Payload),
}

impl ChunkDecoder for Decoder {
    fn read(&mut self, chunk: Object, events: &mut Vec<Event>) -> Result<(), StreamError> {
        self.intervened |= intervened(&chunk);
        let mut rest = chunk.rest();
        let kind = rest.keys().find(|key| converse::event::is_known(key)).cloned();
        let Some(kind) = kind else {
            let kind = rest.keys().next().cloned().unwrap_or_default();
            events.push(Event::Unknown { kind, payload: Value::Object(rest) });
            return Ok(());
        };
        let mut payload = rest.remove(&kind).unwrap_or_default();
        let counted = (kind == "metadata").then(|| take_usage(&mut payload)).flatten();
        let event = converse::event::read(&kind, payload).map_err(|error| error.at(&kind))?;
        self.place(with(event, rest, counted), events);
        Ok(())
    }

    fn read_piece(&mut self, chunk: &[u8], events: &mut Vec<Event>) -> Option<()> {
        let Chunk::ContentBlockDelta(payload) = exactly(chunk)?;
        self.place(payload.into(), events);
        Some(())
    }
}

impl Decoder {
    /// Gives the event the index of the block that it belongs to, and ends the one before.
    fn place(&mut self, event: Event, events: &mut Vec<Event>) {
        match event {
            Event::BlockStart { index: native, start, extra } => {
                let index = self.begin(native, Joins::Nothing, events);
                events.push(Event::BlockStart { index, start, extra });
            }
            Event::BlockDelta { index: native, delta, extra } => {
                let index = self.continued(native, joins(&delta), events);
                events.push(Event::BlockDelta { index, delta, extra });
            }
            Event::BlockStop { index: native, extra } => match &mut self.open {
                Some(open) if open.native == native && open.joins != Joins::Nothing => {
                    open.ended = true;
                }
                Some(open) if open.native == native => {
                    events.push(Event::BlockStop { index: open.index, extra });
                    self.open = None;
                }
                // The end of a block that has not begun.
                _ => {}
            },
            Event::MessageStop { stop_reason, extra } => {
                self.end(events);
                // A reason is there, so one is left.
                if let Some(stop_reason) = guarded(Some(stop_reason), self.intervened) {
                    events.push(Event::MessageStop { stop_reason, extra });
                }
            }
            event => events.push(event),
        }
    }

    fn continued(&mut self, native: u32, joins: Joins, events: &mut Vec<Event>) -> u32 {
        match &mut self.open {
            Some(open) if open.native == native && !open.ended => {
                open.joins = joins;
                open.index
            }
            Some(open) if open.joins == joins && joins != Joins::Nothing => {
                open.native = native;
                open.ended = false;
                open.index
            }
            _ => self.begin(native, joins, events),
        }
    }

    fn begin(&mut self, native: u32, joins: Joins, events: &mut Vec<Event>) -> u32 {
        self.end(events);
        let index = self.next;
        self.next = self.next.saturating_add(1);
        self.open = Some(Open { index, native, joins, ended: false });
        index
    }

    /// Ends the open block if Nova has.
    fn end(&mut self, events: &mut Vec<Event>) {
        if let Some(open) = self.open.take()
            && open.ended
        {
            events.push(Event::block_stop(open.index));
        }
    }
}

fn joins(delta: &Delta) -> Joins {
    match delta {
        Delta::Text(_) => Joins::Text,
        Delta::ReasoningText(_) => Joins::Reasoning,
        _ => Joins::Nothing,
    }
}

/// Takes the usage out of the metadata, and what is empty in it.
fn take_usage(metadata: &mut Value) -> Option<Usage> {
    let members = metadata.as_object_mut()?;
    for key in ["metrics", "trace"] {
        if members.get(key).and_then(Value::as_object).is_some_and(Map::is_empty) {
            members.remove(key);
        }
    }
    let counted = usage(members.get("usage")?.clone()).ok()?;
    members.remove("usage");
    Some(counted)
}

/// Adds what the chunk holds beside the event, and the usage to metadata.
fn with(mut event: Event, rest: Map, counted: Option<Usage>) -> Event {
    if let Event::Metadata { usage, .. } = &mut event {
        *usage = counted.or_else(|| usage.take());
    }
    if let Some(extra) = event.extra_mut() {
        merge(extra, native(rest));
    }
    event
}
