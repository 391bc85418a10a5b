//! The streamed reply: frames that leave when the model would have said them.

use std::iter::Peekable;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use codec::frame::{self, HeaderValue as FrameValue};
use futures_util::stream;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};

use super::Call;
use crate::body::{self, BodyError, Response};
use crate::clock;
use crate::error::insert;
use crate::ids::mix;
use crate::model::Answer;
use crate::route::RunApi;
use crate::wire::{Chunk, Chunks, Meta, Metrics, set};

/// An answer being spoken. It lives in the body of the response, so a client that goes away ends
/// it: the charge is settled to what was said, and the call is no longer open.
struct Speech {
    call: Call,
    chunks: Peekable<Chunks>,
    metrics: Metrics,
    /// Drawn anew for each frame.
    padding: u64,
}

pub(super) fn respond(call: Call, answer: Answer, meta: &Meta) -> Response {
    let metrics = Metrics { usage: answer.usage, latency_ms: 0, first_byte_ms: 0 };
    let api = call.api;
    let padding = call.state.ids.draw();
    let chunks = call.wire.stream(answer, meta).peekable();
    let speech = Speech { call, chunks, metrics, padding };
    let mut response = hyper::Response::new(body::stream(stream::unfold(speech, Speech::next)));
    let headers = response.headers_mut();
    let content_type = HeaderValue::from_static("application/vnd.amazon.eventstream");
    headers.insert(CONTENT_TYPE, content_type);
    if api == RunApi::Invoke {
        insert(headers, "x-amzn-bedrock-content-type", "application/json");
    }
    response
}

impl Speech {
    /// The next frame, when it is due.
    async fn next(mut self) -> Option<(Result<Bytes, BodyError>, Self)> {
        let Chunk { event, mut value, tokens } = self.chunks.next()?;
        let call = &mut self.call;
        clock::sleep_until(call.started + call.state.settings.due(tokens)).await;
        call.charge.said(tokens);
        let elapsed = clock::millis_since(call.started);
        if self.metrics.first_byte_ms == 0 {
            self.metrics.first_byte_ms = elapsed;
        }
        if self.chunks.peek().is_none() {
            self.metrics.latency_ms = elapsed;
            call.wire.close(&mut value, &self.metrics);
        }
        self.padding = mix(self.padding);
        let frame = write(call.api, event, value, padding(self.padding));
        Some((frame.map(Bytes::from).map_err(Into::into), self))
    }
}

/// One event as a frame: a model's own wrapped in base64, one of Converse as it is.
fn write(
    api: RunApi,
    event: &str,
    mut value: Value,
    padding: &str,
) -> Result<Vec<u8>, frame::FrameError> {
    let payload = match api {
        RunApi::Invoke => json!({ "bytes": STANDARD.encode(value.to_string()), "p": padding }),
        RunApi::Converse => {
            set(&mut value, "p", padding);
            value
        }
    };
    let headers = [
        (":event-type", FrameValue::String(event)),
        (":content-type", FrameValue::String("application/json")),
        (":message-type", FrameValue::String("event")),
    ];
    frame::encode(&headers, payload.to_string().as_bytes())
}

/// Some of the alphabet, so that the length of a frame does not tell the length of its text.
fn padding(drawn: u64) -> &'static str {
    let length = 1 + usize::try_from(drawn % 62).unwrap_or(0);
    ALPHABET.get(..length).unwrap_or(ALPHABET)
}

const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
