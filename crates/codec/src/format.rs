//! Formats: how requests and replies are written, by Converse or by a family.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use crate::Map;
use crate::block::Block;
use crate::converse::Converse;
use crate::error::{DecodeError, EncodeError};
use crate::event::Event;
use crate::invoke::keep_nulls;
use crate::json::{Members, is_hollow, nulls, parse};
use crate::model::{ModelRef, family_names};
use crate::reply::Reply;
use crate::request::Request;
use crate::stop::StopReason;
use crate::stream::StreamError;
use crate::usage::Usage;

/// Which of Bedrock's two ways to run a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a third way would change every caller")]
pub enum Api {
    /// `Converse` and `ConverseStream`: one format for all models.
    Converse,
    /// `InvokeModel` and `InvokeModelWithResponseStream`: each family's own format.
    Invoke,
}

/// A payload format.
pub trait Format: Sync {
    /// Writes a request body, without the request's `extra`.
    ///
    /// # Errors
    ///
    /// Where the format cannot express what the request holds.
    fn encode_request(&self, model: &ModelRef, request: &Request) -> Result<Map, EncodeError>;

    /// Adds what a body must say to be answered by a stream, beside the operation that it is sent to.
    /// Most formats need nothing.
    ///
    /// # Errors
    ///
    /// Where the service answers this format by no stream.
    fn ask_for_stream(&self, _body: &mut Map) -> Result<(), EncodeError> {
        Ok(())
    }

    /// Reads a request body.
    ///
    /// # Errors
    ///
    /// Where the body has another shape than the format gives it.
    fn decode_request(&self, model: &ModelRef, body: Value) -> Result<Request, DecodeError>;

    /// Reads a reply. The headers are asked for token counts where the body has none.
    ///
    /// # Errors
    ///
    /// Where the body has another shape than the format gives it.
    fn decode_reply(
        &self,
        model: &ModelRef,
        body: Value,
        headers: &dyn Headers,
    ) -> Result<Reply, DecodeError>;

    /// A reader for one stream of a model.
    fn event_decoder(&self, model: &ModelRef) -> Box<dyn EventDecoder>;
}

/// Reads the event frames of one stream.
pub trait EventDecoder: Send {
    /// Reads the payload of a frame with this `:event-type`, and adds the events that it means.
    ///
    /// # Errors
    ///
    /// Where the payload has another shape than the format gives it, or carries an exception. The
    /// events before it have been added.
    fn decode(
        &mut self,
        kind: &str,
        payload: &[u8],
        events: &mut Vec<Event>,
    ) -> Result<(), StreamError>;

    /// What the stream has told ahead of the events that will carry it.
    fn announced(&self) -> Announced {
        Announced::default()
    }
}

/// What a stream tells before the end of the message.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Announced {
    /// Why the message will end.
    pub stop_reason: Option<StopReason>,
    /// The tokens read and written so far.
    pub usage: Option<Usage>,
}

/// The headers of a response.
pub trait Headers {
    /// The first value under this name, whatever the case of its letters.
    fn get(&self, name: &str) -> Option<&str>;
}

impl<K: AsRef<str>, V: AsRef<str>> Headers for &[(K, V)] {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.iter().find(|(key, _)| key.as_ref().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_ref())
    }
}

impl<K: AsRef<str>, V: AsRef<str>, const N: usize> Headers for [(K, V); N] {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.iter().find(|(key, _)| key.as_ref().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_ref())
    }
}

/// No headers.
impl Headers for () {
    fn get(&self, _name: &str) -> Option<&str> {
        None
    }
}

/// Writes a request body, which is also what a batch line takes as `modelInput`.
///
/// # Errors
///
/// Where the format cannot express what the request holds, or the family is not known.
pub fn encode(model: &ModelRef, api: Api, request: &Request) -> Result<Vec<u8>, EncodeError> {
    write(model, api, request, |_, _| Ok(()))
}

/// Writes a request body that is to be answered by a stream. Most formats write the same as
/// [`encode`].
///
/// # Errors
///
/// As [`encode`], and where the family has no streams.
pub fn encode_for_stream(
    model: &ModelRef,
    api: Api,
    request: &Request,
) -> Result<Vec<u8>, EncodeError> {
    write(model, api, request, |format, body| format.ask_for_stream(body))
}

/// Reads a request body.
///
/// # Errors
///
/// Where the body is not JSON of the format's shape, or the family is not known.
pub fn decode_request(model: &ModelRef, api: Api, body: &[u8]) -> Result<Request, DecodeError> {
    known_format(model, api)?;
    decode_request_value(model, api, serde_json::from_slice(body)?)
}

