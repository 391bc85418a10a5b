//! The body of models that take a prompt and the usual parameters.

use alloc::string::String;

use super::prompt::{Limits, Turn};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::format::{add, finite};
use crate::invoke::{add_fields, keep_fields};
use crate::json::{Members, Object, need, single, string};
use crate::model::ModelRef;
use crate::request::{Inference, Request};

/// A family's way to be prompted.
pub(super) struct Prompted {
    pub(super) limits: Limits,
    /// What the names of the models begin with that take only a prompt.
    pub(super) only: &'static [&'static str],
    /// What the names of the models begin with that take a prompt and messages.
    pub(super) also: &'static [&'static str],
    /// Writes the system text and the turns as a prompt.
    pub(super) write: fn(Option<&str>, &[Turn]) -> Result<String, EncodeError>,
}

impl Prompted {
    /// Whether the request goes to the model as a prompt. A model whose name is hidden is taken to
    /// want what it is given.
    pub(super) fn wants(&self, model: &ModelRef, request: &Request) -> bool {
        let among = |names: &[&str], model: &str| names.iter().any(|name| model.starts_with(name));
        match model.model() {
            Some(model) if among(self.only, model) => true,
            Some(model) if !among(self.also, model) => false,
            _ => request.prompt.is_some(),
        }
    }

    /// Whether models of this name take only a prompt.
    pub(super) fn is_only(&self, model: &str) -> bool {
        self.only.iter().any(|name| model.starts_with(name))
    }

    /// Writes the request, with its messages in the template.
    pub(super) fn encode(&self, request: &Request) -> Result<Map, EncodeError> {
        let format = self.limits.format;
        self.limits.refuse_tools(request)?;
        let inference = &request.inference;
        if let Some(key) = inference.extra.keys().next() {
            let why = "put members of the family's own into additionalModelRequestFields";
            return Err(EncodeError::unsupported(format, why).at(key).at("inferenceConfig"));
        }
        let mut body = Map::new();
        add_fields(&mut body, request, format)?;
        let mut own = match self.limits.raw(request)? {
            Some(raw) => single(PROMPT, raw),
            None => {
                let system = self.limits.system(request)?;
                single(PROMPT, (self.write)(system.as_deref(), &self.limits.turns(request)?)?)
            }
        };
        own.set_some("max_tokens", inference.max_tokens);
        own.set_some("temperature", finite(inference.temperature, "temperature")?);
        own.set_some("top_p", finite(inference.top_p, "topP")?);
        if !inference.stop_sequences.is_empty() {
            own.set("stop", inference.stop_sequences.clone());
        }
        add(&mut body, &own)?;
        Ok(body)
    }

    /// Whether the body holds a prompt.
    pub(super) fn is_in(body: &Object) -> bool {
        body.get(PROMPT).is_some()
    }

    /// Reads a request with a prompt, which stays raw.
    pub(super) fn decode(mut body: Object) -> Result<Request, DecodeError> {
        let husks = body.husks(&["stop"]);
        let mut request = Request::prompt(need(body.string(PROMPT)?, PROMPT)?);
        request.inference = Inference {
            max_tokens: body.limit("max_tokens")?,
            temperature: body.number("temperature")?,
            top_p: body.number("top_p")?,
            stop_sequences: body.each("stop", string)?,
            extra: Map::new(),
        };
        let mut rest = body.rest();
        rest.extend(husks);
        keep_fields(&mut request, rest);
        Ok(request)
    }
}

const PROMPT: &str = "prompt";
