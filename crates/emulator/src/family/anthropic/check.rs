//! What the service refuses of a body in the Messages format, with this family's own wording.

use serde_json::{Map, Value};

use super::{messages, tools};
use crate::error::Refusal;
use crate::models::Model;

/// Refuses a body that the service would refuse.
pub(super) fn check(model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    for key in ["anthropic_version", "max_tokens", "messages"] {
        if !body.contains_key(key) {
            return Err(Refusal::validation(format!("{key}: Field required")));
        }
    }
    if let Some(key) = body.keys().find(|key| !ALLOWED.contains(&key.as_str())) {
        return Err(Refusal::validation(format!("{key}: Extra inputs are not permitted")));
    }
    if !is_version(&body["anthropic_version"]) {
        return Err(Refusal::validation(format!("anthropic_version: Input should be '{VERSION}'")));
    }
    match body["max_tokens"].as_i64() {
        Some(1..) => {}
        Some(_) => {
            let least = "max_tokens: Input should be greater than or equal to 1";
            return Err(Refusal::validation(least));
        }
        None => return Err(Refusal::validation("max_tokens: Input should be a valid integer")),
    }
    for key in ["temperature", "top_p"] {
        let Some(value) = body.get(key).filter(|value| !value.is_null()) else { continue };
        let what = match value.as_f64() {
            Some(number) if (0.0..=1.0).contains(&number) => continue,
            Some(_) => "range: 0..1",
            None => "Input should be a valid number",
        };
        return Err(Refusal::validation(format!("{key}: {what}")));
    }
    check_thinking(body)?;
    tools::check(body.get("tools").unwrap_or(&Value::Null))?;
    messages::check(model, &body["messages"])
}

/// The budget of reasoning, and what may not stand beside it.
pub(crate) fn check_thinking(body: &Map<String, Value>) -> Result<(), Refusal> {
    let Some(thinking) = body.get("thinking").filter(|thinking| thinking["type"] == "enabled")
    else {
        return Ok(());
    };
    let Some(budget) = thinking["budget_tokens"].as_u64() else {
        return Err(Refusal::validation("thinking.enabled.budget_tokens: Field required"));
    };
    if budget < 1024 {
        return Err(Refusal::validation(
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
        ));
    }
    if body["max_tokens"].as_u64().is_some_and(|limit| limit <= budget) {
        return Err(Refusal::validation(
            "`max_tokens` must be greater than `thinking.budget_tokens`.",
        ));
    }
    if body.get("temperature").and_then(Value::as_f64).is_some_and(|heat| heat != 1.0) {
        return Err(Refusal::validation(
            "`temperature` may only be set to 1 when thinking is enabled.",
        ));
    }
    Ok(())
}

/// Bedrock's version, or a date: Anthropic's own SDK sends Bedrock the version of Anthropic's API.
fn is_version(value: &Value) -> bool {
    let is_date = |text: &str| {
        let fits = |(form, byte): (u8, u8)| {
            if form == b'-' { byte == b'-' } else { byte.is_ascii_digit() }
        };
        text.len() == DATE.len() && DATE.bytes().zip(text.bytes()).all(fits)
    };
    value.as_str().is_some_and(|text| text == VERSION || is_date(text))
}

const VERSION: &str = "bedrock-2023-05-31";

const DATE: &str = "0000-00-00";

const ALLOWED: [&str; 16] = [
    "amazon-bedrock-guardrailConfig",
    "anthropic_beta",
    "anthropic_version",
    "context_management",
    "max_tokens",
    "messages",
    "metadata",
    "output_config",
    "stop_sequences",
    "system",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
];
