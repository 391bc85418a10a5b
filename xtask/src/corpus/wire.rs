//! The bytes of recorded streams, and the events that the codec makes of them in any split.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use codec::frame::{self, HeaderValue};
use codec::{Api, DecodeError, Event, Finish, ModelRef, StreamDecoder, StreamError};
use serde_json::json;

use super::case::{Case, StreamEvent};

/// What the codec made of a stream.
#[derive(Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) events: Vec<Event>,
    error: Option<StreamError>,
    pub(crate) finish: Finish,
}

/// The bytes as they were recorded, or framed again from the events.
pub(crate) fn bytes(case: &Case) -> Result<Vec<u8>, String> {
    if let Some(bytes) = case.stream_bytes()? {
        return Ok(bytes);
    }
    let events = case.frames()?.unwrap_or_default();
    let frames: Result<Vec<_>, _> = events.iter().map(framed).collect();
    Ok(frames?.concat())
}

/// Feeds the pieces, taking all events after each.
pub(crate) fn run<'a>(
    model: &ModelRef,
    api: Api,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Run, DecodeError> {
    let mut decoder = StreamDecoder::new(model, api)?;
    let (mut events, mut error) = (Vec::new(), None);
    for piece in pieces {
        decoder.push(piece);
        loop {
            match decoder.next() {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(why) => {
                    error = Some(why);
                    break;
                }
            }
        }
    }
    Ok(Run { events, error, finish: decoder.finish() })
}

/// The splits that are tried: every byte alone, and some that are drawn from the name of the case.
pub(crate) fn splits<'a>(bytes: &'a [u8], name: &str) -> Vec<(String, Vec<&'a [u8]>)> {
    let mut splits = vec![("byte by byte".to_owned(), bytes.chunks(1).collect())];
    let mut state = name.bytes().fold(1_u64, |state, byte| step(state ^ u64::from(byte)));
    for longest in [7, 100, 5000] {
        let (mut rest, mut pieces) = (bytes, Vec::new());
        while !rest.is_empty() {
            state = step(state);
            let len = 1 + (state >> 33) as usize % longest;
            let (piece, others) = rest.split_at(len.min(rest.len()));
            pieces.push(piece);
            rest = others;
        }
        splits.push((format!("in pieces of up to {longest} bytes"), pieces));
    }
    splits
}

fn framed(event: &StreamEvent) -> Result<Vec<u8>, String> {
    let headers = event.headers.iter();
    let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
    let headers: Vec<(&str, HeaderValue<'_>)> =
        headers.map(|(name, value)| (name, value.into())).collect();
    let payload = if event.payload.is_null() {
        json!({"bytes": STANDARD.encode(event.inner().to_string())})
    } else {
        event.payload.clone()
    };
    frame::encode(&headers, payload.to_string().as_bytes()).map_err(|error| error.to_string())
}

/// The next number of a linear congruential generator.
fn step(state: u64) -> u64 {
    state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)
}
