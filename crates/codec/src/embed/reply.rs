//! Embeddings as they come back, in whatever form.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::Map;
use crate::error::DecodeError;
use crate::json::{elements, number};
use crate::usage::Usage;
use crate::words::words;

/// A reply with embeddings.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Reply {
    /// The embeddings: for each input one of each form that was asked for.
    pub embeddings: Vec<Embedding>,
    /// What the model says went wrong, where it says so beside or instead of an embedding.
    pub problem: Option<String>,
    /// The input tokens, and where they were counted. There are no output tokens.
    pub usage: Option<Usage>,
    /// The time the service took, in milliseconds.
    pub latency_ms: Option<u64>,
    /// Every other member of the body.
    pub extra: Map,
}

/// An embedding of one input in one form.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Embedding {
    /// Which input it is of, from 0.
    pub input: usize,
    /// The form of its values.
    pub encoding: Encoding,
    /// The values.
    pub values: Values,
    /// What was embedded, where the model says it: `TEXT`, `AUDIO_VIDEO_COMBINED`.
    pub modality: Option<String>,
    /// After how many characters the text was cut, where it was.
    pub truncated_to: Option<u64>,
    /// Every other member.
    pub extra: Map,
}

words! {
    /// The form of an embedding.
    Encoding {
        /// Numbers with a fraction.
        Float = "float",
        /// Whole numbers from -128 to 127.
        Int8 = "int8",
        /// Whole numbers from 0 to 255.
        Uint8 = "uint8",
        /// Bits: one a number at Titan, eight in a signed number at Cohere.
        Binary = "binary",
        /// Eight bits in a number from 0 to 255.
        Ubinary = "ubinary",
        /// The floats' bytes as base64.
        Base64 = "base64",
    }
}

/// The values of an embedding.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Values {
    /// Numbers with a fraction.
    Floats(Vec<f64>),
    /// Whole numbers.
    Integers(Vec<i64>),
    /// Bytes as base64.
    Base64(String),
}

impl Values {
    /// The numbers, if they have a fraction.
    pub fn floats(&self) -> Option<&[f64]> {
        match self {
            Self::Floats(floats) => Some(floats),
            _ => None,
        }
    }

    /// The numbers, if they are whole.
    pub fn integers(&self) -> Option<&[i64]> {
        match self {
            Self::Integers(integers) => Some(integers),
            _ => None,
        }
    }
}

impl Embedding {
    /// Reads the values of an embedding, which may be text where a number is meant.
    pub(super) fn read(
        input: usize,
        encoding: Encoding,
        values: Value,
    ) -> Result<Self, DecodeError> {
        let values = read_values(&encoding, values)?;
        let extra = Map::new();
        Ok(Self { input, encoding, values, modality: None, truncated_to: None, extra })
    }
}

fn read_values(encoding: &Encoding, values: Value) -> Result<Values, DecodeError> {
    let values = match values {
        Value::String(text) => return Ok(Values::Base64(text)),
        values => elements(values, |value| {
            number(&value).ok_or_else(|| DecodeError::shape("a number", &value))
        })?,
    };
    if *encoding != Encoding::Float && values.iter().all(|value| is_whole(*value)) {
        return Ok(Values::Integers(values.into_iter().map(|value| value as i64).collect()));
    }
    Ok(Values::Floats(values))
}

/// Whether a float stands for one integer and no other.
fn is_whole(value: f64) -> bool {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    value.abs() < EXACT && (value as i64) as f64 == value
}
