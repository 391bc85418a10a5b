//! The four operations on jobs.

use std::sync::Arc;
use std::time::Duration;

use hyper::http::request::Parts;
use serde_json::{Value, json};

use super::job::Job;
use super::lifecycle;
use super::request::{IDENTIFIER, NAME, Request};
use crate::body::{self, Response};
use crate::control::list::{Filters, Selection};
use crate::control::query::Query;
use crate::error::Refusal;
use crate::models::Model;
use crate::route::JobCall;
use crate::state::State;
use crate::wire::set;
use crate::{clock, credential, lifetime};

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
    let model = Model::find(&request.model_id)?;
    let ended = lifetime::check(&model, &state.settings)?;
    let tags = request.tags.clone();
    let id = state.ids.word(12);
    let limits = &state.settings.quotas.batch;
    let hour = Duration::from_millis(limits.timeout_hour_ms);
    let job = Job::new(id, region.into(), request, clock::wall(), hour);
    let (arn, is_new) = state.jobs.add(job.clone(), limits.max_jobs)?;
    if is_new {
        state.tags.put(&arn, tags)?;
        state.jobs.spawn(lifecycle::run(Arc::clone(state), job));
    }
    let mut response = body::json(&json!({ "jobArn": arn }));
    lifetime::warn(&mut response, ended);
    Ok(response)
}

fn get(state: &State, identifier: &str) -> Result<Response, Refusal> {
    IDENTIFIER.check("jobIdentifier", identifier)?;
    Ok(body::json(&state.jobs.get(identifier)?.to_json()))
}

fn list(state: &State, query: &str) -> Result<Response, Refusal> {
    let selection = Selection::read(&Query::read(query), &FILTERS)?;
    let page = state.jobs.page(&selection);
    let summaries: Vec<Value> = page.items.iter().map(|(_, job)| job.to_json()).collect();
    let mut list = json!({ "invocationJobSummaries": summaries });
    if let Some(next) = page.next {
        set(&mut list, "nextToken", next);
    }
    Ok(body::json(&list))
}

fn stop(state: &State, identifier: &str) -> Result<Response, Refusal> {
    IDENTIFIER.check("jobIdentifier", identifier)?;
    state.jobs.stop(identifier)?;
    Ok(body::json(&json!({})))
}

const FILTERS: Filters = Filters {
    times: ["submitTimeAfter", "submitTimeBefore"],
    states: &[
        "Submitted",
        "InProgress",
        "Completed",
        "Failed",
        "Stopping",
        "Stopped",
        "PartiallyCompleted",
        "Expired",
        "Validating",
        "Scheduled",
    ],
    name: NAME,
};
