//! The event in a frame: its names, and its JSON wherever the frame keeps it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use codec::frame::{self, Decoded, Frame, FrameKind};
use serde_json::Value;

use super::stop_reason;
use crate::wire::set;

/// An event, read so that it can be changed.
#[derive(Debug, Clone)]
pub(super) struct Event {
    frame: Bytes,
    /// What the payload says around the JSON of a model, which is in base64.
    wrapping: Option<Value>,
    /// What the event says.
    pub(super) value: Value,
}

impl Event {
    /// Reads the event of a frame. Exceptions and what is no JSON are none.
    pub(super) fn read(bytes: &Bytes) -> Option<Self> {
        let frame = whole(bytes)?;
        if frame.kind() != FrameKind::Event {
            return None;
        }
        let payload: Value = serde_json::from_slice(frame.payload()).ok()?;
        let wrapped = payload.get("bytes").and_then(Value::as_str);
        let (value, wrapping) = match wrapped {
            Some(inner) => {
                (serde_json::from_slice(&STANDARD.decode(inner).ok()?).ok()?, Some(payload))
            }
            None => (payload, None),
        };
        Some(Self { frame: bytes.clone(), wrapping, value })
    }

    /// Whether it goes by this name: its type, what a model calls it, or its only member. An event
    /// that states a stop reason is a `messageStop`, whatever its family calls it.
    pub(super) fn is(&self, name: &str) -> bool {
        let kind = whole(&self.frame).and_then(|frame| frame.event_type().map(str::to_owned));
        let own =
            ["type", "event_type"].into_iter().filter_map(|key| self.value.get(key)?.as_str());
        let members = self.value.as_object().into_iter().flat_map(|members| members.keys());
        let mut names = kind.as_deref().into_iter().chain(own).chain(members.map(String::as_str));
        names.any(|own| same(own, name))
            || same(name, "messageStop") && stop_reason::is_stated(&self.value)
    }

    /// The frame with what the event says now.
    pub(super) fn write(self) -> Bytes {
        let Self { frame: bytes, wrapping, value } = self;
        let payload = match wrapping {
            Some(mut payload) => {
                set(&mut payload, "bytes", STANDARD.encode(value.to_string()));
                payload
            }
            None => value,
        };
        let headers: Vec<_> = whole(&bytes).into_iter().flat_map(|frame| frame.headers()).collect();
        let written = frame::encode(&headers, payload.to_string().as_bytes());
        written.map_or(bytes, Bytes::from)
    }
}

/// The frame of some bytes, if they are one.
fn whole(bytes: &Bytes) -> Option<Frame<'_>> {
    match frame::decode(bytes) {
        Ok(Decoded::Complete { frame, .. }) => Some(frame),
        _ => None,
    }
}

/// Whether two names are one but for the marks between their words and the size of their letters.
fn same(one: &str, other: &str) -> bool {
    let letters = |name: &str| -> Vec<u8> {
        name.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()).collect()
    };
    letters(one) == letters(other)
}
