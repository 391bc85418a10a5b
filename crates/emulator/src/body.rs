//! The body of a response: bytes at once, or a stream that is driven by whoever reads it.

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;

/// What every handler answers with. Dropping it ends the work behind it.
pub(crate) type Body = UnsyncBoxBody<Bytes, BodyError>;

/// Why a body broke off; the connection is then cut.
pub(crate) type BodyError = Box<dyn std::error::Error + Send + Sync>;

pub(crate) type Response = hyper::Response<Body>;

pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A response of JSON.
pub(crate) fn json(value: &Value) -> Response {
    let mut response = hyper::Response::new(full(value.to_string()));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// A response of JSON, as a service gives it whose operations are named by a header.
pub(crate) fn json_rpc(value: &Value) -> Response {
    let mut response = json(value);
    let rpc = HeaderValue::from_static("application/x-amz-json-1.1");
    response.headers_mut().insert(CONTENT_TYPE, rpc);
    response
}

/// The last item of a body that is cut off. hyper throws away what it has not sent when a body
/// fails, so it gets a turn to send first.
pub(crate) async fn cut_off() -> Result<Bytes, BodyError> {
    tokio::task::yield_now().await;
    Err("the connection is cut with the body unfinished, as was asked for".into())
}

/// A body of one HTTP chunk for each item.
pub(crate) fn stream(items: impl Stream<Item = Result<Bytes, BodyError>> + Send + 'static) -> Body {
    StreamBody::new(items.map(|item| item.map(Frame::data))).boxed_unsync()
}
