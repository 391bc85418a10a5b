//! What the service refuses of a body in the Messages format, with this family's own wording.

use serde_json::{Map, Value};

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
    if body["max_tokens"].as_u64().is_none_or(|tokens| tokens == 0) {
        return Err(Refusal::validation(
            "max_tokens: Input should be a valid integer greater than or equal to 1",
        ));
    }
    for key in ["temperature", "top_p"] {
        let value = body.get(key).filter(|value| !value.is_null());
        let fits = |value: &Value| value.as_f64().is_some_and(|v| (0.0..=1.0).contains(&v));
        if value.is_some_and(|value| !fits(value)) {
            return Err(Refusal::validation(format!(
                "{key}: Input should be a valid number between 0 and 1"
            )));
        }
    }
    check_thinking(body)?;
    check_tools(body.get("tools").unwrap_or(&Value::Null))?;
    check_messages(model, &body["messages"])
}

/// The budget of reasoning, and what may not stand beside it.
fn check_thinking(body: &Map<String, Value>) -> Result<(), Refusal> {
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

/// Roles and contents, with the wording of this family.
fn check_messages(model: &Model, messages: &Value) -> Result<(), Refusal> {
    let Some(messages) = messages.as_array() else {
        return Err(Refusal::validation("messages: Input should be a valid list"));
    };
    if messages.is_empty() {
        return Err(Refusal::validation("messages: at least one message is required"));
    }
    let mut before = None;
    let mut calls: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if role == "system" && at > 0 && model.takes_system_later() {
            continue;
        }
        if !matches!(role, "user" | "assistant") {
            return Err(Refusal::validation(format!(
                "messages.{at}.role: Input should be 'user' or 'assistant'"
            )));
        }
        if before.is_none() && role != "user" {
            return Err(Refusal::validation("messages: first message must use the \"user\" role"));
        }
        if before == Some(role) && !model.merges_turns() {
            return Err(Refusal::validation(format!(
                "messages: roles must alternate between \"user\" and \"assistant\", but found \
                 multiple \"{role}\" roles in a row"
            )));
        }
        let content = &message["content"];
        check_content(at, content)?;
        let results = ids(content, "tool_result", "tool_use_id");
        if before == Some(role) {
            // What is merged with the turn before belongs to it.
            calls.retain(|id| !results.contains(id));
            calls.extend(ids(content, "tool_use", "id"));
            continue;
        }
        check_results(at, &calls, &results)?;
        calls = ids(content, "tool_use", "id");
        before = Some(role);
    }
    Ok(())
}

/// The ids in the blocks of one type.
fn ids<'a>(content: &'a Value, kind: &str, key: &str) -> Vec<&'a str> {
    let blocks = content.as_array().into_iter().flatten();
    blocks.filter(|block| block["type"] == kind).filter_map(|block| block[key].as_str()).collect()
}

/// Each result answers a call of the turn before, and each call has a result.
fn check_results(at: usize, calls: &[&str], results: &[&str]) -> Result<(), Refusal> {
    if let Some(stray) = results.iter().find(|id| !calls.contains(id)) {
        return Err(Refusal::validation(format!(
            "messages.{at}.content: unexpected `tool_use_id` found in `tool_result` blocks: \
             {stray}. Each `tool_result` block must have a corresponding `tool_use` block in the \
             previous message."
        )));
    }
    let open: Vec<&str> = calls.iter().filter(|id| !results.contains(id)).copied().collect();
    if open.is_empty() {
        return Ok(());
    }
    Err(Refusal::validation(format!(
        "messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: \
         {}. Each `tool_use` block must have a corresponding `tool_result` block in the next \
         message.",
        open.join(", ")
    )))
}

fn check_content(at: usize, content: &Value) -> Result<(), Refusal> {
    let refuse = |what: &str| Err(Refusal::validation(what));
    let texts: Vec<&str> = match content {
        Value::String(text) => vec![text],
        Value::Array(blocks) => {
            if let Some(untyped) = blocks.iter().position(|block| !block["type"].is_string()) {
                return refuse(&format!("messages.{at}.content.{untyped}.type: Field required"));
            }
            if blocks.is_empty() {
                return refuse(&format!(
                    "messages.{at}: user messages must have non-empty content"
                ));
            }
            let texts = blocks.iter().filter(|block| block["type"] == "text");
            texts.filter_map(|block| block["text"].as_str()).collect()
        }
        _ => return refuse(&format!("messages.{at}.content: Field required")),
    };
    if texts.iter().any(|text| text.is_empty()) {
        return refuse("messages: text content blocks must be non-empty");
    }
    if !texts.is_empty() && texts.iter().all(|text| text.trim().is_empty()) {
        return refuse("messages: text content blocks must contain non-whitespace text");
    }
    Ok(())
}

/// The tools of the model's own are of types that it knows.
fn check_tools(tools: &Value) -> Result<(), Refusal> {
    let tools = tools.as_array().into_iter().flatten().enumerate();
    let kinds = tools.filter_map(|(at, tool)| Some((at, tool["type"].as_str()?)));
    for (at, kind) in kinds {
        if !KINDS.iter().any(|known| kind.starts_with(known)) {
            return Err(Refusal::validation(format!(
                "tools.{at}: Input tag '{kind}' found using 'type' does not match any of the \
                 expected tags: {EXPECTED}"
            )));
        }
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

/// What the types of tools begin with.
const KINDS: [&str; 6] =
    ["bash_", "computer_", "custom", "memory_", "text_editor_", "tool_search_tool_"];
/// What the service names of them, whatever else a beta adds.
const EXPECTED: &str = "'bash_20250124', 'custom', 'text_editor_20250124', 'text_editor_20250429', \
                        'text_editor_20250728'";
