//! What Converse refuses of a request, in the order in which the service looks at it.

use codec::catalog::Sampling;
use serde_json::{Map, Value, json};

use super::{constraints, media, tools};
use crate::conversation;
use crate::error::{Kind, Refusal};
use crate::family::anthropic::check::check_thinking;
use crate::family::anthropic::messages::TRAILING;
use crate::json::at;
use crate::models::Model;

/// Refuses a body that the service would refuse.
pub(crate) fn check(model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    if model.reference.address().contains(":prompt/") {
        return Err(Refusal::new(
            Kind::NotFound,
            "The prompt that you provided could not be found.",
        ));
    }
    constraints::check(body)?;
    CHECKS.iter().try_for_each(|check| check(model, body))?;
    conversation::check(model, body.get("messages").unwrap_or(&Value::Null))?;
    media::check(model, body)
}

type Check = fn(&Model, &Map<String, Value>) -> Result<(), Refusal>;

/// What is checked before the messages themselves.
const CHECKS: &[Check] = &[
    system,
    cache_points,
    tools::support,
    tools::schemas,
    tools::choice,
    tools::defined,
    turns,
    sampling,
    thinking,
    ending,
];

fn system(model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    let given = body.get("system").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    if !given || model.takes_system() {
        return Ok(());
    }
    Err(Refusal::validation(
        "This model doesn't support the system field. Remove system field and try again.",
    ))
}

fn cache_points(model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    let list = |key: &str| body.get(key).and_then(Value::as_array).into_iter().flatten();
    let contents = list("messages").filter_map(|message| message["content"].as_array()).flatten();
    let tools = body.get("toolConfig").and_then(|config| config["tools"].as_array());
    let mut all = list("system").chain(contents).chain(tools.into_iter().flatten());
    if model.caches() || !all.any(|block| block["cachePoint"].is_object()) {
        return Ok(());
    }
    Err(Refusal::new(
        Kind::AccessDenied,
        "You invoked an unsupported model or your request did not allow prompt caching. See the \
         documentation for more information.",
    ))
}

fn turns(model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    let turns = body.get("messages").and_then(Value::as_array).map_or(0, Vec::len);
    if turns < 2 || !model.takes_one_turn() {
        return Ok(());
    }
    Err(Refusal::validation(
        "This model doesn't support conversation history. Try again with input that only includes \
         one user message.",
    ))
}

/// Some models take one of temperature and `topP`, or neither.
fn sampling(model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    let config = body.get("inferenceConfig").unwrap_or(&Value::Null);
    let (heat, top_p) = (config["temperature"].is_number(), config["topP"].is_number());
    match model.sampling() {
        Some(Sampling::One) if heat && top_p => Err(Refusal::by_model(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
        )),
        Some(Sampling::None) if heat => {
            Err(Refusal::by_model("`temperature` is deprecated for this model."))
        }
        Some(Sampling::None) if top_p => {
            Err(Refusal::by_model("`top_p` is deprecated for this model."))
        }
        _ => Ok(()),
    }
}

/// Claude's rules for reasoning, which it is asked for by a member of its own.
fn thinking(_: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    let member = |key: &str| body.get(key).unwrap_or(&Value::Null);
    let (config, fields) = (member("inferenceConfig"), member("additionalModelRequestFields"));
    if fields.get("thinking").is_none() {
        return Ok(());
    }
    let own = json!({
        "thinking": at(fields, "/thinking"),
        "max_tokens": at(config, "/maxTokens"),
        "temperature": at(config, "/temperature"),
    });
    let checked = own.as_object().map_or(Ok(()), check_thinking);
    checked.map_err(|refusal| Refusal::by_model(&refusal.message))
}

/// A reply of Claude's that is begun does not end in white space.
fn ending(model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    let last = body.get("messages").and_then(Value::as_array).and_then(|messages| messages.last());
    let last = last.filter(|message| message["role"] == "assistant");
    let blocks = last.and_then(|message| message["content"].as_array());
    let text = blocks.and_then(|blocks| blocks.last()?["text"].as_str()).unwrap_or_default();
    if !model.name.starts_with("anthropic.") || !text.ends_with(char::is_whitespace) {
        return Ok(());
    }
    Err(Refusal::by_model(TRAILING))
}
