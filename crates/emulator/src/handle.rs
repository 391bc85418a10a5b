//! Answers one request: finds the operation, reads the body, and hands both on.

use std::sync::Arc;

use http_body_util::{BodyExt, Limited};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use serde_json::Value;

use crate::body::{self, Response};
use crate::credential::Scope;
use crate::error::{Kind, Refusal, insert};
use crate::route::Operation;
use crate::state::State;
use crate::{count_tokens, guardrail, jobs, runtime, s3, single};

/// Answers a request, whatever it is.
pub(crate) async fn handle(state: &Arc<State>, request: Request<Incoming>) -> Response {
    let (parts, body) = request.into_parts();
    let operation = Operation::of(&parts);
    tracing::debug!(method = %parts.method, path = parts.uri.path(), ?operation, "request");
    let request_id = state.ids.uuid();
    if operation == Operation::S3 {
        let mut response = s3::answer(&state.s3, Request::from_parts(parts, body)).await;
        insert(response.headers_mut(), "x-amz-request-id", &request_id);
        return response;
    }
    let answered = match read(body).await {
        Ok(body) => answer(state, operation, &parts, &body).await,
        Err(refusal) => Err(refusal),
    };
    let mut response = match answered {
        Ok(Answered::Exactly(response)) => return response,
        Ok(Answered::Ours(response)) => response,
        Err(refusal) => refusal.into_response(),
    };
    insert(response.headers_mut(), "x-amzn-requestid", &request_id);
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
        Operation::CountTokens(model_id) => count_tokens::answer(&model_id, body).map(json),
        Operation::ApplyGuardrail { id, version } => {
            guardrail::answer(&id, &version, &state.settings.guarded_words, body).map(json)
        }
        Operation::Rerank => single::rerank::agent(body).map(json),
        Operation::CreateJob => {
            let region = Scope::of(request).map_or(DEFAULT_REGION, |scope| scope.region);
            jobs::create(state, region, body)
        }
        Operation::GetJob(job) => jobs::get(state, &job),
        Operation::ListJobs => jobs::list(state, request.uri.query().unwrap_or_default()),
        Operation::StopJob(job) => jobs::stop(state, &job),
        Operation::S3 | Operation::Unknown => {
            Err(Refusal::new(Kind::UnknownOperation, "The operation is not known."))
        }
    };
    answered.map(Answered::Ours)
}

/// A response of JSON.
fn json(value: Value) -> Response {
    let mut response = hyper::Response::new(body::full(value.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
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
