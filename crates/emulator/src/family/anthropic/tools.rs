//! What the service refuses of tools in the Messages format.

use serde_json::Value;

use crate::error::Refusal;
use crate::json::at;

/// Refuses tools that the service would refuse: of a type that it does not have, or ill formed.
pub(super) fn check(tools: &Value) -> Result<(), Refusal> {
    for (index, tool) in tools.as_array().into_iter().flatten().enumerate() {
        let kind = tool["type"].as_str().unwrap_or(CUSTOM);
        let fault = if kind == CUSTOM {
            custom(tool).map(|what| format!("tools.{index}.custom.{what}"))
        } else if KINDS.iter().any(|known| kind.starts_with(known)) {
            None
        } else {
            Some(format!(
                "tools.{index}: Input tag '{kind}' found using 'type' does not match any of the \
                 expected tags: {EXPECTED}"
            ))
        };
        if let Some(fault) = fault {
            return Err(Refusal::validation(fault));
        }
    }
    Ok(())
}

/// What is wrong with a tool of the caller's own.
fn custom(tool: &Value) -> Option<&'static str> {
    let is_name = |name: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        (1..=128).contains(&name.len()) && name.bytes().all(fits)
    };
    match (tool["name"].as_str(), at(tool, "/input_schema/type")) {
        (None, _) => Some("name: Field required"),
        (Some(name), _) if !is_name(name) => {
            Some("name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'")
        }
        _ if tool["input_schema"].is_null() => Some("input_schema: Field required"),
        (_, Value::Null) => Some("input_schema.type: Field required"),
        (_, kind) if kind != "object" => Some("input_schema.type: Input should be 'object'"),
        _ => None,
    }
}

const CUSTOM: &str = "custom";

/// What the types of the model's own tools begin with.
const KINDS: [&str; 5] = ["bash_", "computer_", "memory_", "text_editor_", "tool_search_tool_"];
/// What the service names of them, whatever else a beta adds.
const EXPECTED: &str = "'bash_20250124', 'custom', 'text_editor_20250124', 'text_editor_20250429', \
                        'text_editor_20250728'";
