//! Converse and ConverseStream: the format in which the neutral vocabulary is written.

pub(crate) mod event;
pub(crate) mod piece;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod stream;

use alloc::boxed::Box;

use serde_json::Value;

use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::format::{EventDecoder, Format, Headers};
use crate::model::ModelRef;
use crate::reply::Reply;
use crate::request::Request;

/// The format of Converse, which is the same for all models.
pub(crate) struct Converse;

impl Format for Converse {
    fn encode_request(&self, _: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        request::encode(request)
    }

    fn decode_request(&self, _: &ModelRef, body: Value) -> Result<Request, DecodeError> {
        request::decode(body)
    }

    fn decode_reply(
        &self,
        _: &ModelRef,
        body: Value,
        _: &dyn Headers,
    ) -> Result<Reply, DecodeError> {
        reply::decode(body)
    }

    fn event_decoder(&self, _: &ModelRef) -> Box<dyn EventDecoder> {
        Box::new(stream::Decoder::default())
    }
}

const NAME: &str = "converse";
