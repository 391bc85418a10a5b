//! The streamed reply: frames that leave when the model would have said them.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use codec::frame::{self, FrameError, HeaderValue as FrameValue};
use futures_util::StreamExt;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use hyper::header::{CONTENT_TYPE, HeaderValue};

use super::teller::Teller;
use super::{Call, Said, Saying};
use crate::body::{BodyError, Response};
use crate::clock;
use crate::error::insert;
use crate::ids::mix;
use crate::route::RunApi;
use crate::template::{MARK, Template};
use crate::wire::{Chunk, Meta, Metrics, add};

/// An answer being spoken: a body of one HTTP chunk for each frame. A client that goes away ends
/// it: the charge is settled to what was said, and the call is no longer open.
struct Speech {
    call: Call,
    saying: Saying,
    teller: Teller,
    /// The event of each piece of a block, where they differ by their text alone.
    pattern: Option<Pattern>,
    /// Events that wait to be written: their types, and their JSON.
    ready: VecDeque<(&'static str, String)>,
    first_byte_ms: Option<u64>,
    /// Drawn anew for each frame.
    padding: u64,
}

/// An event that comes again and again.
struct Pattern {
    event: &'static str,
    json: Template,
}

pub(super) fn respond(call: Call, saying: Saying, meta: Meta) -> Response {
    let (api, options) = (call.api, call.options.clone());
    let padding = call.state.ids.draw();
    let teller = Teller::new(call.wire, meta);
    let ready = VecDeque::new();
    let speech =
        Speech { call, saying, teller, pattern: None, ready, first_byte_ms: None, padding };
    let mut response = hyper::Response::new(speech.boxed_unsync());
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
    /// Writes the events of something said, the last of all with what was counted and measured.
    fn tell(&mut self, said: Said) {
        if let (Said::Piece(text), Some(Pattern { event, json })) = (&said, &self.pattern)
            && self.teller.note(text)
        {
            self.ready.push_back((*event, json.fill(text)));
            self.call.charge.said(self.teller.tokens());
            return;
        }
        let (is_block, is_end) = (matches!(said, Said::Block(_)), matches!(said, Said::End(..)));
        let mut chunks = self.teller.tell(said);
        let latency_ms = clock::millis_since(self.call.started);
        let first_byte_ms = *self.first_byte_ms.get_or_insert(latency_ms);
        self.call.charge.said(self.teller.tokens());
        if let (true, Some(last)) = (is_end, chunks.last_mut()) {
            let metrics = Metrics { usage: self.teller.usage(), latency_ms, first_byte_ms };
            self.call.wire.close(&mut last.value, &metrics);
        }
        let last = chunks.len().wrapping_sub(1);
        for (index, Chunk { event, mut value }) in chunks.into_iter().enumerate() {
            self.call.complete_event(event, &mut value, is_end && index == last);
            self.ready.push_back((event, value.to_string()));
        }
        if is_block {
            self.pattern = self.pattern();
        }
    }

    /// What the event of a piece of the last block will be, but for its text.
    fn pattern(&self) -> Option<Pattern> {
        let Chunk { event, mut value } = self.teller.pattern(MARK)?;
        self.call.complete_event(event, &mut value, false);
        Some(Pattern { event, json: Template::new(&value) })
    }

    /// The frame of an event.
    fn put_in_frame(&mut self, event: &str, json: String) -> Result<Vec<u8>, FrameError> {
        self.padding = mix(self.padding);
        write(self.call.api, event, json, padding(self.padding))
    }
}

impl Body for Speech {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = loop {
            if let Some((event, json)) = self.ready.pop_front() {
                break self.put_in_frame(event, json);
            }
            match ready!(self.saying.poll_next_unpin(cx)) {
                Some(Ok(said)) => self.tell(said),
                Some(Err(refusal)) => break refusal.frame(),
                None => return Poll::Ready(None),
            }
        };
        Poll::Ready(Some(frame.map(|frame| Frame::data(frame.into())).map_err(Into::into)))
    }
}

/// One event as a frame: a model's own wrapped in base64, one of Converse as it is.
fn write(api: RunApi, event: &str, mut json: String, padding: &str) -> Result<Vec<u8>, FrameError> {
    if api == RunApi::Invoke {
        let mut wrapped = String::with_capacity(json.len() * 4 / 3 + WRAPPING);
        wrapped.push_str("{\"bytes\":\"");
        STANDARD.encode_string(json, &mut wrapped);
        wrapped.push_str("\"}");
        json = wrapped;
    }
    add(&mut json, "p", padding);
    let headers = [
        (":event-type", FrameValue::String(event)),
        (":content-type", FrameValue::String("application/json")),
        (":message-type", FrameValue::String("event")),
    ];
    frame::encode(&headers, json.as_bytes())
}

/// Some of the alphabet, so that the length of a frame does not tell the length of its text.
fn padding(drawn: u64) -> &'static str {
    let length = 1 + usize::try_from(drawn % 62).unwrap_or(0);
    ALPHABET.get(..length).unwrap_or(ALPHABET)
}

const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// The most that stands around an event, padding and all.
const WRAPPING: usize = 100;
