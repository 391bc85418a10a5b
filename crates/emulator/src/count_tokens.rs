//! CountTokens: what a request would count, without running it.

use codec::DecodeError;
use codec::count_tokens::{self, Input};
use hyper::HeaderMap;
use serde_json::{Value, json};

use crate::error::Refusal;
use crate::models::Model;
use crate::route::RunApi;
use crate::runtime::Task;

/// Counts the input of a request in either form.
pub(crate) fn answer(model_id: &str, body: &[u8]) -> Result<Value, Refusal> {
    let model = Model::find(model_id)?;
    // Profiles are not taken here, only the model's own id.
    if !model.counts() || model.reference.geo().is_some() {
        return Err(Refusal::validation("The provided model doesn't support counting tokens."));
    }
    let read = |error: DecodeError| Refusal::malformed(&error.to_string());
    let request = count_tokens::decode_request(body).map_err(read)?;
    let (api, body) = match request.input {
        Input::Invoke(body) => (RunApi::Invoke, body),
        // It is checked as it came: what was decoded of it has lost its faults.
        Input::Converse(_) => (RunApi::Converse, member(body, "/input/converse")?),
        _ => {
            return Err(Refusal::validation(
                "1 validation error detected: Value at 'input' failed to satisfy constraint: \
                 Exactly one of invokeModel and converse must be set",
            ));
        }
    };
    let task = Task::read(api, model, &HeaderMap::new(), &body)?;
    Ok(json!({ "inputTokens": task.prompt.input_tokens }))
}

/// The JSON text of a member of the body.
fn member(body: &[u8], pointer: &str) -> Result<Vec<u8>, Refusal> {
    let body: Value = serde_json::from_slice(body).map_err(|_| Refusal::not_json())?;
    Ok(body.pointer(pointer).unwrap_or(&Value::Null).to_string().into_bytes())
}
