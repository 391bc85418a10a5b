//! Anthropic Claude, in the Messages format.

mod blocks;
mod request;
mod stream;
mod tools;

use alloc::boxed::Box;

use serde_json::Value;

use super::{Capabilities, Family};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::format::{EventDecoder, Format, Headers};
use crate::invoke::{Chunks, guarded, intervened, latency_of, native, usage_of};
use crate::json::{Object, need, string};
use crate::message::{Message, Role};
use crate::model::ModelRef;
use crate::reply::Reply;
use crate::request::Request;
use crate::stop::{StopKind, StopReason};
use crate::usage::{Usage, UsageSource};

/// Anthropic Claude. All models are taken to speak the Messages format, the oldest ones too.
pub(super) struct Anthropic;

impl Family for Anthropic {
    fn name(&self) -> &'static str {
        NAME
    }

    fn claims(&self, provider: &str, _model: &str) -> bool {
        provider == "anthropic"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            messages: true,
            system: true,
            tools: true,
            images: true,
            documents: true,
            stop_sequences: true,
            default_max_tokens: Some(DEFAULT_MAX_TOKENS),
            ..Capabilities::LEAST
        }
    }
}

impl Format for Anthropic {
    fn encode_request(&self, _: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        request::encode(request)
    }

    fn decode_request(&self, _: &ModelRef, body: Value) -> Result<Request, DecodeError> {
        request::decode(body)
    }

    fn decode_reply(
        &self,
        _: &ModelRef,
        body: Value,
        headers: &dyn Headers,
    ) -> Result<Reply, DecodeError> {
        let mut body = Object::new(body)?;
        let role = body.read("role", Role::from_json)?.unwrap_or(Role::Assistant);
        let content = body.read("content", blocks::decode)?;
        let stop = body.read("stop_reason", stop_reason)?;
        let stop = need(guarded(stop, intervened(&body)), "stop_reason")?;
        let usage = Usage::take(&mut body, "usage", usage).or_else(|| usage_of(headers));
        let message = Message::new(role, need(content, "content")?);
        let latency_ms = latency_of(headers);
        Ok(Reply { message, stop_reason: stop, usage, latency_ms, extra: native(body.rest()) })
    }

    fn event_decoder(&self, _: &ModelRef) -> Box<dyn EventDecoder> {
        Box::new(Chunks(stream::Decoder::default()))
    }
}

fn stop_reason(value: Value) -> Result<StopReason, DecodeError> {
    string(value).map(|word| match word.as_str() {
        "refusal" => StopReason::mapped(StopKind::ContentFiltered, word),
        _ => StopReason::new(word),
    })
}

fn usage(value: Value) -> Result<Usage, DecodeError> {
    let mut object = Object::new(value)?;
    let counted = Usage::take_members(&mut object, COUNTS, UsageSource::Body);
    let mut usage = need(counted, "output_tokens")?;
    usage.extra = object.rest();
    Ok(usage)
}

const NAME: &str = "anthropic";

/// The most that every model of the family can generate, the oldest ones too.
const DEFAULT_MAX_TOKENS: u32 = 4096;

/// Input, output, cache read, cache write.
const COUNTS: [&str; 4] =
    ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"];
