//! Anthropic Claude: messages, and the text completions of the first models.
//!
//! The first models take both. What they are sent is a text completion, with a conversation as turns
//! in the prompt, unless the request has `anthropic_version` among its additional fields, which only
//! messages have. What comes, whole or in chunks, shows which of the two it is.

mod blocks;
mod piece;
mod request;
mod stream;
mod text;
mod tools;

use alloc::boxed::Box;
use alloc::vec;

use serde_json::Value;

use super::{Capabilities, Family};
use crate::Map;
use crate::block::Block;
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

/// Anthropic Claude.
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
            prompt: true,
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
    fn encode_request(&self, model: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        match text::is_wanted(model, request) {
            true => text::encode(request),
            false => request::encode(request),
        }
    }

    fn decode_request(&self, model: &ModelRef, body: Value) -> Result<Request, DecodeError> {
        let body = Object::new(body)?;
        match text::is_in(&body) {
            true => text::decode(body),
            false => request::decode(body, model.model().is_some_and(text::is_first)),
        }
    }

    fn decode_reply(
        &self,
        _: &ModelRef,
        body: Value,
        headers: &dyn Headers,
    ) -> Result<Reply, DecodeError> {
        let mut body = Object::new(body)?;
        if body.get(text::COMPLETION).is_some() {
            return decode_completion(body, headers);
        }
        let role = body.read("role", Role::from_json)?.unwrap_or(Role::Assistant);
        let content = body.read("content", blocks::decode)?;
        let stop = body.read("stop_reason", stop_reason)?;
        let stop = need(guarded(stop, intervened(&body)), "stop_reason")?;
        let usage = take_usage(&mut body).or_else(|| usage_of(headers));
        let message = Message::new(role, need(content, "content")?);
        let latency_ms = latency_of(headers);
        Ok(Reply { message, stop_reason: stop, usage, latency_ms, extra: native(body.rest()) })
    }

    fn event_decoder(&self, _: &ModelRef) -> Box<dyn EventDecoder> {
        Box::new(Chunks::new(stream::Decoder::default()))
    }
}

fn decode_completion(mut body: Object, headers: &dyn Headers) -> Result<Reply, DecodeError> {
    let text = need(body.string(text::COMPLETION)?, text::COMPLETION)?;
    let stop = guarded(text::take_stop(&mut body)?, intervened(&body));
    body.skip_null("stop");
    if body.text("type") == Some(text::COMPLETION) {
        body.skip("type");
    }
    let usage = take_usage(&mut body).or_else(|| usage_of(headers));
    let content = if text.is_empty() { vec![] } else { vec![Block::text(text)] };
    Ok(Reply {
        message: Message::new(Role::Assistant, content),
        stop_reason: need(stop, "stop_reason")?,
        usage,
        latency_ms: latency_of(headers),
        extra: native(body.rest()),
    })
}

fn stop_reason(value: Value) -> Result<StopReason, DecodeError> {
    string(value).map(|word| match word.as_str() {
        "refusal" => StopReason::mapped(StopKind::ContentFiltered, word),
        _ => StopReason::new(word),
    })
}

/// Takes the usage out of a body. One that cannot be understood stays where it is.
fn take_usage(body: &mut Object) -> Option<Usage> {
    let members = match body.take("usage")? {
        Value::Object(members) => members,
        other => {
            body.put("usage", other);
            return None;
        }
    };
    let mut members = Object::from(members);
    let counted = Usage::take_members(&mut members, COUNTS, UsageSource::Body);
    let Some(mut usage) = counted else {
        body.put("usage", members.rest().into());
        return None;
    };
    usage.extra = members.rest();
    Some(usage)
}

fn usage(value: Value) -> Result<Usage, DecodeError> {
    let mut object = Object::new(value)?;
    let counted = Usage::take_members(&mut object, COUNTS, UsageSource::Body);
    let mut usage = need(counted, "output_tokens")?;
    usage.extra = object.rest();
    Ok(usage)
}

const NAME: &str = "anthropic";
const VERSION: &str = "anthropic_version";

/// The most that every model of the family can generate, the oldest ones too.
const DEFAULT_MAX_TOKENS: u32 = 4096;

/// Input, output, cache read, cache write.
const COUNTS: [&str; 4] =
    ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"];
