//! CountTokens: what a request would count, without running it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codec::ModelRef;
use serde_json::{Value, json};

use crate::error::Refusal;
use crate::route::RunApi;
use crate::runtime::Task;

/// Counts the input of a request in either form.
pub(crate) fn answer(model_id: &str, body: &[u8]) -> Result<Value, Refusal> {
    let model = ModelRef::parse(model_id).ok();
    let name = model.as_ref().and_then(|model| Some((model.provider()?, model.model()?)));
    let Some((model, (provider, name))) = model.as_ref().zip(name) else {
        return Err(Refusal::validation("The provided model identifier is invalid."));
    };
    let counts = provider == "anthropic" && !TOO_OLD.iter().any(|old| name.starts_with(old));
    let body: Value = serde_json::from_slice(body)
        .map_err(|_| Refusal::validation("The request body is not valid JSON."))?;
    let native = body.pointer("/input/invokeModel/body").and_then(Value::as_str);
    let (api, bytes) = match (native, body.pointer("/input/converse").unwrap_or(&Value::Null)) {
        (Some(native), Value::Null) => {
            let bytes = STANDARD.decode(native).map_err(|_| {
                Refusal::validation("The body of input.invokeModel is not valid base64.")
            })?;
            (RunApi::Invoke, bytes)
        }
        (None, converse @ Value::Object(_)) => (RunApi::Converse, converse.to_string().into()),
        _ => {
            return Err(Refusal::validation(
                "1 validation error detected: Value at 'input' failed to satisfy constraint: \
                 Exactly one of invokeModel and converse must be set",
            ));
        }
    };
    let task = Task::read(api, model_id, &bytes)?;
    // Profiles are not taken here, only the model's own id.
    if !counts || model.geo().is_some() {
        return Err(Refusal::validation("The provided model doesn't support counting tokens."));
    }
    Ok(json!({ "inputTokens": task.prompt.input_tokens }))
}

/// Models of Anthropic's that cannot count.
const TOO_OLD: [&str; 5] =
    ["claude-v", "claude-instant", "claude-3-haiku", "claude-3-sonnet", "claude-3-opus"];