/// As [`decode_request`], of a body that has been parsed.
///
/// # Errors
///
/// Where the body is not of the format's shape, or the family is not known.
pub fn decode_request_value(
    model: &ModelRef,
    api: Api,
    body: Value,
) -> Result<Request, DecodeError> {
    let format = known_format(model, api)?;
    if api == Api::Converse {
        return format.decode_request(model, body);
    }
    let nulls = nulls(&body);
    let mut request = format.decode_request(model, body)?;
    keep_nulls(&mut request, nulls);
    Ok(request)
}

/// Reads a reply. The headers are asked for token counts where the body has none.
///
/// A tool call without arguments at the end of a reply that ran into its limit is incomplete, as it
/// is in a stream: the arguments may be what the limit cut off.
///
/// # Errors
///
/// Where the body is not JSON of the format's shape, or the family is not known.
pub fn decode(
    model: &ModelRef,
    api: Api,
    body: &[u8],
    headers: &dyn Headers,
) -> Result<Reply, DecodeError> {
    let format = known_format(model, api)?;
    let reply = format.decode_reply(model, parse(body)?, headers)?;
    Ok(reply.doubt_cut_tool())
}

pub(crate) fn known_format(model: &ModelRef, api: Api) -> Result<&'static dyn Format, DecodeError> {
    format(model, api).ok_or_else(|| DecodeError::UnknownFamily {
        address: model.address().to_owned(),
        known: family_names(),
    })
}

fn write(
    model: &ModelRef,
    api: Api,
    request: &Request,
    finish: impl FnOnce(&dyn Format, &mut Map) -> Result<(), EncodeError>,
) -> Result<Vec<u8>, EncodeError> {
    let format = format(model, api).ok_or_else(|| EncodeError::UnknownFamily {
        address: model.address().to_owned(),
        known: family_names(),
    })?;
    let mut body = format.encode_request(model, request)?;
    add(&mut body, &request.extra)?;
    finish(format, &mut body)?;
    Ok(Value::Object(body).to_string().into_bytes())
}

fn format(model: &ModelRef, api: Api) -> Option<&'static dyn Format> {
    match api {
        Api::Converse => Some(&Converse),
        Api::Invoke => model.family().map(|family| family as &dyn Format),
    }
}

/// Adds members to a body. Objects are joined; anything else that is there already is an error.
pub(crate) fn add(body: &mut Map, members: &Map) -> Result<(), EncodeError> {
    for (key, value) in members {
        match (body.get_mut(key), value) {
            (None, value) => body.set(key, value.clone()),
            (Some(Value::Object(old)), Value::Object(new)) => {
                add(old, new).map_err(|error| error.at(key))?;
            }
            // What is empty says nothing against what is there.
            (Some(_), value) if is_hollow(value) => {}
            (Some(old), value) if is_hollow(old) => *old = value.clone(),
            (Some(_), _) => return Err(EncodeError::Collision { path: String::new() }.at(key)),
        }
    }
    Ok(())
}

/// The number, if it can be written in JSON.
pub(crate) fn finite(number: Option<f64>, key: &str) -> Result<Option<f64>, EncodeError> {
    if number.is_some_and(|number| !number.is_finite()) {
        return Err(EncodeError::NotFinite { path: String::new() }.at(key).at("inferenceConfig"));
    }
    Ok(number)
}

/// Fails where there is a raw prompt, for a format of messages.
pub(crate) fn refuse_prompt(request: &Request, format: &'static str) -> Result<(), EncodeError> {
    if request.prompt.is_some() {
        let why = "it takes messages and no raw prompt; make the prompt a user message";
        return Err(EncodeError::unsupported(format, why).at("prompt"));
    }
    Ok(())
}

/// Fails where there are no messages, or a raw prompt, for a family that takes nothing else.
pub(crate) fn need_messages(request: &Request, format: &'static str) -> Result<(), EncodeError> {
    refuse_prompt(request, format)?;
    if request.messages.is_empty() {
        return Err(EncodeError::Missing { format, path: String::new() }.at("messages"));
    }
    Ok(())
}

/// Fails where a message holds a tool call that was cut off: no format has a place for it.
pub(crate) fn refuse_incomplete_tools(request: &Request) -> Result<(), EncodeError> {
    for (at, message) in request.messages.iter().enumerate() {
        let cut = |block: &Block| matches!(block, Block::IncompleteToolUse(_));
        if let Some(index) = message.content.iter().position(cut) {
            let error = EncodeError::IncompleteToolUse { path: String::new() };
            return Err(error.at_index(index).at("content").at_index(at).at("messages"));
        }
    }
    Ok(())
}
