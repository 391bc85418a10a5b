//! The streamed reply: frames that leave when the model would have said them.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use codec::frame::FrameError;
use futures_util::StreamExt;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use hyper::header::{CONTENT_TYPE, HeaderValue};

use super::framer::Framer;
use super::teller::Teller;
use super::{Call, Said, Saying};
use crate::body::{BodyError, Response};
use crate::clock;
use crate::error::insert;
use crate::route::RunApi;
use crate::template::{MARK, Template};
use crate::wire::{Chunk, Meta, Metrics};

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
    framer: Framer,
}

/// An event that comes again and again.
struct Pattern {
    event: &'static str,
    json: Template,
}

pub(super) fn respond(call: Call, saying: Saying, meta: Meta) -> Response {
    let (api, options) = (call.extras.api, call.extras.options.clone());
    let framer = Framer::new(api, call.state.ids.draw());
    let teller = Teller::new(call.wire, meta);
    let ready = VecDeque::new();
    let speech = Speech { call, saying, teller, pattern: None, ready, first_byte_ms: None, framer };
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
    /// The frame of a piece of a block, where those before it show what it is but for its text.
    fn repeat(&mut self, said: &Said) -> Option<Result<Vec<u8>, FrameError>> {
        let (Said::Piece(text), Some(Pattern { event, json })) = (said, &self.pattern) else {
            return None;
        };
        if !self.teller.note(text) {
            return None;
        }
        self.call.charge.said(self.teller.tokens());
        Some(self.framer.frame(event, |into| json.fill(text, into)))
    }

    /// Writes the events of something said, the last of all with what was counted and measured.
    fn tell(&mut self, said: Said) {
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
            self.call.extras.complete_event(event, &mut value, is_end && index == last);
            self.ready.push_back((event, value.to_string()));
        }
        if is_block {
            self.pattern = self.pattern();
        }
    }

    /// What the event of a piece of the last block will be, but for its text.
    fn pattern(&self) -> Option<Pattern> {
        let Chunk { event, mut value } = self.teller.pattern(MARK)?;
        self.call.extras.complete_event(event, &mut value, false);
        Some(Pattern { event, json: Template::new(&value) })
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
                break self.framer.frame(event, |into| into.push_str(&json));
            }
            match ready!(self.saying.poll_next_unpin(cx)) {
                Some(Ok(said)) => match self.repeat(&said) {
                    Some(frame) => break frame,
                    None => self.tell(said),
                },
                Some(Err(refusal)) => break refusal.frame(),
                None => return Poll::Ready(None),
            }
        };
        Poll::Ready(Some(frame.map(|frame| Frame::data(frame.into())).map_err(Into::into)))
    }
}
