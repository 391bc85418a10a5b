//! Cohere Command, the first generation: a prompt in, one or more texts out.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde_json::Value;

use super::generations::Place;
use super::params::Params;
use super::prompt::Limits;
use super::speech::{Keys, Speech};
use super::{Capabilities, Family};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::event::Event;
use crate::format::{EventDecoder, Format, Headers};
use crate::invoke::{ChunkDecoder, Chunks, add_fields, keep_fields};
use crate::json::{Object, count, need, single, string};
use crate::model::ModelRef;
use crate::reply::Reply;
use crate::request::Request;
use crate::stop::{StopKind, StopReason};
use crate::stream::StreamError;

/// Cohere Command, before Command R.
pub(super) struct Command;

impl Family for Command {
    fn name(&self) -> &'static str {
        NAME
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        let later = ["command-r", "command-a"];
        provider == "cohere"
            && model.starts_with("command")
            && !later.iter().any(|later| model.starts_with(later))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { prompt: true, stop_sequences: true, ..Capabilities::LEAST }
    }
}

impl Format for Command {
    fn encode_request(&self, _: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        let mut body = single(PROMPT, LIMITS.alone(request)?);
        PARAMS.write(&request.inference, &mut body)?;
        add_fields(&mut body, request, NAME)?;
        Ok(body)
    }

    /// Without this the service sends the whole reply as one chunk.
    fn ask_for_stream(&self, body: &mut Map) -> Result<(), EncodeError> {
        body.entry("stream").or_insert(Value::Bool(true));
        Ok(())
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

    fn event_decoder(&self, _: &ModelRef) -> Box<dyn EventDecoder> {
        Box::new(Chunks::new(Decoder(Speech::new(&CHUNK))))
    }
}

/// Reads pieces of one or more texts, or a whole reply in one chunk.
struct Decoder(Speech);

impl ChunkDecoder for Decoder {
    fn read(&mut self, mut chunk: Object, events: &mut Vec<Event>) -> Result<(), StreamError> {
        if chunk.get(PLACE.list).is_some() {
            return Ok(PLACE.tell(chunk, events)?);
        }
        if chunk.get("index").and_then(count).is_some_and(|index| index > 0) {
            // A piece of an alternative, which is not part of the reply.
            let payload = Value::Object(chunk.rest());
            events.push(Event::Unknown { kind: PLACE.list.into(), payload });
            return Ok(());
        }
        // A chunk that ends the message has a reason for it.
        chunk.skip("is_finished");
        self.0.read(chunk, events)
    }
}

/// Takes Cohere's word for why a reply ended. Doubles of the service write it in small letters.
pub(super) fn take_stop(from: &mut Object) -> Result<Option<StopReason>, DecodeError> {
    let word = from.read(FINISH, string)?;
    Ok(word.map(|word| {
        let known = WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&word));
        match known {
            Some((_, kind)) => StopReason::mapped(*kind, word),
            None => StopReason::new(word),
        }
    }))
}

const WORDS: &[(&str, StopKind)] = &[
    ("COMPLETE", StopKind::EndTurn),
    ("MAX_TOKENS", StopKind::MaxTokens),
    ("STOP_SEQUENCE", StopKind::StopSequence),
    ("ERROR_TOXIC", StopKind::ContentFiltered),
];

const LIMITS: Limits = Limits { format: NAME, tokens: &[], image: None };

/// Cohere's names, which Command R has too.
pub(super) const PARAMS: Params = Params {
    format: NAME,
    max_tokens: "max_tokens",
    temperature: "temperature",
    top_p: "p",
    stop_sequences: "stop_sequences",
};

static PLACE: Place = Place {
    list: "generations",
    text: "text",
    take_text: |generation| generation.string("text"),
    stop: FINISH,
    take_stop,
};

const CHUNK: Keys = Keys { text: "text", take_stop, counts: None, blocked_is_counted: false };

const FINISH: &str = "finish_reason";
const NAME: &str = "command";
const PROMPT: &str = "prompt";
