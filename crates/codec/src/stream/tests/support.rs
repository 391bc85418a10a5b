//! Streams written by hand.

use std::string::ToString;
use std::vec::Vec;

use serde_json::{Value, json};

use crate::frame::{self, HeaderValue};
use crate::{Api, Event, Finish, ModelRef, StreamDecoder, StreamError};

/// A frame of an event.
pub(super) fn event(kind: &str, payload: &Value) -> Vec<u8> {
    frame(&[(":event-type", kind), (":message-type", "event")], payload.to_string().as_bytes())
}

/// A frame of an exception.
pub(super) fn exception(name: &str, message: &str) -> Vec<u8> {
    let headers = [(":exception-type", name), (":message-type", "exception")];
    frame(&headers, json!({"message": message}).to_string().as_bytes())
}

pub(super) fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (*name, HeaderValue::String(value))).collect();
    frame::encode(&headers, payload).unwrap()
}

/// The Converse frames of a reply that says `Hello`.
pub(super) fn hello() -> Vec<Vec<u8>> {
    [
        event("messageStart", &json!({"role": "assistant", "p": "ab"})),
        event("contentBlockDelta", &json!({"contentBlockIndex": 0, "delta": {"text": "Hel"}})),
        event("contentBlockDelta", &json!({"contentBlockIndex": 0, "delta": {"text": "lo"}})),
        event("contentBlockStop", &json!({"contentBlockIndex": 0})),
        event("messageStop", &json!({"stopReason": "end_turn"})),
        event(
            "metadata",
            &json!({"usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
                "metrics": {"latencyMs": 70}}),
        ),
    ]
    .into()
}

pub(super) fn converse() -> StreamDecoder {
    let model = ModelRef::parse("us.amazon.nova-lite-v1:0").unwrap();
    StreamDecoder::new(&model, Api::Converse).unwrap()
}

/// What a decoder gave, and how it ended.
#[derive(Debug, PartialEq)]
pub(super) struct Run {
    pub(super) events: Vec<Event>,
    pub(super) error: Option<StreamError>,
    pub(super) finish: Finish,
}

/// Feeds the pieces, reading all events after each.
pub(super) fn run<P: AsRef<[u8]>>(
    mut decoder: StreamDecoder,
    pieces: impl IntoIterator<Item = P>,
) -> Run {
    let (mut events, mut error) = (Vec::new(), None);
    for piece in pieces {
        decoder.push(piece.as_ref());
        loop {
            match decoder.next() {
                Ok(None) => break,
                Ok(Some(event)) => {
                    assert_eq!(error, None, "an event came after an error");
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
