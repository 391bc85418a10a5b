//! Streams of families whose chunks are pieces of one text.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::Map;
use crate::error::DecodeError;
use crate::event::{Delta, Event};
use crate::format::Announced;
use crate::invoke::{ChunkDecoder, guarded, intervened, native};
use crate::json::Object;
use crate::message::Role;
use crate::stop::StopReason;
use crate::stream::StreamError;
use crate::usage::Usage;

/// Turns pieces of one text into the events of a message with one block.
pub(super) struct Speech {
    keys: &'static Keys,
    begun: bool,
    spoken: bool,
    input: Option<u64>,
    output: Option<u64>,
}

/// How a family names what a chunk holds.
pub(super) struct Keys {
    pub(super) text: &'static str,
    /// Takes the stop reason out of a chunk.
    pub(super) take_stop: fn(&mut Object) -> Result<Option<StopReason>, DecodeError>,
    /// The counts of tokens, where a family has them: that of the input, which comes once, and that
    /// of the output, of which the last one is valid.
    pub(super) counts: Option<[&'static str; 2]>,
    /// A guardrail that only masks says so on every chunk. A chunk that stands for a blocked reply
    /// has no stop reason, and the count of output tokens as said here.
    pub(super) blocked_is_counted: bool,
}

impl Speech {
    pub(super) fn new(keys: &'static Keys) -> Self {
        Self { keys, begun: false, spoken: false, input: None, output: None }
    }

    fn usage(&self) -> Option<Usage> {
        self.input.zip(self.output).map(|(input, output)| Usage::new(input, output))
    }
}

impl ChunkDecoder for Speech {
    fn read(&mut self, mut chunk: Object, events: &mut Vec<Event>) -> Result<(), StreamError> {
        let keys = self.keys;
        let text = chunk.string(keys.text)?;
        let intervened = intervened(&chunk);
        let mut stop = (keys.take_stop)(&mut chunk)?;
        let is_counted = keys.counts.is_some_and(|[_, output]| chunk.has_count(output));
        if stop.is_some() || is_counted == keys.blocked_is_counted {
            stop = guarded(stop, intervened);
        }
        if let Some([input, output]) = keys.counts {
            self.input = chunk.lenient_count(input).or(self.input);
            self.output = chunk.lenient_count(output).or(self.output);
        }
        // There is one block, whatever the index says.
        chunk.skip("index");
        let mut rest = chunk.rest();
        if text.is_none() && stop.is_none() {
            let payload = Value::Object(rest);
            events.push(Event::Unknown { kind: "chunk".into(), payload });
            return Ok(());
        }
        rest.retain(|_, value| !value.is_null());
        if !self.begun {
            self.begun = true;
            events.push(Event::MessageStart { role: Role::Assistant, extra: Map::new() });
        }
        let (here, at_stop) = match stop {
            None => (native(rest), Map::new()),
            Some(_) => (Map::new(), native(rest)),
        };
        let silent = text.as_ref().is_none_or(String::is_empty);
        if let Some(text) = text.filter(|_| !silent || !here.is_empty()) {
            self.spoken = true;
            events.push(Event::BlockDelta { index: 0, delta: Delta::Text(text), extra: here });
        }
        let Some(stop_reason) = stop else { return Ok(()) };
        if self.spoken {
            events.push(Event::block_stop(0));
        }
        events.push(Event::MessageStop { stop_reason, extra: at_stop });
        if let Some(usage) = self.usage() {
            let usage = Some(usage);
            events.push(Event::Metadata { usage, latency_ms: None, extra: Map::new() });
        }
        Ok(())
    }

    fn announced(&self) -> Announced {
        Announced { stop_reason: None, usage: self.usage() }
    }
}
