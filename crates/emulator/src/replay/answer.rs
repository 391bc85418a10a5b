//! A recorded answer, as it is sent again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use codec::frame::{self, HeaderValue as FrameValue};
use futures_util::stream;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode};
use serde_json::json;

use super::read::ExchangeFault;
use crate::body::{self, Response};
use crate::calls::OpenCall;
use crate::clock;
use crate::exchange::{Exchange, StreamEvent, compact};
use crate::settings::Settings;

/// What came back in one exchange.
#[derive(Debug)]
pub(super) struct Recorded {
    /// The name of its file, without the ending.
    pub(super) name: String,
    status: StatusCode,
    headers: HeaderMap,
    /// The body in the pieces in which it is sent: frame by frame, or as a whole.
    pieces: Vec<Bytes>,
}

impl Recorded {
    /// Reads what came back.
    pub(super) fn read(name: String, exchange: &Exchange) -> Result<Self, ExchangeFault> {
        let status = StatusCode::from_u16(exchange.status)
            .map_err(|_| ExchangeFault::Status(exchange.status))?;
        let mut headers = HeaderMap::new();
        for (name, value) in exchange.response_headers.iter().flat_map(|headers| headers.texts()) {
            let fault = || ExchangeFault::Header(name.into());
            let parsed: HeaderName = name.parse().map_err(|_| fault())?;
            if !NOT_AGAIN.contains(&parsed.as_str()) {
                headers.append(parsed, value.parse().map_err(|_| fault())?);
            }
        }
        let (pieces, kind) = if let Some(bytes) = &exchange.response_stream_base64 {
            (frames(STANDARD.decode(bytes)?.into()), STREAM)
        } else if let Some(events) = &exchange.stream_events {
            let frames: Result<_, ExchangeFault> = events.iter().map(framed).collect();
            (frames?, STREAM)
        } else if let Some(bytes) = &exchange.response_base64 {
            (vec![STANDARD.decode(bytes)?.into()], JSON)
        } else {
            let body = exchange.response.as_ref().map(|json| compact(json.get()).into());
            (body.into_iter().collect(), JSON)
        };
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(kind));
        Ok(Self { name, status, headers, pieces })
    }

    /// Sends it, piece by piece at the speed that is set, a piece counting as a token. `call` is
    /// open until all is sent.
    pub(super) fn respond(&self, call: OpenCall, settings: &Settings) -> Response {
        let started = clock::now();
        let pieces = self.pieces.clone().into_iter().zip(0_u64..);
        let pieces = pieces.map(|(piece, at)| (piece, started + settings.due(at)));
        let pieces: Vec<_> = pieces.collect();
        let body = stream::unfold((pieces.into_iter(), call), |(mut pieces, call)| async move {
            let (piece, due) = pieces.next()?;
            clock::sleep_until(due).await;
            Some((Ok(piece), (pieces, call)))
        });
        let mut response = hyper::Response::new(body::stream(body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// Cuts a stream into its frames by their lengths. What is no whole frame is one more piece.
fn frames(mut bytes: Bytes) -> Vec<Bytes> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let length = bytes.first_chunk().map(|length| u32::from_be_bytes(*length) as usize);
        let length = length.filter(|length| (1..=bytes.len()).contains(length));
        frames.push(bytes.split_to(length.unwrap_or(bytes.len())));
    }
    frames
}

/// A frame written anew from what it held.
fn framed(event: &StreamEvent) -> Result<Bytes, ExchangeFault> {
    let headers = event.headers.iter().flat_map(|headers| headers.texts());
    let headers: Vec<(&str, FrameValue<'_>)> =
        headers.map(|(name, value)| (name, value.into())).collect();
    let payload = match (&event.payload, &event.chunk) {
        (Some(payload), _) => compact(payload.get()),
        (None, Some(chunk)) => {
            json!({ "bytes": STANDARD.encode(compact(chunk.get())) }).to_string()
        }
        (None, None) => String::new(),
    };
    Ok(frame::encode(&headers, payload.as_bytes())?.into())
}

/// What is said of a connection or of bytes on the wire, which are new each time, and the date: an
/// old one would have SDKs set their clocks by it.
const NOT_AGAIN: [&str; 8] = [
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "keep-alive",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
const JSON: &str = "application/json";
const STREAM: &str = "application/vnd.amazon.eventstream";
