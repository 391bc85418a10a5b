//! Limits and sampling as members of a body, under a family's own names.

use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::format::{add, finite};
use crate::json::{Members, Object, elements, string};
use crate::request::Inference;

/// A family's names for the parameters that all of them have.
pub(super) struct Params {
    pub(super) format: &'static str,
    pub(super) max_tokens: &'static str,
    pub(super) temperature: &'static str,
    pub(super) top_p: &'static str,
    pub(super) stop_sequences: &'static str,
}

impl Params {
    /// Adds the parameters to a body.
    pub(super) fn write(&self, inference: &Inference, body: &mut Map) -> Result<(), EncodeError> {
        if let Some(key) = inference.extra.keys().next() {
            let why = "put members of the family's own into additionalModelRequestFields";
            return Err(EncodeError::unsupported(self.format, why).at(key).at("inferenceConfig"));
        }
        let mut own = Map::new();
        own.set_some(self.max_tokens, inference.max_tokens);
        own.set_some(self.temperature, finite(inference.temperature, "temperature")?);
        own.set_some(self.top_p, finite(inference.top_p, "topP")?);
        if !inference.stop_sequences.is_empty() {
            own.set(self.stop_sequences, inference.stop_sequences.clone());
        }
        add(body, &own)
    }

    /// Takes the parameters out of a body.
    pub(super) fn read(&self, body: &mut Object) -> Result<Inference, DecodeError> {
        let stops = elements(body.filled(self.stop_sequences)?.into(), string);
        Ok(Inference {
            max_tokens: body.limit(self.max_tokens)?,
            temperature: body.number(self.temperature)?,
            top_p: body.number(self.top_p)?,
            stop_sequences: stops.map_err(|error| error.at(self.stop_sequences))?,
            extra: Map::new(),
        })
    }
}
