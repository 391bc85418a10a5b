//! What the operations beside chat have in common: families of their own, found by the model.

use alloc::borrow::ToOwned;
use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::Value;

use crate::error::{DecodeError, EncodeError};
use crate::format::{Headers, add};
use crate::json::count;
use crate::model::ModelRef;
use crate::usage::{Usage, UsageSource};
use crate::{Map, embed, image, rerank};

/// A family of models for one operation.
pub(crate) trait Named: Sync {
    /// The name, by which a caller gives the family where an ARN hides it.
    fn name(&self) -> &'static str;

    /// Whether a model of this provider, without its geography, belongs to the family.
    fn claims(&self, provider: &str, model: &str) -> bool;
}

/// The families of one operation.
pub(crate) struct Families<F: ?Sized + 'static> {
    /// What they do, for error messages.
    pub(crate) operation: &'static str,
    pub(crate) table: &'static [&'static F],
}

impl<F: Named + ?Sized> Families<F> {
    /// The family of a model: the one that was given, or else the one that the address shows.
    pub(crate) fn find(&self, model: &ModelRef) -> Option<&'static F> {
        let mut families = self.table.iter().copied();
        match model.given() {
            Some(given) => families.find(|family| family.name() == given),
            None => {
                let (provider, name) = (model.provider()?, model.model()?);
                families.find(|family| family.claims(provider, name))
            }
        }
    }

    pub(crate) fn to_encode(&self, model: &ModelRef) -> Result<&'static F, EncodeError> {
        self.find(model).ok_or_else(|| EncodeError::OtherOperation {
            address: model.address().to_owned(),
            operation: self.operation,
            known: self.names(),
        })
    }

    pub(crate) fn to_decode(&self, model: &ModelRef) -> Result<&'static F, DecodeError> {
        self.find(model).ok_or_else(|| DecodeError::UnknownFamily {
            address: model.address().to_owned(),
            known: self.names(),
        })
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.table.iter().map(|family| family.name()).collect()
    }
}

/// The names of all families that are not for chat.
pub(crate) fn names() -> Vec<&'static str> {
    [embed::FAMILIES.names(), rerank::FAMILIES.names(), image::FAMILIES.names()].concat()
}

/// Fails where a request holds what its family has no place for.
pub(crate) fn refuse(
    is_there: bool,
    format: &'static str,
    path: &str,
    why: &'static str,
) -> Result<(), EncodeError> {
    if is_there { Err(EncodeError::unsupported(format, why).at(path)) } else { Ok(()) }
}

/// The body as bytes, with the escape hatch merged into it.
pub(crate) fn finish(mut body: Map, extra: &Map) -> Result<Vec<u8>, EncodeError> {
    add(&mut body, extra)?;
    Ok(Value::Object(body).to_string().into_bytes())
}

/// The input tokens that a header counts, for operations that write none.
pub(crate) fn input_tokens_of(headers: &dyn Headers) -> Option<Usage> {
    let input = count(&Value::from(headers.get("x-amzn-bedrock-input-token-count")?))?;
    let output = headers.get("x-amzn-bedrock-output-token-count").map(Value::from);
    let mut usage = Usage::new(input, output.as_ref().and_then(count).unwrap_or(0));
    usage.source = UsageSource::Headers;
    Some(usage)
}
