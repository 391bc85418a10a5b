//! What Converse refuses about tools.

use serde_json::{Map, Value};

use crate::conversation;
use crate::error::Refusal;
use crate::json::at;
use crate::models::Model;

/// Tools are for models that call them.
pub(super) fn support(model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    if config(body).is_none() || model.takes_tools() {
        return Ok(());
    }
    Err(Refusal::validation("This model doesn't support tool use."))
}

/// The arguments of a tool are an object.
pub(super) fn schemas(_: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    let tools = config(body).and_then(|config| config["tools"].as_array());
    let specs = tools.into_iter().flatten().map(|tool| &tool["toolSpec"]).enumerate();
    for (index, spec) in specs.filter(|(_, spec)| spec.is_object()) {
        let place = format!("toolConfig.tools.{index}.toolSpec.inputSchema.json");
        if at(spec, "/inputSchema/json").is_null() {
            return Err(Refusal::validation(format!("The value at {place} is required.")));
        }
        if at(spec, "/inputSchema/json/type") != "object" {
            return Err(Refusal::validation(format!(
                "The value at {place}.type must be one of the following: object."
            )));
        }
    }
    Ok(())
}

/// Not every model takes every choice.
pub(super) fn choice(model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    let choice = config(body).and_then(|config| config["toolChoice"].as_object());
    let Some(kind) = choice.and_then(|choice| choice.keys().next()) else { return Ok(()) };
    if model.takes_choice(kind) {
        return Ok(());
    }
    let field = format!("toolConfig.toolChoice.{kind}");
    Err(Refusal::validation(format!(
        "This model doesn't support the {field} field. Remove {field} and try again."
    )))
}

/// Where messages speak of tools, the tools are defined.
pub(super) fn defined(_: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    if config(body).is_some() || !body.get("messages").is_some_and(conversation::uses_tools) {
        return Ok(());
    }
    Err(Refusal::validation(
        "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
    ))
}

fn config(body: &Map<String, Value>) -> Option<&Value> {
    body.get("toolConfig").filter(|config| !config.is_null())
}
