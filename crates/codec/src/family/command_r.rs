//! Cohere Command R: a message with the history before it, tools, and documents to cite.
//!
//! Tool calls have no ids here. The ids in the vocabulary are made up from the order of the calls,
//! and a result finds its call by the last one that has its id.

mod request;
mod results;
mod stream;
mod tools;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::command::{PARAMS, take_stop};
use super::params::Params;
use super::{Capabilities, Family};
use crate::Map;
use crate::block::{Block, Citations, tool_use};
use crate::error::{DecodeError, EncodeError};
use crate::format::{EventDecoder, Format, Headers};
use crate::invoke::{Chunks, guarded, intervened, latency_of, native, usage_of};
use crate::json::{Object, need};
use crate::message::{Message, Role};
use crate::model::ModelRef;
use crate::reply::Reply;
use crate::request::Request;
use crate::stop::{StopKind, StopReason};

/// Cohere Command R and R+.
pub(super) struct CommandR;

impl Family for CommandR {
    fn name(&self) -> &'static str {
        NAME
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        provider == "cohere" && model.starts_with("command-r")
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            messages: true,
            system: true,
            tools: true,
            documents: true,
            stop_sequences: true,
            ..Capabilities::LEAST
        }
    }
}

impl Format for CommandR {
    fn encode_request(&self, _: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        request::encode(request)
    }

    fn decode_request(&self, _: &ModelRef, body: Value) -> Result<Request, DecodeError> {
        request::decode(Object::new(body)?)
    }

    fn decode_reply(
        &self,
        _: &ModelRef,
        body: Value,
        headers: &dyn Headers,
    ) -> Result<Reply, DecodeError> {
        let mut body = Object::new(body)?;
        let text = need(body.string(TEXT)?, TEXT)?;
        let citations = body.filled(CITATIONS)?;
        let calls = read_calls(&mut body, 0)?;
        let stop = asks_for_tools(take_stop(&mut body)?, !calls.is_empty());
        let stop_reason = need(guarded(stop, intervened(&body)), FINISH)?;
        let mut content = Vec::new();
        if !citations.is_empty() {
            content.push(Block::Citations(Citations::new(text, citations)));
        } else if !text.is_empty() {
            content.push(Block::text(text));
        }
        content.extend(calls);
        Ok(Reply {
            message: Message::new(Role::Assistant, content),
            stop_reason,
            usage: usage_of(headers),
            latency_ms: latency_of(headers),
            extra: native(body.rest()),
        })
    }

    fn event_decoder(&self, _: &ModelRef) -> Box<dyn EventDecoder> {
        Box::new(Chunks::new(stream::Decoder::default()))
    }
}

/// Takes the tool calls out of a reply or a turn; the first gets the id of this number.
fn read_calls(from: &mut Object, first: usize) -> Result<Vec<Block>, DecodeError> {
    let calls = from.filled(CALLS)?;
    let read = |(index, call): (usize, Value)| {
        let call = Object::new(call).and_then(|call| read_call(call, call_id(first + index)));
        call.map_err(|error| error.at_index(index).at(CALLS))
    };
    calls.into_iter().enumerate().map(read).collect()
}

/// Reads a call. One without parameters has none to give.
fn read_call(mut call: Object, id: String) -> Result<Block, DecodeError> {
    let name = need(call.string("name")?, "name")?;
    let input = call.take(PARAMETERS).unwrap_or_else(|| Value::Object(Map::new()));
    Ok(tool_use(id, name, Some(input), call.rest()))
}

fn call_id(number: usize) -> String {
    format!("call_{number}")
}

/// The stop reason of a reply that may have calls: the word is that of any complete reply.
fn asks_for_tools(stop: Option<StopReason>, has_calls: bool) -> Option<StopReason> {
    stop.map(|stop| match stop.kind() {
        StopKind::EndTurn if has_calls => StopReason::mapped(StopKind::ToolUse, stop.into_raw()),
        _ => stop,
    })
}

const THE_PARAMS: Params = Params { format: NAME, ..PARAMS };

const NAME: &str = "command-r";
const CALLS: &str = "tool_calls";
const CITATIONS: &str = "citations";
const FINISH: &str = "finish_reason";
const PARAMETERS: &str = "parameters";
const TEXT: &str = "text";
