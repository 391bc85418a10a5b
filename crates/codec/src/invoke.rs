//! What the families' own payloads have in common: chunks, the trailer, token-count headers, and a
//! place for what the vocabulary lacks.

use alloc::vec::Vec;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use serde_json::Value;

use crate::Map;
use crate::converse;
use crate::error::{DecodeError, EncodeError};
use crate::event::Event;
use crate::format::{Announced, EventDecoder, Headers, add};
use crate::halves::Halves;
use crate::json::{Object, count, exactly, fill, is_hollow, merge, need, single};
use crate::request::Request;
use crate::stop::{StopKind, StopReason};
use crate::stream::StreamError;
use crate::usage::{Usage, UsageSource};

/// Reads the JSON that a family puts into the chunks of a stream.
pub(crate) trait ChunkDecoder: Send {
    fn read(&mut self, chunk: Object, events: &mut Vec<Event>) -> Result<(), StreamError>;

    /// The event in a chunk that is a plain piece of a block and nothing else, which nearly every
    /// chunk is. `None` leaves the chunk to [`read`](Self::read), which would give the same event.
    fn read_piece(&mut self, _chunk: &[u8], _events: &mut Vec<Event>) -> Option<()> {
        None
    }

    fn announced(&self) -> Announced {
        Announced::default()
    }
}

/// Unwraps chunks: base64 inside JSON, with the trailer beside the members of the last one.
pub(crate) struct Chunks<D> {
    family: D,
    /// The JSON inside the latest chunk; it stays to be filled again.
    bytes: Vec<u8>,
    halves: Halves,
}

impl<D> Chunks<D> {
    pub(crate) fn new(family: D) -> Self {
        Self { family, bytes: Vec::new(), halves: Halves::default() }
    }
}

impl<D: ChunkDecoder> EventDecoder for Chunks<D> {
    fn decode(
        &mut self,
        kind: &str,
        payload: &[u8],
        events: &mut Vec<Event>,
    ) -> Result<(), StreamError> {
        if kind != CHUNK {
            events.push(converse::stream::unknown(kind, payload));
            return Ok(());
        }
        unwrap(payload, &mut self.bytes).map_err(|error| error.at(CHUNK))?;
        if self.family.read_piece(&self.bytes, events).is_some() || is_done(&self.bytes) {
            return Ok(());
        }
        let chunk = self.halves.parse(&self.bytes).map_err(DecodeError::from);
        let chunk = chunk.and_then(Object::new).map_err(|error| error.at("bytes").at(CHUNK));
        let mut chunk = chunk?;
        let trailer = chunk.take(TRAILER);
        if trailer.is_none() || !chunk.is_empty() {
            self.family.read(chunk, events)?;
        }
        if let Some(Value::Object(trailer)) = trailer {
            add_trailer(trailer.into(), events);
        }
        Ok(())
    }

    fn announced(&self) -> Announced {
        self.family.announced()
    }
}

/// Puts the JSON in a chunk into `bytes`.
fn unwrap(payload: &[u8], bytes: &mut Vec<u8>) -> Result<(), DecodeError> {
    bytes.clear();
    let invalid = |_| DecodeError::base64().at("bytes");
    if let Some(Wrapper { bytes: encoded, .. }) = exactly(payload) {
        return BASE64.decode_vec(encoded, bytes).map_err(invalid);
    }
    let mut wrapper = Object::new(serde_json::from_slice(payload)?)?;
    let encoded = need(wrapper.string("bytes")?, "bytes")?;
    BASE64.decode_vec(encoded, bytes).map_err(invalid)
}

/// Whether the chunk only says that the stream is done.
fn is_done(chunk: &[u8]) -> bool {
    DONE.contains(&chunk.trim_ascii())
}

/// The payload of a chunk as it always is: base64, and padding.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapper<'a> {
    bytes: &'a str,
    #[serde(default, rename = "p")]
    _padding: &'a str,
}

