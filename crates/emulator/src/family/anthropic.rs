//! Anthropic Claude: the Messages format, and the text completions of the first models.

mod completion;
mod message;

use serde_json::{Map, Value};

use self::completion::Completion;
use self::message::Message;
use super::Family;
use crate::error::Refusal;
use crate::wire::Wire;

pub(super) struct Anthropic;

impl Family for Anthropic {
    fn name(&self) -> &'static str {
        "anthropic"
    }

    fn check(&self, _model: &str, body: &Map<String, Value>) -> Result<(), Refusal> {
        if completion::is_in(body) {
            return completion::check(body);
        }
        for key in ["anthropic_version", "max_tokens", "messages"] {
            if !body.contains_key(key) {
                return Err(Refusal::validation(format!("{key}: Field required")));
            }
        }
        if let Some(key) = body.keys().find(|key| !ALLOWED.contains(&key.as_str())) {
            return Err(Refusal::validation(format!("{key}: Extra inputs are not permitted")));
        }
        if body["anthropic_version"] != VERSION {
            return Err(Refusal::validation(format!(
                "anthropic_version: Input should be '{VERSION}'"
            )));
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
        check_messages(&body["messages"])
    }

    fn recognises(&self, body: &Map<String, Value>) -> bool {
        body.contains_key("anthropic_version") || body.contains_key("max_tokens_to_sample")
    }

    fn wire(&self, _model: &str, body: &Map<String, Value>) -> &'static dyn Wire {
        if completion::is_in(body) { &Completion } else { &Message }
    }

    fn last_turn<'a>(&self, raw: &'a str) -> &'a str {
        completion::last_turn(raw)
    }
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
fn check_messages(messages: &Value) -> Result<(), Refusal> {
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
        if !matches!(role, "user" | "assistant") {
            return Err(Refusal::validation(format!(
                "messages.{at}.role: Input should be 'user' or 'assistant'"
            )));
        }
        if before.is_none() && role != "user" {
            return Err(Refusal::validation("messages: first message must use the \"user\" role"));
        }
        if before == Some(role) {
            return Err(Refusal::validation(format!(
                "messages: roles must alternate between \"user\" and \"assistant\", but found \
                 multiple \"{role}\" roles in a row"
            )));
        }
        before = Some(role);
        let content = &message["content"];
        check_content(at, content)?;
        check_results(at, &calls, &ids(content, "tool_result", "tool_use_id"))?;
        calls = ids(content, "tool_use", "id");
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
    let blank = |text: &Value| text.as_str().is_some_and(|text| text.trim().is_empty());
    let is_blank = match content {
        Value::String(_) => blank(content),
        Value::Array(blocks) => {
            if let Some(untyped) = blocks.iter().position(|block| !block["type"].is_string()) {
                return Err(Refusal::validation(format!(
                    "messages.{at}.content.{untyped}.type: Field required"
                )));
            }
            blocks.is_empty() || blocks.iter().any(|b| b["type"] == "text" && blank(&b["text"]))
        }
        _ => {
            return Err(Refusal::validation(format!("messages.{at}.content: Field required")));
        }
    };
    if is_blank {
        return Err(Refusal::validation("messages: text content blocks must be non-empty"));
    }
    Ok(())
}

const VERSION: &str = "bedrock-2023-05-31";

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
