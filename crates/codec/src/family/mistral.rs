//! Mistral: its first models take a prompt, the later ones messages, and some take both.

use alloc::boxed::Box;
use alloc::string::String;

use serde_json::Value;

use super::chat::{self, Dialect, PLAIN};
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

/// Mistral.
pub(super) struct Mistral;

impl Family for Mistral {
    fn name(&self) -> &'static str {
        DIALECT.name
    }

    fn claims(&self, provider: &str, _model: &str) -> bool {
        provider == "mistral"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { prompt: true, ..DIALECT.capabilities() }
    }
}

impl Format for Mistral {
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

/// Pairs of the user's and the model's texts, the system text inside the first.
fn write(system: Option<&str>, turns: &[Turn]) -> Result<String, EncodeError> {
    let mut prompt = String::from("<s>");
    for (index, turn) in turns.iter().enumerate() {
        match (&turn.role, index % 2) {
            (Role::User, 0) => {
                prompt.push_str("[INST] ");
                if let Some(system) = system.filter(|_| index == 0) {
                    prompt.extend([system, "\n\n"]);
                }
                prompt.extend([&turn.text, " [/INST]"]);
            }
            (Role::Assistant, 1) => prompt.extend([" ", &turn.text, "</s>"]),
            _ => return Err(PROMPTED.limits.strange_role(index)),
        }
    }
    Ok(prompt)
}

const DIALECT: Dialect =
    Dialect { name: "mistral", images: true, any_tool: "any", named_tool: false, ..PLAIN };

static PROMPTED: Prompted = Prompted {
    limits: Limits { format: DIALECT.name, tokens: &["<s>", "</s>", "[INST]", "[/INST]"] },
    only: &["mistral-7b", "mixtral"],
    also: &["mistral-large-2402", "mistral-small-2402"],
    write,
};
