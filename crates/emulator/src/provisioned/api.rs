//! The operations on provisioned throughputs.

use hyper::StatusCode;
use hyper::http::request::Parts;
use serde_json::json;

use super::request::{Change, NAME, Request};
use super::throughput::Moment;
use crate::body::{self, Response};
use crate::control::list::{Filters, Selection};
use crate::control::query::Query;
use crate::error::Refusal;
use crate::route::ProvisionedCall;
use crate::state::State;
use crate::wire::set;
use crate::{clock, credential};

/// Answers an operation.
pub(crate) fn answer(
    state: &State,
    call: ProvisionedCall,
    request: &Parts,
    body: &[u8],
) -> Result<Response, Refusal> {
    let at = Moment { wall: clock::wall(), now: clock::now() };
    let region = credential::region(request);
    let stage = state.settings.stage;
    match call {
        ProvisionedCall::Create => create(state, region, body, at),
        ProvisionedCall::Get(id) => Ok(body::json(&state.provisioned.get(&id, at.now)?)),
        ProvisionedCall::List => list(state, request.uri.query().unwrap_or_default(), at),
        ProvisionedCall::Update(id) => {
            state.provisioned.update(&id, Change::read(body, region)?, at, stage)?;
            Ok(body::json(&json!({})))
        }
        ProvisionedCall::Delete(id) => {
            let arn = state.provisioned.delete(&id, at)?;
            state.tags.forget(&arn);
            Ok(body::json(&json!({})))
        }
    }
}

fn create(state: &State, region: &str, body: &[u8], at: Moment) -> Result<Response, Refusal> {
    let request = Request::read(body, region)?;
    let tags = request.tags.clone();
    let id = state.ids.word(12);
    let (most, stage) = (state.settings.quotas.model_units, state.settings.stage);
    let (arn, is_new) = state.provisioned.add(&id, region, request, most, at, stage)?;
    if is_new {
        state.tags.put(&arn, tags)?;
    }
    let mut response = body::json(&json!({ "provisionedModelArn": arn }));
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

fn list(state: &State, query: &str, at: Moment) -> Result<Response, Refusal> {
    let query = Query::read(query);
    let selection = Selection::read(&query, &FILTERS)?;
    let page = state.provisioned.page(&selection, query.text("modelArnEquals"), at.now);
    let mut list = json!({ "provisionedModelSummaries": page.items });
    if let Some(next) = page.next {
        set(&mut list, "nextToken", next);
    }
    Ok(body::json(&list))
}

const FILTERS: Filters = Filters {
    times: ["creationTimeAfter", "creationTimeBefore"],
    states: &["Creating", "InService", "Updating", "Failed"],
    name: NAME,
};
