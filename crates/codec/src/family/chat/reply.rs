//! Replies, whole and in chunks: a whole one is read as a stream of one chunk.

mod choice;
mod decoder;

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde_json::Value;

use self::choice::{Choices, take_choices};
use self::decoder::Decoder;
use super::Dialect;
use crate::error::DecodeError;
use crate::fold::Fold;
use crate::format::{EventDecoder, Headers};
use crate::invoke::{Chunks, latency_of, usage_of};
use crate::json::Object;
use crate::reply::Reply;

/// Reads a whole reply. Of several choices the first is the reply, and the others are kept among
/// its native members.
pub(in crate::family) fn decode(
    dialect: Dialect,
    body: Value,
    headers: &dyn Headers,
) -> Result<Reply, DecodeError> {
    let mut body = Object::new(body)?;
    let Choices { key, mut first, others } = take_choices(&mut body)?;
    if let Some(choice) = &mut first {
        // Nothing follows a whole reply, whatever it says.
        choice.goes_on = false;
    }
    if !others.is_empty() {
        body.put(key, others.into());
    }
    let found = first.is_some();
    let (mut events, mut fold) = (Vec::new(), Fold::new());
    Decoder::new(dialect).step(first, body, &mut events);
    events.iter().try_for_each(|event| fold.push(event))?;
    let mut reply = fold.finish().map_err(|_| match found {
        true => DecodeError::missing("finish_reason").at_index(0).at(key),
        false => DecodeError::missing(key),
    })?;
    reply.usage = reply.usage.or_else(|| usage_of(headers));
    reply.latency_ms = latency_of(headers);
    Ok(reply)
}

/// A reader for a stream.
pub(in crate::family) fn event_decoder(dialect: Dialect) -> Box<dyn EventDecoder> {
    Box::new(Chunks::new(Decoder::new(dialect)))
}
