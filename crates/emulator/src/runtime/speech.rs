//! The streamed reply: frames that leave when the model would have said them.

use std::vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use codec::frame::{self, HeaderValue as FrameValue};
use futures_util::{StreamExt, stream};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};

use super::teller::Teller;
use super::{Call, Said, Saying};
use crate::body::{self, BodyError, Response};
use crate::clock;
use crate::error::insert;
use crate::ids::mix;
use crate::route::RunApi;
use crate::wire::{Chunk, Meta, Metrics, set};

/// An answer being spoken. It lives in the body of the response, so a client that goes away ends
/// it: the charge is settled to what was said, and the call is no longer open.
struct Speech {
    call: Call,
    saying: Saying,
    teller: Teller,
    /// Events that wait to be written.
    ready: vec::IntoIter<Chunk>,
    first_byte_ms: Option<u64>,
    /// Drawn anew for each frame.
    padding: u64,
}

pub(super) fn respond(call: Call, saying: Saying, meta: Meta) -> Response {
    let (api, options) = (call.api, call.options.clone());
    let padding = call.state.ids.draw();
    let teller = Teller::new(call.wire, meta);
    let ready = Vec::new().into_iter();
    let speech = Speech { call, saying, teller, ready, first_byte_ms: None, padding };
    let mut response = hyper::Response::new(body::stream(stream::unfold(speech, Speech::next)));
    let headers = response.headers_mut();
    let content_type = HeaderValue::from_static("application/vnd.amazon.eventstream");
    headers.insert(CONTENT_TYPE, content_type);
    if api == RunApi::Invoke {
        insert(headers, "x-amzn-bedrock-content-type", "application/json");
        options.served_in(headers);
    }
    response
}

impl Speech {
    /// The next frame, once there is something to write.
    async fn next(mut self) -> Option<(Result<Bytes, BodyError>, Self)> {
        let frame = loop {
            if let Some(Chunk { event, value }) = self.ready.next() {
                self.padding = mix(self.padding);
                break write(self.call.api, event, value, padding(self.padding));
            }
            match self.saying.next().await? {
                Ok(said) => self.ready = self.tell(said).into_iter(),
                Err(refusal) => break refusal.frame(),
            }
        };
        Some((frame.map(Bytes::from).map_err(Into::into), self))
    }

    /// The events of something said, the last of all with what was counted and measured.
    fn tell(&mut self, said: Said) -> Vec<Chunk> {
        let is_end = matches!(said, Said::End(..));
        let mut chunks = self.teller.tell(said);
        let latency_ms = clock::millis_since(self.call.started);
        let first_byte_ms = *self.first_byte_ms.get_or_insert(latency_ms);
        self.call.charge.said(self.teller.tokens());
        if let (true, Some(last)) = (is_end, chunks.last_mut()) {
            let metrics = Metrics { usage: self.teller.usage(), latency_ms, first_byte_ms };
            self.call.wire.close(&mut last.value, &metrics);
        }
        let last = chunks.len().wrapping_sub(1);
        for (index, Chunk { event, value }) in chunks.iter_mut().enumerate() {
            self.call.complete_event(event, value, is_end && index == last);
        }
        chunks
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
