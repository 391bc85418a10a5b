//! Amazon Nova's understanding models, whose format is a dialect of Converse.

mod stream;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;

use serde_json::Value;

use super::{Capabilities, Family};
use crate::Map;
use crate::block::Block;
use crate::converse;
use crate::error::{DecodeError, EncodeError};
use crate::format::{EventDecoder, Format, Headers, add, need_messages, refuse_incomplete_tools};
use crate::invoke::{
    Chunks, add_fields, guarded, intervened, keep_fields, latency_of, native, usage_of,
};
use crate::json::{Members, Object, merge, need, single};
use crate::message::Message;
use crate::model::ModelRef;
use crate::reply::Reply;
use crate::request::Request;
use crate::stop::StopReason;
use crate::usage::Usage;

/// Amazon Nova.
pub(super) struct Nova;

impl Family for Nova {
    fn name(&self) -> &'static str {
        NAME
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        provider == "amazon"
            && model
                .strip_prefix("nova-")
                .is_some_and(|kind| !OTHER_FORMATS.iter().any(|other| kind.starts_with(other)))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            messages: true,
            system: true,
            tools: true,
            images: true,
            stop_sequences: true,
            ..Capabilities::LEAST
        }
    }
}

impl Format for Nova {
    fn encode_request(&self, _: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        need_messages(request, NAME)?;
        refuse_incomplete_tools(request)?;
        refuse_blocks(request)?;
        let mut own = request.clone();
        own.fields.clear();
        let mut body = converse::request::encode(&own)?;
        let mut fields = Map::new();
        add_fields(&mut fields, request, NAME)?;
        add(&mut body, &fields)?;
        if let Some(Value::Object(inference)) = body.get_mut(INFERENCE) {
            keep_spellings(inference);
        }
        Ok(body)
    }

    fn decode_request(&self, _: &ModelRef, body: Value) -> Result<Request, DecodeError> {
        let mut body = Object::new(body)?;
        need(body.get("messages"), "messages")?;
        let mut spelled = Map::new();
        if let Some(inference) = body.object(INFERENCE)? {
            spelled = old_spellings(&inference);
            body.put(INFERENCE, respell(inference, SPELLINGS).into());
        }
        let mut request = converse::request::decode(body.rest().into())?;
        let mut rest = core::mem::take(&mut request.fields);
        if !spelled.is_empty() {
            merge(&mut rest, single(INFERENCE, spelled));
        }
        keep_fields(&mut request, rest);
        Ok(request)
    }

    fn decode_reply(
        &self,
        _: &ModelRef,
        body: Value,
        headers: &dyn Headers,
    ) -> Result<Reply, DecodeError> {
        let mut body = Object::new(body)?;
        let mut output = need(body.object("output")?, "output")?;
        let message = output.read("message", Message::from_reply);
        let message = message.and_then(|message| need(message, "message"));
        let message = message.map_err(|error| error.at("output"))?;
        let stop = body.read("stopReason", StopReason::from_json)?;
        let stop_reason = need(guarded(stop, intervened(&body)), "stopReason")?;
        let usage = Usage::take(&mut body, "usage", usage).or_else(|| usage_of(headers));
        let latency_ms = latency_of(headers);
        Ok(Reply { message, stop_reason, usage, latency_ms, extra: native(body.rest()) })
    }

    fn event_decoder(&self, _: &ModelRef) -> Box<dyn EventDecoder> {
        Box::new(Chunks::new(stream::Decoder::default()))
    }
}

/// Fails where there is a block that only Converse has.
fn refuse_blocks(request: &Request) -> Result<(), EncodeError> {
    for (at, message) in request.messages.iter().enumerate() {
        for (index, block) in message.content.iter().enumerate() {
            let kind = match block {
                Block::Document(_) => "document",
                Block::Reasoning(_) => "reasoningContent",
                Block::Citations(_) => "citationsContent",
                Block::Json(_) => "json",
                Block::Unknown(map) if CONVERSE_ONLY.iter().any(|kind| map.contains_key(*kind)) => {
                    block.kind()
                }
                _ => continue,
            };
            let error = EncodeError::unsupported(NAME, "messages have no such block; leave it out");
            return Err(error.at(kind).at_index(index).at("content").at_index(at).at("messages"));
        }
    }
    Ok(())
}

fn usage(value: Value) -> Result<Usage, DecodeError> {
    Usage::from_json(respell(Object::new(value)?, CACHE_SPELLINGS).into())
}

/// The members in older spellings, by which the encoder knows how they were written.
fn old_spellings(inference: &Object) -> Map {
    let old = |(from, to): &(&str, &str)| {
        let value = inference.get(from).filter(|_| inference.get(to).is_none())?;
        Some(((*from).to_owned(), value.clone()))
    };
    SPELLINGS.iter().filter_map(old).collect()
}

/// Where an older spelling stands beside the usual one, it takes the value of that.
fn keep_spellings(inference: &mut Map) {
    for (old, usual) in SPELLINGS {
        if inference.contains_key(*old)
            && let Some(value) = inference.remove(*usual)
        {
            inference.set(old, value);
        }
    }
}

/// Renames members, unless the new name is there too.
fn respell(mut object: Object, spellings: &[(&str, &str)]) -> Map {
    for (from, to) in spellings {
        if object.get(to).is_none()
            && let Some(value) = object.take(from)
        {
            object.put(to, value);
        }
    }
    object.rest()
}

const NAME: &str = "nova";
const INFERENCE: &str = "inferenceConfig";

/// Nova models that draw, speak or embed, and have formats of their own.
const OTHER_FORMATS: &[&str] =
    &["canvas", "reel", "sonic", "2-sonic", "multimodal-embeddings", "2-multimodal-embeddings"];

/// Blocks that only Converse has.
const CONVERSE_ONLY: &[&str] = &["guardContent", "searchResult"];

/// Older spellings that are still taken.
const SPELLINGS: &[(&str, &str)] = &[
    ("max_new_tokens", "maxTokens"),
    ("max_tokens", "maxTokens"),
    ("top_p", "topP"),
    ("stop_sequences", "stopSequences"),
];

const CACHE_SPELLINGS: &[(&str, &str)] = &[
    ("cacheReadInputTokenCount", "cacheReadInputTokens"),
    ("cacheWriteInputTokenCount", "cacheWriteInputTokens"),
];
