//! CountTokens: what a request would count, without running it.

use codec::DecodeError;
use codec::count_tokens::{self, Input};
use hyper::HeaderMap;
use serde_json::{Map, Value, json};

use crate::constraint;
use crate::error::Refusal;
use crate::models::Model;
use crate::route::RunApi;
use crate::runtime::{Task, members};

/// Counts the input of a request in either form.
pub(crate) fn answer(model: Model, body: &[u8]) -> Result<Value, Refusal> {
    // Profiles are not taken here, only the model's own id.
    if !model.counts() || model.reference.geo().is_some() {
        return Err(Refusal::validation("The provided model doesn't support counting tokens."));
    }
    let read = |error: DecodeError| Refusal::malformed(&error.to_string());
    let request = count_tokens::decode_request(body).map_err(read)?;
    let (api, members) = match request.input {
        Input::Invoke(body) => (RunApi::Invoke, members(&body)?),
        // It is checked as it came: what was decoded of it has lost its faults.
        Input::Converse(_) => (RunApi::Converse, converse(body)?),
        _ => {
            let one = "Exactly one of invokeModel and converse must be set";
            return Err(constraint::unfit("input", one));
        }
    };
    let task = Task::read(api, model, &HeaderMap::new(), members)?;
    Ok(json!({ "inputTokens": task.prompt.input_tokens }))
}

/// The members of the request of Converse in the body.
fn converse(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let mut body: Value = serde_json::from_slice(body).map_err(|_| Refusal::not_json())?;
    match body.pointer_mut("/input/converse").map(Value::take) {
        Some(Value::Object(members)) => Ok(members),
        _ => Err(Refusal::not_json()),
    }
}
