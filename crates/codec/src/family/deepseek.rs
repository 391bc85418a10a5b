//! DeepSeek: R1 takes a prompt and reasons aloud in front of its answer, V3 takes messages.
//!
//! R1's template opens the reasoning, so a text of R1 begins inside it: what comes before the mark
//! that closes it is reasoning, and a text without that mark is reasoning that was cut short.

use alloc::boxed::Box;
use alloc::string::String;

use serde_json::Value;

use super::chat::{self, Dialect, Marks, PLAIN};
use super::prompt::{Limits, Turn};
use super::prompted::Prompted;
use super::{Capabilities, Family};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::format::{EventDecoder, Format, Headers};
use crate::json::Object;
use crate::message::Role;
use crate::model::ModelRef;
use crate::reply::Reply;
use crate::request::Request;

/// DeepSeek.
pub(super) struct DeepSeek;

impl Family for DeepSeek {
    fn name(&self) -> &'static str {
        DIALECT.name
    }

    fn claims(&self, provider: &str, _model: &str) -> bool {
        provider == "deepseek"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { prompt: true, ..DIALECT.capabilities() }
    }
}

impl Format for DeepSeek {
    fn encode_request(&self, model: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        match PROMPTED.wants(model, request) {
            true => PROMPTED.encode(request),
            false => chat::encode_request(&DIALECT, request),
        }
    }

    fn decode_request(&self, _: &ModelRef, body: Value) -> Result<Request, DecodeError> {
        let body = Object::new(body)?;
        match Prompted::is_in(&body) {
            true => Prompted::decode(body),
            false => chat::decode_request(&DIALECT, body),
        }
    }

    fn decode_reply(
        &self,
        _: &ModelRef,
        body: Value,
        headers: &dyn Headers,
    ) -> Result<Reply, DecodeError> {
        chat::decode_reply(DIALECT, body, headers)
    }

    fn event_decoder(&self, _: &ModelRef) -> Box<dyn EventDecoder> {
        chat::event_decoder(DIALECT)
    }
}

/// A mark before each turn, and one after the model's own; the last one opens its reasoning.
fn write(system: Option<&str>, turns: &[Turn]) -> Result<String, EncodeError> {
    let mut prompt = String::from(BEGIN);
    prompt.push_str(system.unwrap_or_default());
    for (index, turn) in turns.iter().enumerate() {
        match &turn.role {
            Role::User => prompt.extend([USER, &turn.text]),
            Role::Assistant => prompt.extend([ASSISTANT, &turn.text, END]),
            _ => return Err(PROMPTED.limits.strange_role(index)),
        }
    }
    prompt.extend([ASSISTANT, THINK.open, "\n"]);
    Ok(prompt)
}

const DIALECT: Dialect = Dialect { name: "deepseek", prompted_reasoning: Some(&THINK), ..PLAIN };

const THINK: Marks = Marks { open: "<think>", close: "</think>", begun: true };

static PROMPTED: Prompted = Prompted {
    limits: Limits {
        format: DIALECT.name,
        tokens: &[BEGIN, END, USER, ASSISTANT, THINK.open, THINK.close],
    },
    only: &["r1"],
    also: &[],
    write,
};

/// The bars are U+FF5C, and what looks like an underline is U+2581.
const BEGIN: &str = "<｜begin▁of▁sentence｜>";
const END: &str = "<｜end▁of▁sentence｜>";
const USER: &str = "<｜User｜>";
const ASSISTANT: &str = "<｜Assistant｜>";
