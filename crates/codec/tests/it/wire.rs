//! Streams as the service would send them, and what a decoder makes of their bytes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use outcrop_codec::frame::{self, HeaderValue};
use outcrop_codec::{Event, Finish, StreamDecoder, StreamError};
use serde_json::{Value, json};

/// A frame of an event, with padding.
pub(crate) fn event(kind: &str, payload: &Value) -> Vec<u8> {
    let mut payload = payload.clone();
    payload["p"] = Value::from("abcdefghi");
    let headers = [
        (":event-type", HeaderValue::String(kind)),
        (":content-type", HeaderValue::String("application/json")),
        (":message-type", HeaderValue::String("event")),
    ];
    frame::encode(&headers, payload.to_string().as_bytes()).unwrap()
}

/// A frame of an event that is written as an object with one member.
pub(crate) fn tagged(tagged: &Value) -> Vec<u8> {
    let (kind, payload) = tagged.as_object().unwrap().iter().next().unwrap();
    event(kind, payload)
}

/// A frame of a chunk.
pub(crate) fn chunk(native: &Value) -> Vec<u8> {
    event("chunk", &json!({"bytes": BASE64_STANDARD.encode(native.to_string())}))
}

/// What a decoder gave, and how it ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) events: Vec<Event>,
    pub(crate) error: Option<StreamError>,
    pub(crate) finish: Finish,
}

impl Run {
    pub(crate) fn text(&self) -> String {
        self.events.iter().filter_map(Event::text).collect()
    }

    /// The text of the reply, whole or partial.
    pub(crate) fn final_text(&self) -> String {
        match &self.finish {
            Finish::Complete(reply) => reply.text(),
            Finish::Incomplete { partial, .. } => partial.text(),
        }
    }

    pub(crate) fn is_complete(&self) -> bool {
        matches!(self.finish, Finish::Complete(_))
    }
}

/// Feeds the pieces, reading all events after each.
pub(crate) fn run<'a>(
    mut decoder: StreamDecoder,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Run {
    let (mut events, mut error) = (Vec::new(), None);
    for piece in pieces {
        decoder.push(piece);
        loop {
            match decoder.next() {
                Ok(None) => break,
                Ok(Some(event)) => {
                    assert!(error.is_none(), "an event came after an error");
                    events.push(event);
                }
                Err(again) => {
                    assert!(error.is_none() || error.as_ref() == Some(&again), "{again}");
                    error = Some(again);
                    break;
                }
            }
        }
    }
    Run { events, error, finish: decoder.finish() }
}
