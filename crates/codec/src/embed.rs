//! Embeddings: one request and one reply for every family of embedding models.
//!
//! | family | models |
//! |---|---|
//! | `titan-embed` | Titan text embeddings, v1 and v2: one text a call |
//! | `titan-embed-image` | Titan multimodal embeddings: a text, an image or both |
//! | `cohere-embed` | Cohere Embed v3 and v4: many texts, images, or both mixed (v4) |
//! | `nova-embed` | Nova multimodal embeddings: one text, image, video or audio |

mod cohere;
mod nova;
mod reply;
mod request;
mod titan;

use alloc::vec::Vec;

pub use self::reply::{Embedding, Encoding, Reply, Values};
pub use self::request::{Input, Media, MediaKind, Part, Purpose, Request, Truncate};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::format::Headers;
use crate::invoke::latency_of;
use crate::json::Object;
use crate::model::ModelRef;
use crate::operation::{Families, Named, finish, input_tokens_of};

/// How a family writes and reads embeddings.
pub(crate) trait Format: Named {
    fn encode(&self, model: &ModelRef, request: &Request) -> Result<Map, EncodeError>;
    fn decode_request(&self, body: Object) -> Result<Request, DecodeError>;
    fn decode(&self, body: Object) -> Result<Reply, DecodeError>;
}

/// The name of the family that the model belongs to, if it makes embeddings.
pub fn family(model: &ModelRef) -> Option<&'static str> {
    FAMILIES.find(model).map(Named::name)
}

/// Writes the body of InvokeModel for a request, which is also what a batch line takes.
///
/// # Errors
///
/// Where the family cannot express what the request holds, or the model is not known to make
/// embeddings.
///
/// # Examples
///
/// ```
/// use outcrop_codec::{ModelRef, embed};
///
/// let model = ModelRef::parse("amazon.titan-embed-text-v2:0")?;
/// let body = embed::encode(&model, &embed::Request::text("Hello").with_dimensions(256))?;
/// assert_eq!(body, br#"{"dimensions":256,"inputText":"Hello"}"#);
///
/// let reply = br#"{"embedding": [0.25, -0.5], "inputTextTokenCount": 2}"#;
/// let reply = embed::decode(&model, reply, &())?;
/// assert_eq!(reply.embeddings[0].values.floats(), Some(&[0.25, -0.5][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn encode(model: &ModelRef, request: &Request) -> Result<Vec<u8>, EncodeError> {
    finish(FAMILIES.to_encode(model)?.encode(model, request)?, &request.extra)
}

/// Reads a request body. Members that the vocabulary lacks are kept in `extra`.
///
/// # Errors
///
/// Where the body is not JSON of the family's shape, or the family is not known.
pub fn decode_request(model: &ModelRef, body: &[u8]) -> Result<Request, DecodeError> {
    FAMILIES.to_decode(model)?.decode_request(Object::new(serde_json::from_slice(body)?)?)
}

/// Reads a reply. The headers are asked for the token count where the body has none.
///
/// # Errors
///
/// Where the body is not JSON of the family's shape, or the family is not known.
pub fn decode(model: &ModelRef, body: &[u8], headers: &dyn Headers) -> Result<Reply, DecodeError> {
    let family = FAMILIES.to_decode(model)?;
    let mut reply = family.decode(Object::new(serde_json::from_slice(body)?)?)?;
    reply.usage = reply.usage.or_else(|| input_tokens_of(headers));
    reply.latency_ms = latency_of(headers);
    Ok(reply)
}

/// The families. A new one is a file and a line here.
pub(crate) static FAMILIES: Families<dyn Format> = Families {
    operation: "embedding",
    table: &[&titan::TitanText, &titan::TitanImage, &cohere::CohereEmbed, &nova::NovaEmbed],
};
