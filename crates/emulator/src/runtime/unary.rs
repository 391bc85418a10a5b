//! The reply in one piece.

use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderValue};

use super::{Call, Extras, Guarded};
use crate::body::{self, Response};
use crate::clock;
use crate::error::insert;
use crate::model::Answer;
use crate::route::RunApi;
use crate::wire::{Meta, Wire};

pub(super) fn respond(mut call: Call, answer: &Answer, mut meta: Meta) -> Response {
    call.charge.said(answer.usage.output);
    meta.latency_ms = clock::millis_since(call.started);
    let mut reply = call.wire.reply(answer, &meta);
    call.extras.complete(&mut reply);
    let mut response = hyper::Response::new(body::full(reply.to_string()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let Extras { api, options, guarded, .. } = &call.extras;
    if *api == RunApi::Invoke {
        options.served_in(headers);
        if !guarded.as_ref().is_some_and(Guarded::blocked_input) {
            count(headers, call.wire, answer, &meta);
        }
    }
    response
}

/// The counters, which only InvokeModel puts into headers.
fn count(headers: &mut HeaderMap, wire: &dyn Wire, answer: &Answer, meta: &Meta) {
    let mut set = |name, number: u64| insert(headers, name, &number.to_string());
    set("x-amzn-bedrock-input-token-count", answer.usage.input);
    set("x-amzn-bedrock-output-token-count", answer.usage.output);
    set("x-amzn-bedrock-invocation-latency", meta.latency_ms);
    if wire.caches() {
        set("x-amzn-bedrock-cache-read-input-token-count", answer.usage.cache_read);
        set("x-amzn-bedrock-cache-write-input-token-count", answer.usage.cache_write);
    }
}
