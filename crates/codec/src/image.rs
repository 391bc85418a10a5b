//! Images: one request and one reply for every family of image models.
//!
//! | family | models |
//! |---|---|
//! | `nova-canvas`, `titan-image` | tasks with parameters of their own, and a configuration |
//! | `stability` | Stable Diffusion 3, Core, Ultra and the editing services: one flat body |
//! | `stable-diffusion` | Stable Diffusion XL: weighted prompts |

mod amazon;
mod diffusion;
mod reply;
mod request;
mod stability;

use alloc::vec::Vec;

pub use self::reply::{Picture, Reply};
pub use self::request::{Mask, Prompt, Request, Task};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::format::Headers;
use crate::invoke::latency_of;
use crate::json::Object;
use crate::model::ModelRef;
use crate::operation::{Families, Named, finish};

/// How a family writes and reads requests for images. Replies have one reader for all.
pub(crate) trait Format: Named {
    fn encode(&self, model: &ModelRef, request: &Request) -> Result<Map, EncodeError>;
    fn decode_request(&self, model: &ModelRef, body: Object) -> Result<Request, DecodeError>;
}

/// The name of the family that the model belongs to, if it makes images.
pub fn family(model: &ModelRef) -> Option<&'static str> {
    FAMILIES.find(model).map(Named::name)
}

/// Writes the body of InvokeModel for a request.
///
/// # Errors
///
/// Where the family cannot express what the request holds, or the model is not known to make images.
///
/// # Examples
///
/// ```
/// use outcrop_codec::{ModelRef, image};
///
/// let model = ModelRef::parse("stability.sd3-5-large-v1:0")?;
/// let body = image::encode(&model, &image::Request::text("a red boat").with_seed(7))?;
/// assert_eq!(body, br#"{"prompt":"a red boat","seed":7}"#);
///
/// let reply = br#"{"images": [], "seeds": [7], "finish_reasons": ["Filter reason: prompt"]}"#;
/// let reply = image::decode(&model, reply, &())?;
/// assert_eq!(reply.problem(), Some("Filter reason: prompt"));
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
    let body = Object::new(serde_json::from_slice(body)?)?;
    FAMILIES.to_decode(model)?.decode_request(model, body)
}

/// Reads a reply. One without an image, because a filter held it back, is a reply too: see
/// [`Reply::problem`].
///
/// # Errors
///
/// Where the body is not JSON of the family's shape, or the family is not known.
pub fn decode(model: &ModelRef, body: &[u8], headers: &dyn Headers) -> Result<Reply, DecodeError> {
    FAMILIES.to_decode(model)?;
    let mut reply = reply::decode(Object::new(serde_json::from_slice(body)?)?)?;
    reply.latency_ms = latency_of(headers);
    Ok(reply)
}

/// The families. A new one is a file and a line here.
pub(crate) static FAMILIES: Families<dyn Format> = Families {
    operation: "images",
    table: &[
        &amazon::NOVA_CANVAS,
        &amazon::TITAN_IMAGE,
        &diffusion::StableDiffusion,
        &stability::Stability,
    ],
};
