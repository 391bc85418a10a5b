//! Images as they come back, or why they do not.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::Map;
use crate::error::DecodeError;
use crate::json::{Object, count, elements, need, string};

/// A reply with images.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Reply {
    /// The images, those included that were held back.
    pub pictures: Vec<Picture>,
    /// What went wrong with all or some of them, in the service's words.
    pub error: Option<String>,
    /// The mask that was used, as base64, where it was asked for.
    pub mask: Option<String>,
    /// The time the service took, in milliseconds.
    pub latency_ms: Option<u64>,
    /// Every other member of the body.
    pub extra: Map,
}

/// An image, or why there is none.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Picture {
    /// The image as base64; `None` where it was held back.
    pub data: Option<String>,
    /// The seed it was made with.
    pub seed: Option<u64>,
    /// Why it was held back, in the service's words.
    pub filtered: Option<String>,
    /// Every other member.
    pub extra: Map,
}

impl Reply {
    /// Why there is less than what was asked for, if so: a status of 200 does not say that an image
    /// came.
    pub fn problem(&self) -> Option<&str> {
        let filtered = self.pictures.iter().find_map(|picture| picture.filtered.as_deref());
        let missing = || self.pictures.iter().all(|picture| picture.data.is_none());
        let nothing = || missing().then_some("there is no image in the reply");
        self.error.as_deref().or(filtered).or_else(nothing)
    }
}

/// Reads `images` with what stands beside them, or `artifacts`.
pub(super) fn decode(mut body: Object) -> Result<Reply, DecodeError> {
    let error = body.string("error")?;
    let mask = body.string("maskImage")?;
    let artifacts = body.read(ARTIFACTS, |list| elements(list, artifact))?;
    let pictures = match artifacts {
        Some(artifacts) => artifacts,
        None => {
            let images = body.read(IMAGES, |list| elements(list, data))?;
            let reasons = body.each("finish_reasons", word)?;
            let seeds = body.each("seeds", |seed| Ok(count(&seed)))?;
            // A body without images says why, or is none of these models'.
            let known = images.is_some() || error.is_some() || !reasons.is_empty();
            let images = need(images.or_else(|| known.then(Vec::new)), IMAGES)?;
            join(images, reasons, seeds)
        }
    };
    Ok(Reply { pictures, error, mask, latency_ms: None, extra: body.rest() })
}

/// The lists belong together by place, and the shorter ones end early.
fn join(
    images: Vec<Option<String>>,
    reasons: Vec<Option<String>>,
    seeds: Vec<Option<u64>>,
) -> Vec<Picture> {
    let length = images.len().max(reasons.len());
    let mut images = images.into_iter();
    let mut reasons = reasons.into_iter();
    let mut seeds = seeds.into_iter();
    let mut next = || Picture {
        data: images.next().flatten(),
        filtered: reasons.next().flatten(),
        seed: seeds.next().flatten(),
        extra: Map::new(),
    };
    (0..length).map(|_| next()).collect()
}

fn artifact(value: Value) -> Result<Picture, DecodeError> {
    let mut item = Object::new(value)?;
    let data = item.read("base64", data)?.flatten();
    let filtered = item.read("finishReason", word)?.flatten();
    let seed = item.lenient_count("seed");
    Ok(Picture { data, seed, filtered, extra: item.rest() })
}

/// An empty text stands where an image was held back.
fn data(value: Value) -> Result<Option<String>, DecodeError> {
    match value {
        Value::Null => Ok(None),
        value => string(value).map(|text| Some(text).filter(|text| !text.is_empty())),
    }
}

/// A reason that is none is absent.
fn word(value: Value) -> Result<Option<String>, DecodeError> {
    Ok(data(value)?.filter(|word| !word.eq_ignore_ascii_case("SUCCESS")))
}

const IMAGES: &str = "images";
const ARTIFACTS: &str = "artifacts";
