//! Families with two forms: some of their models take a prompt, others messages.

use alloc::boxed::Box;

use serde_json::Value;

use super::chat::{self, Dialect};
use super::prompted::Prompted;
use super::{Capabilities, Family};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::format::{EventDecoder, Format, Headers};
use crate::json::Object;
use crate::model::ModelRef;
use crate::reply::Reply;
use crate::request::Request;

/// A family whose requests are prompts or messages, and whose replies have one shape for both.
pub(super) struct TwoForms {
    pub(super) provider: &'static str,
    pub(super) dialect: Dialect,
    pub(super) prompted: Prompted,
}

impl Family for TwoForms {
    fn name(&self) -> &'static str {
        self.dialect.name
    }

    fn claims(&self, provider: &str, _model: &str) -> bool {
        provider == self.provider
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { prompt: true, ..self.dialect.capabilities() }
    }

    fn capabilities_of(&self, model: &ModelRef) -> Capabilities {
        let plain = match model.model() {
            // Models of the first kind take a prompt and nothing else.
            Some(name) if self.prompted.is_only(name) => Capabilities {
                messages: true,
                system: true,
                stop_sequences: true,
                ..Capabilities::LEAST
            },
            _ => self.dialect.of(model).capabilities(),
        };
        Capabilities { prompt: true, ..plain }
    }
}

impl Format for TwoForms {
    fn encode_request(&self, model: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        match self.prompted.wants(model, request) {
            true => self.prompted.encode(request),
            false => chat::encode_request(&self.dialect.of(model), request),
        }
    }

    fn decode_request(&self, _: &ModelRef, body: Value) -> Result<Request, DecodeError> {
        let body = Object::new(body)?;
        match Prompted::is_in(&body) {
            true => Prompted::decode(body),
            false => chat::decode_request(&self.dialect, body),
        }
    }

    fn decode_reply(
        &self,
        _: &ModelRef,
        body: Value,
        headers: &dyn Headers,
    ) -> Result<Reply, DecodeError> {
        chat::decode_reply(self.dialect, body, headers)
    }

    fn event_decoder(&self, _: &ModelRef) -> Box<dyn EventDecoder> {
        chat::event_decoder(self.dialect)
    }
}