/// Puts the trailer's counts into the metadata, where they go before the family's own.
fn add_trailer(mut trailer: Object, events: &mut Vec<Event>) {
    let counted = Usage::take_members(&mut trailer, TRAILER_COUNTS, UsageSource::Trailer);
    let latency = trailer.lenient_count("invocationLatency");
    let rest = trailer.rest();
    if !matches!(events.last(), Some(Event::Metadata { .. })) {
        events.push(Event::Metadata { usage: None, latency_ms: None, extra: Map::new() });
    }
    let Some(Event::Metadata { usage, latency_ms, extra }) = events.last_mut() else { return };
    if let Some(mut counted) = counted {
        if let Some(own) = usage.take() {
            // Old trailers know nothing of the cache.
            counted.cache_read_input_tokens =
                counted.cache_read_input_tokens.or(own.cache_read_input_tokens);
            counted.cache_write_input_tokens =
                counted.cache_write_input_tokens.or(own.cache_write_input_tokens);
            counted.extra = own.extra;
        }
        *usage = Some(counted);
    }
    *latency_ms = latency.or(*latency_ms);
    if !rest.is_empty() {
        merge(extra, single("metrics", rest));
    }
}

/// The token counts among the headers, if input and output are both there.
pub(crate) fn usage_of(headers: &dyn Headers) -> Option<Usage> {
    let count = |name| headers.get(name).and_then(|text| count(&Value::from(text)));
    let mut usage = Usage::new(
        count("x-amzn-bedrock-input-token-count")?,
        count("x-amzn-bedrock-output-token-count")?,
    );
    usage.cache_read_input_tokens = count("x-amzn-bedrock-cache-read-input-token-count");
    usage.cache_write_input_tokens = count("x-amzn-bedrock-cache-write-input-token-count");
    usage.source = UsageSource::Headers;
    Some(usage)
}

/// The time the service took, in milliseconds, if a header has it.
pub(crate) fn latency_of(headers: &dyn Headers) -> Option<u64> {
    count(&Value::from(headers.get("x-amzn-bedrock-invocation-latency")?))
}

/// Whether a guardrail changed or blocked what this body or chunk holds.
pub(crate) fn intervened(body: &Object) -> bool {
    body.text("amazon-bedrock-guardrailAction") == Some("INTERVENED")
}

/// The stop reason of a body on which a guardrail may have acted: blocked bodies have none.
pub(crate) fn guarded(stop: Option<StopReason>, intervened: bool) -> Option<StopReason> {
    if !intervened {
        return stop;
    }
    let raw = stop.map_or_else(|| "INTERVENED".into(), StopReason::into_raw);
    Some(StopReason::mapped(StopKind::GuardrailIntervened, raw))
}

/// A place in the vocabulary for members that only the family's own format has.
pub(crate) fn native(rest: Map) -> Map {
    if rest.is_empty() { rest } else { single("additionalModelResponseFields", rest) }
}

/// Adds `additionalModelRequestFields` to a body, which is what Converse does with them.
///
/// Every other further member of a Converse request goes into a header, or has no counterpart.
pub(crate) fn add_fields(
    body: &mut Map,
    request: &Request,
    format: &'static str,
) -> Result<(), EncodeError> {
    for (key, value) in &request.fields {
        match value {
            Value::Object(fields) if key == FIELDS => {
                add(body, fields).map_err(|error| error.at(FIELDS))?;
            }
            Value::Null => {}
            value if is_hollow(value) => {}
            _ => {
                let why = "only Converse has it in the body; use Converse, or set it as a header";
                return Err(EncodeError::unsupported(format, why).at(key));
            }
        }
    }
    Ok(())
}

/// Keeps members of a native request that the vocabulary lacks, or has no place for while they are
/// empty.
pub(crate) fn keep_fields(request: &mut Request, rest: Map) {
    if !rest.is_empty() {
        request.fields = single(FIELDS, rest);
    }
}

/// Keeps the members of a native request that are `null`, where the vocabulary takes them for absent.
pub(crate) fn keep_nulls(request: &mut Request, nulls: Map) {
    if nulls.is_empty() {
        return;
    }
    match request.fields.get_mut(FIELDS) {
        Some(Value::Object(fields)) => fill(fields, nulls),
        _ => fill(&mut request.fields, single(FIELDS, nulls)),
    }
}

const CHUNK: &str = "chunk";
/// What some models of OpenAI's shape send at the end, behind what matters.
const DONE: [&[u8]; 2] = [b"\"[DONE]\"", b"[DONE]"];
const FIELDS: &str = "additionalModelRequestFields";
const TRAILER: &str = "amazon-bedrock-invocationMetrics";
/// Input, output, cache read, cache write.
const TRAILER_COUNTS: [&str; 4] = [
    "inputTokenCount",
    "outputTokenCount",
    "cacheReadInputTokenCount",
    "cacheWriteInputTokenCount",
];

/// Base64 with or without padding at its end.
pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
