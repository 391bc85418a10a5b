//! The shape of OpenAI's chat completions, which many providers share.

mod content;
mod marks;
mod message;
mod reply;
mod request;
mod table;
mod tools;

use alloc::boxed::Box;

use serde_json::Value;

use super::{Capabilities, Family};
use crate::Map;
use crate::catalog::{self, Modality};
use crate::error::{DecodeError, EncodeError};
use crate::format::{EventDecoder, Format, Headers};
use crate::json::Object;
use crate::model::ModelRef;
use crate::reply::Reply;
use crate::request::Request;

pub(super) use self::marks::Marks;
pub(super) use self::reply::{decode as decode_reply, event_decoder};
pub(super) use self::request::{decode as decode_request, encode as encode_request};
pub(super) use self::table::{
    GEMMA, GLM, JAMBA, KIMI, MINIMAX, NEMOTRON, OPENAI, PLAIN, QWEN, WRITER,
};

/// A family that speaks this shape and nothing else.
pub(super) struct Chat {
    /// The providers whose models belong to it.
    providers: &'static [&'static str],
    /// What the names of its models begin with.
    models: &'static str,
    dialect: Dialect,
}

/// Where families that share the shape differ.
#[derive(Clone, Copy)]
pub(super) struct Dialect {
    /// The family's name.
    pub(super) name: &'static str,
    /// It takes images.
    pub(super) images: bool,
    /// It takes stop sequences.
    pub(super) stop_sequences: bool,
    /// The word for a tool choice by which the model must call some tool.
    pub(super) any_tool: &'static str,
    /// A tool choice can name the tool.
    pub(super) named_tool: bool,
    /// How reasoning is marked in the text of a message.
    pub(super) reasoning: Option<&'static Marks>,
    /// How reasoning is marked in a text that continues a prompt.
    pub(super) prompted_reasoning: Option<&'static Marks>,
}

impl Dialect {
    /// The dialect as this model speaks it: what the catalogue knows of its eyes goes before what
    /// the family can do.
    pub(super) fn of(self, model: &ModelRef) -> Self {
        let inputs =
            catalog::find(model).map(|known| known.facts.input).filter(|input| !input.is_empty());
        let images = inputs.map_or(self.images, |input| input.contains(&Modality::Image));
        Self { images, ..self }
    }

    pub(super) fn capabilities(&self) -> Capabilities {
        Capabilities {
            messages: true,
            system: true,
            tools: true,
            images: self.images,
            stop_sequences: self.stop_sequences,
            ..Capabilities::LEAST
        }
    }
}

impl Family for Chat {
    fn name(&self) -> &'static str {
        self.dialect.name
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        self.providers.contains(&provider) && model.starts_with(self.models)
    }

    fn capabilities(&self) -> Capabilities {
        self.dialect.capabilities()
    }

    fn capabilities_of(&self, model: &ModelRef) -> Capabilities {
        self.dialect.of(model).capabilities()
    }
}

impl Format for Chat {
    fn encode_request(&self, model: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        encode_request(&self.dialect.of(model), request)
    }

    fn decode_request(&self, _: &ModelRef, body: Value) -> Result<Request, DecodeError> {
        decode_request(&self.dialect, Object::new(body)?)
    }

    fn decode_reply(
        &self,
        _: &ModelRef,
        body: Value,
        headers: &dyn Headers,
    ) -> Result<Reply, DecodeError> {
        decode_reply(self.dialect, body, headers)
    }

    fn event_decoder(&self, _: &ModelRef) -> Box<dyn EventDecoder> {
        event_decoder(self.dialect)
    }
}
