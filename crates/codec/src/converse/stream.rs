//! The frames of ConverseStream: each payload is the JSON of one event, with padding beside it.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::{event, piece};
use crate::event::Event;
use crate::format::EventDecoder;
use crate::halves::Halves;
use crate::stream::StreamError;

#[derive(Default)]
pub(super) struct Decoder {
    halves: Halves,
}

impl EventDecoder for Decoder {
    fn decode(
        &mut self,
        kind: &str,
        payload: &[u8],
        events: &mut Vec<Event>,
    ) -> Result<(), StreamError> {
        if kind == event::BLOCK_DELTA
            && let Some(event) = piece::read(payload)
        {
            events.push(event);
            return Ok(());
        }
        events.push(if event::is_known(kind) {
            let mut payload = self.halves.parse(payload).map_err(crate::DecodeError::from)?;
            strip_padding(&mut payload);
            event::read(kind, payload).map_err(|error| error.at(kind))?
        } else {
            unknown(kind, payload)
        });
        Ok(())
    }
}

/// An event of a kind that this crate does not know.
pub(crate) fn unknown(kind: &str, payload: &[u8]) -> Event {
    let payload = serde_json::from_slice(payload).map_or_else(
        |_| Value::String(String::from_utf8_lossy(payload).into_owned()),
        |mut payload| {
            strip_padding(&mut payload);
            payload
        },
    );
    Event::Unknown { kind: kind.to_owned(), payload }
}

/// Takes out `p`, text of random length that hides how long the tokens are.
fn strip_padding(payload: &mut Value) {
    if let Value::Object(members) = payload {
        members.remove("p");
    }
}
