//! Answers one request: finds the operation, reads the body, and hands both on.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;

use crate::body::Response;
use crate::clock;
use crate::error::{Kind, Refusal, insert};
use crate::fault::Hits;
use crate::pending::Pending;
use crate::route::Operation;
use crate::source::Source;
use crate::state::State;
use crate::{auth, catalogue, inspect, jobs, provisioned, runtime, s3, service_quotas, tags};

/// Answers a request, whatever it is, and records it.
pub(crate) async fn handle(state: &Arc<State>, request: Request<Incoming>) -> Response {
    let (head, body) = request.into_parts();
    let operation = Operation::of(&head);
    let mut pending = Pending::new(state, &head, &operation);
    let request = Request::from_parts(head, body);
    let id = &pending.record.request_id;
    let response = respond(state, operation, request, id, &mut pending.hits).await;
    let response = pending.hits.after(&state.faults, response).await;
    pending.answered(&response);
    response
}

/// Answers a request, and finds the faults that hit it.
async fn respond(
    state: &Arc<State>,
    operation: Operation,
    request: Request<Incoming>,
    request_id: &str,
    hits: &mut Hits,
) -> Response {
    if operation == Operation::S3 {
        let mut response = s3::answer(state, request, hits).await;
        insert(response.headers_mut(), "x-amz-request-id", request_id);
        return response;
    }
    let is_rpc = matches!(operation, Operation::ServiceQuotas(_));
    let (parts, body) = request.into_parts();
    let body = read(body).await.and_then(|body| {
        if let Some(service) = operation.service() {
            auth::check(&state.settings, service, &parts, &body, clock::wall())?;
        }
        Ok(body)
    });
    if body.is_ok() && !matches!(operation, Operation::Inspect(_)) {
        *hits = state.faults.of_request(operation.name(), operation.named_model());
        if let Some(mut answer) = hits.before(&state.faults).await {
            insert(answer.headers_mut(), REQUEST_ID, request_id);
            return answer;
        }
    }
    if let (Some(staged), Ok(_)) = (operation.model().and_then(|id| state.staged.get(id)), &body) {
        return staged.respond(state.calls.open());
    }
    let answered = match body {
        Ok(body) => answer(state, operation, &parts, &body).await,
        Err(refusal) => Err(refusal),
    };
    let mut response = match answered {
        Ok(response) => response,
        Err(refusal) if is_rpc => refusal.into_rpc_response(),
        Err(refusal) => refusal.into_response(),
    };
    // A recorded answer has an id already.
    if !response.headers().contains_key(REQUEST_ID) {
        insert(response.headers_mut(), REQUEST_ID, request_id);
    }
    response
}

/// Hands a request to the part of the service that answers it.
async fn answer(
    state: &Arc<State>,
    operation: Operation,
    request: &Parts,
    body: &[u8],
) -> Result<Response, Refusal> {
    match operation {
        Operation::Runtime(call) => match &state.source {
            Source::Replay(replay) => replay.answer(state, &call, request.uri.path(), body),
            Source::Recorder(recorder) => {
                recorder.answer(&call, request, body, state.calls.open()).await
            }
            Source::Model | Source::Server(_) => {
                runtime::answer(state, call, &request.headers, body).await
            }
        },
        Operation::Jobs(call) => jobs::answer(state, call, request, body),
        Operation::Provisioned(call) => provisioned::answer(state, call, request, body),
        Operation::Tags(call) => tags::answer(state, call, body),
        Operation::Catalogue(call) => catalogue::answer(state, call, request),
        Operation::ServiceQuotas(call) => service_quotas::answer(state, call, request, body),
        Operation::Inspect(page) => Ok(inspect::answer(state, page)),
        Operation::S3 | Operation::Unknown => {
            Err(Refusal::new(Kind::UnknownOperation, "The operation is not known."))
        }
    }
}

/// The whole body, up to the largest that the service takes. Of one that is larger the rest is not
/// kept: some of it is read on, so that a client that still sends comes to read the refusal.
async fn read(mut body: Incoming) -> Result<Bytes, Refusal> {
    match Limited::new(&mut body, MAX_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            tokio::spawn(clock::within(DRAINED_FOR, drain(body)));
            Err(Refusal::validation(format!("The request body is larger than {MAX_BODY} bytes.")))
        }
        Err(error) => Err(Refusal::validation(format!("The request body broke off: {error}"))),
    }
}

/// Reads as much again as the largest body has.
async fn drain(body: Incoming) {
    let mut rest = Limited::new(body, MAX_BODY);
    while let Some(Ok(_)) = rest.frame().await {}
}

const REQUEST_ID: &str = "x-amzn-requestid";
const MAX_BODY: usize = 25_000_000;
/// For how long the rest of a body that is too large is read.
const DRAINED_FOR: Duration = Duration::from_secs(5);
