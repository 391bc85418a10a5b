//! AI21 Jurassic-2: a prompt in, one or more texts out, and no streams.

use alloc::boxed::Box;
use alloc::string::String;

use serde_json::Value;

use super::generations::{self, Place};
use super::params::Params;
use super::prompt::Limits;
use super::{Capabilities, Family};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::format::{EventDecoder, Format, Headers};
use crate::invoke::{Chunks, add_fields, keep_fields};
use crate::json::{Object, need, single, string};
use crate::model::ModelRef;
use crate::reply::Reply;
use crate::request::Request;
use crate::stop::{StopKind, StopReason};

/// AI21 Jurassic-2.
pub(super) struct Jurassic;

impl Family for Jurassic {
    fn name(&self) -> &'static str {
        NAME
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        provider == "ai21" && model.starts_with("j2-")
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { streams: false, prompt: true, stop_sequences: true, ..Capabilities::LEAST }
    }
}

impl Format for Jurassic {
    fn encode_request(&self, _: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        let mut body = single(PROMPT, LIMITS.alone(request)?);
        PARAMS.write(&request.inference, &mut body)?;
        add_fields(&mut body, request, NAME)?;
        Ok(body)
    }

    fn ask_for_stream(&self, _: &mut Map) -> Result<(), EncodeError> {
        let why = "the family has no streams; ask for the whole reply";
        Err(EncodeError::unsupported(NAME, why))
    }

    fn decode_request(&self, _: &ModelRef, body: Value) -> Result<Request, DecodeError> {
        let mut body = Object::new(body)?;
        let mut request = Request::prompt(need(body.string(PROMPT)?, PROMPT)?);
        request.inference = PARAMS.read(&mut body)?;
        keep_fields(&mut request, body.rest());
        Ok(request)
    }

    fn decode_reply(
        &self,
        _: &ModelRef,
        body: Value,
        headers: &dyn Headers,
    ) -> Result<Reply, DecodeError> {
        PLACE.decode(Object::new(body)?, headers)
    }

    /// The service refuses to stream. A chunk that comes nevertheless is read as a whole reply.
    fn event_decoder(&self, _: &ModelRef) -> Box<dyn EventDecoder> {
        Box::new(Chunks::new(generations::Whole::new(&PLACE)))
    }
}

fn take_text(completion: &mut Object) -> Result<Option<String>, DecodeError> {
    let Some(mut data) = completion.object(DATA)? else { return Ok(None) };
    let text = data.string("text").map_err(|error| error.at(DATA))?;
    let rest = data.rest();
    if !rest.is_empty() {
        completion.put(DATA, rest.into());
    }
    Ok(text)
}

fn take_stop(completion: &mut Object) -> Result<Option<StopReason>, DecodeError> {
    let Some(mut finish) = completion.object(FINISH)? else { return Ok(None) };
    let stop = finish.read("reason", stop_reason).map_err(|error| error.at(FINISH))?;
    let rest = finish.rest();
    if !rest.is_empty() {
        completion.put(FINISH, rest.into());
    }
    Ok(stop)
}

fn stop_reason(value: Value) -> Result<StopReason, DecodeError> {
    string(value).map(|word| {
        let kind = match word.as_str() {
            "endoftext" => StopKind::EndTurn,
            "length" => StopKind::MaxTokens,
            "stop" => StopKind::StopSequence,
            _ => return StopReason::new(word),
        };
        StopReason::mapped(kind, word)
    })
}

const LIMITS: Limits = Limits { format: NAME, tokens: &[], image: None };

const PARAMS: Params = Params {
    format: NAME,
    max_tokens: "maxTokens",
    temperature: "temperature",
    top_p: "topP",
    stop_sequences: "stopSequences",
};

static PLACE: Place = Place { list: "completions", text: DATA, take_text, stop: FINISH, take_stop };

const DATA: &str = "data";
const FINISH: &str = "finishReason";
const NAME: &str = "jurassic";
const PROMPT: &str = "prompt";
