//! The four operations on jobs.

use std::sync::Arc;

use hyper::http::request::Parts;
use serde_json::json;

use super::job::Job;
use super::lifecycle;
use super::query::Query;
use super::request::Request;
use crate::body::{self, Response};
use crate::error::Refusal;
use crate::route::JobCall;
use crate::state::State;
use crate::{clock, credential};

pub(crate) fn answer(
    state: &Arc<State>,
    call: JobCall,
    request: &Parts,
    body: &[u8],
) -> Result<Response, Refusal> {
    match call {
        JobCall::Create => create(state, credential::region(request), body),
        JobCall::Get(job) => get(state, &job),
        JobCall::List => list(state, request.uri.query().unwrap_or_default()),
        JobCall::Stop(job) => stop(state, &job),
    }
}

fn create(state: &Arc<State>, region: &str, body: &[u8]) -> Result<Response, Refusal> {
    let request = Request::read(body)?;
    let id = state.ids.word(12);
    let job = Job::new(id, region.into(), request, clock::wall());
    let (arn, is_new) = state.jobs.add(job.clone(), state.settings.quotas.batch.max_jobs)?;
    if is_new {
        state.jobs.spawn(lifecycle::run(Arc::clone(state), job));
    }
    Ok(body::json(&json!({ "jobArn": arn })))
}

fn get(state: &State, identifier: &str) -> Result<Response, Refusal> {
    Ok(body::json(&state.jobs.get(identifier)?.to_json()))
}

fn list(state: &State, query: &str) -> Result<Response, Refusal> {
    Ok(body::json(&state.jobs.page(&Query::read(query)?)))
}

fn stop(state: &State, identifier: &str) -> Result<Response, Refusal> {
    state.jobs.stop(identifier)?;
    Ok(body::json(&json!({})))
}
