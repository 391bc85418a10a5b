//! The reply in one piece, after the time that the model takes.

use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use tokio::time::Instant;

use crate::body::{self, Response};
use crate::clock;
use crate::error::{Refusal, insert};
use crate::ledger::Charge;
use crate::model::Answer;
use crate::route::RunApi;
use crate::state::State;
use crate::wire::{Meta, Wire};

pub(super) async fn respond(
    state: &State,
    api: RunApi,
    wire: &dyn Wire,
    answer: &Answer,
    mut meta: Meta,
    mut charge: Charge,
    started: Instant,
) -> Result<Response, Refusal> {
    clock::sleep_until(started + state.settings.due(answer.output_tokens)).await;
    charge.said(answer.output_tokens);
    meta.latency_ms = clock::millis_since(started);
    let reply = wire.reply(answer, &meta);
    let mut response = hyper::Response::new(body::full(reply.to_string()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if api == RunApi::Invoke {
        count(headers, wire, answer, &meta);
    }
    Ok(response)
}

/// The counters, which only InvokeModel puts into headers.
fn count(headers: &mut HeaderMap, wire: &dyn Wire, answer: &Answer, meta: &Meta) {
    let mut set = |name, number: u64| insert(headers, name, &number.to_string());
    set("x-amzn-bedrock-input-token-count", answer.input_tokens);
    set("x-amzn-bedrock-output-token-count", answer.output_tokens);
    set("x-amzn-bedrock-invocation-latency", meta.latency_ms);
    if wire.caches() {
        set("x-amzn-bedrock-cache-read-input-token-count", 0);
        set("x-amzn-bedrock-cache-write-input-token-count", 0);
    }
}
