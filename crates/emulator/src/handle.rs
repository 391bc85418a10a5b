//! Answers one request: finds the operation, reads the body, and hands both on.

use std::sync::Arc;

use http_body_util::{BodyExt, Limited};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use serde_json::json;

use crate::body::{self, Response};
use crate::clock;
use crate::credential::Scope;
use crate::error::{ERROR_TYPE, Kind, Refusal, insert};
use crate::recent::Record;
use crate::route::{Operation, Page};
use crate::state::State;
use crate::{count_tokens, guardrail, jobs, runtime, s3, single};

/// Answers a request, whatever it is, and records it.
pub(crate) async fn handle(state: &Arc<State>, request: Request<Incoming>) -> Response {
    let (at, started) = (clock::wall(), clock::now());
    let (head, body) = request.into_parts();
    let operation = Operation::of(&head);
    let (method, path) = (head.method.to_string(), path(&head));
    let name = operation.name();
    let model = match &operation {
        Operation::Run { model_id, .. } => Some(model_id.clone()),
        _ => None,
    };
    let is_own = matches!(operation, Operation::Inspect(_));
    let request_id = state.ids.uuid();
    let response = respond(state, operation, Request::from_parts(head, body), &request_id).await;
    if is_own {
        return response;
    }
    let error = response.headers().get(ERROR_TYPE).and_then(|value| value.to_str().ok());
    let error = error.and_then(|error| error.split(':').next()).map(Into::into);
    let record = Record {
        at,
        method,
        path,
        operation: name,
        model,
        status: response.status().as_u16(),
        error,
        millis: clock::millis_since(started),
        request_id,
    };
    if let Some(log) = &state.settings.access_log {
        log.line(&record.to_string());
    }
    state.recent.push(record);
    response
}

async fn respond(
    state: &Arc<State>,
    operation: Operation,
    request: Request<Incoming>,
    request_id: &str,
) -> Response {
    if operation == Operation::S3 {
        let mut response = s3::answer(&state.s3, request).await;
        insert(response.headers_mut(), "x-amz-request-id", request_id);
        return response;
    }
    let (parts, body) = request.into_parts();
    let answered = match read(body).await {
        Ok(body) => answer(state, operation, &parts, &body).await,
        Err(refusal) => Err(refusal),
    };
    let mut response = match answered {
        Ok(Answered::Exactly(response)) => return response,
        Ok(Answered::Ours(response)) => response,
        Err(refusal) => refusal.into_response(),
    };
    insert(response.headers_mut(), "x-amzn-requestid", request_id);
    response
}

/// A response, and whether headers of the service may be added to it.
enum Answered {
    Ours(Response),
    Exactly(Response),
}

async fn answer(
    state: &Arc<State>,
    operation: Operation,
    request: &Parts,
    body: &[u8],
) -> Result<Answered, Refusal> {
    let answered = match operation {
        Operation::Run { api, streaming, model_id } => {
            let call = state.calls.open();
            if let Some(staged) = state.staged.get(&model_id) {
                return Ok(Answered::Exactly(staged.respond(call)));
            }
            runtime::run(state, api, streaming, &model_id, body, call).await
        }
        Operation::CountTokens(model_id) => {
            count_tokens::answer(&model_id, body).map(|value| body::json(&value))
        }
        Operation::ApplyGuardrail { id, version } => {
            guardrail::answer(&id, &version, &state.settings.guarded_words, body)
                .map(|value| body::json(&value))
        }
        Operation::Rerank => single::rerank::agent(body).map(|value| body::json(&value)),
        Operation::CreateJob => {
            let region = Scope::of(request).map_or(DEFAULT_REGION, |scope| scope.region);
            jobs::create(state, region, body)
        }
        Operation::GetJob(job) => jobs::get(state, &job),
        Operation::ListJobs => jobs::list(state, request.uri.query().unwrap_or_default()),
        Operation::StopJob(job) => jobs::stop(state, &job),
        Operation::Inspect(page) => Ok(inspect(state, page)),
        Operation::S3 | Operation::Unknown => {
            Err(Refusal::new(Kind::UnknownOperation, "The operation is not known."))
        }
    };
    answered.map(Answered::Ours)
}

/// The emulator's own pages.
fn inspect(state: &State, page: Page) -> Response {
    let value = match page {
        Page::Metrics => state.ledger.metrics(clock::now()),
        Page::Requests => state.recent.to_json(),
        Page::Reset => {
            state.ledger.reset();
            state.recent.clear();
            json!({})
        }
    };
    body::json(&value)
}

/// Path and query. HTTP/2 brings the host with them, HTTP/1.1 does not.
fn path(head: &Parts) -> String {
    head.uri.path_and_query().map_or_else(String::new, ToString::to_string)
}

/// The whole body, up to the largest that the service takes.
async fn read(body: Incoming) -> Result<Bytes, Refusal> {
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(Refusal::validation(format!("The request body is larger than {MAX_BODY} bytes.")))
        }
        Err(error) => Err(Refusal::validation(format!("The request body broke off: {error}"))),
    }
}

const DEFAULT_REGION: &str = "us-east-1";
const MAX_BODY: usize = 25_000_000;
