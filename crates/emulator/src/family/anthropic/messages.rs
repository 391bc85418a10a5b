//! What the service refuses of messages: roles, contents, and results without a call.

use serde_json::Value;

use crate::error::Refusal;
use crate::json::at;
use crate::models::Model;

/// Refuses messages that the service would refuse.
pub(super) fn check(model: &Model, messages: &Value) -> Result<(), Refusal> {
    let Some(messages) = messages.as_array() else {
        return Err(Refusal::validation("messages: Input should be a valid list"));
    };
    if messages.is_empty() {
        return Err(Refusal::validation("messages: at least one message is required"));
    }
    check_images(messages)?;
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
    check_ending(messages)
}

/// A reply that is begun does not end in white space.
fn check_ending(messages: &[Value]) -> Result<(), Refusal> {
    let Some(begun) = messages.last().filter(|message| message["role"] == "assistant") else {
        return Ok(());
    };
    let content = &begun["content"];
    let block = || content.as_array()?.last()?["text"].as_str();
    let text = content.as_str().or_else(block).unwrap_or_default();
    if text.ends_with(char::is_whitespace) {
        return Err(Refusal::validation(TRAILING));
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

/// The number of images, and the size of each.
fn check_images(messages: &[Value]) -> Result<(), Refusal> {
    let mut images = 0;
    for (index, message) in messages.iter().enumerate() {
        let blocks = message["content"].as_array().into_iter().flatten().enumerate();
        for (block_index, block) in blocks.filter(|(_, block)| block["type"] == "image") {
            images += 1;
            let size = at(block, "/source/data").as_str().map_or(0, str::len);
            if size > MOST_BYTES {
                return Err(Refusal::validation(image_too_large(index, block_index, size)));
            }
        }
    }
    if images > MOST_IMAGES {
        let what = format!("too many images and documents: {images} + 0 > {MOST_IMAGES}");
        return Err(Refusal::validation(what));
    }
    Ok(())
}

/// What is said of an image whose base64 has more bytes than are taken.
pub(crate) fn image_too_large(message: usize, block: usize, size: usize) -> String {
    format!(
        "messages.{message}.content.{block}.image.source.base64: image exceeds 5 MB maximum: \
         {size} bytes > {MOST_BYTES} bytes"
    )
}

/// What is said of a begun reply that ends in white space.
pub(crate) const TRAILING: &str =
    "messages: final assistant content cannot end with trailing whitespace";
/// The most bytes of an image in base64, which are 3.75 MB of the image itself.
pub(crate) const MOST_BYTES: usize = 5_242_880;
const MOST_IMAGES: usize = 20;
