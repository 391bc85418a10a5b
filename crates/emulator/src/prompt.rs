//! From a request to what the model is given.

use codec::{Block, Request, Role};
use serde_json::Value;

use crate::model::tokens::count;
use crate::model::{Prompt, Tool, ToolChoice};

/// Reads a request. `last_turn` finds the turn to answer in a raw prompt, and `default` is the
/// limit on output tokens where the request gives none.
pub(crate) fn read(request: &Request, last_turn: impl Fn(&str) -> &str, default: u64) -> Prompt {
    let turn = request.messages.iter().rfind(|message| message.role == Role::User);
    let blocks = turn.map_or(&[][..], |turn| turn.content.as_slice());
    let raw = request.prompt.as_deref();
    let tools = request.tools.as_ref();
    Prompt {
        system: texts(&request.system),
        text: raw.map_or_else(|| texts(blocks), |raw| last_turn(raw).into()),
        tool_results: results(blocks),
        tools: tools
            .map(|config| config.tools.iter().filter_map(tool).collect())
            .unwrap_or_default(),
        tool_choice: tools
            .and_then(|config| config.choice.as_ref())
            .map(choice)
            .unwrap_or_default(),
        max_tokens: request.inference.max_tokens.map_or(default, u64::from),
        stop_sequences: request.inference.stop_sequences.clone(),
        input_tokens: raw.map_or(0, count)
            + blocks_weight(&request.system)
            + request.messages.iter().map(|message| blocks_weight(&message.content)).sum::<u64>()
            + tools.map_or(0, |config| weight(&config.to_json())),
    }
}

fn texts(blocks: &[Block]) -> String {
    blocks.iter().flat_map(Block::texts).collect::<Vec<_>>().join("\n")
}

/// What the tool results in a turn say, as text or as JSON.
fn results(blocks: &[Block]) -> Vec<String> {
    let contents = blocks.iter().filter_map(|block| match block {
        Block::ToolResult(result) => Some(&result.content),
        _ => None,
    });
    let said = contents.flatten().map(|content| match content {
        Block::Text(text) => text.text.clone(),
        Block::Json(value) => value.to_string(),
        other => other.to_json().to_string(),
    });
    said.collect()
}

fn tool(tool: &codec::Tool) -> Option<Tool> {
    match tool {
        codec::Tool::Spec(spec) => {
            Some(Tool { name: spec.name.clone(), input_schema: spec.input_schema.clone() })
        }
        _ => None,
    }
}

fn choice(choice: &codec::ToolChoice) -> ToolChoice {
    match choice {
        codec::ToolChoice::Any(_) => ToolChoice::Any,
        codec::ToolChoice::Tool { name, .. } => ToolChoice::Named(name.clone()),
        codec::ToolChoice::Unknown(_) => ToolChoice::Never,
        _ => ToolChoice::Auto,
    }
}

fn blocks_weight(blocks: &[Block]) -> u64 {
    blocks.iter().map(|block| weight(&block.to_json())).sum()
}

/// The tokens of all text in a value. What is not text costs a flat price.
fn weight(value: &Value) -> u64 {
    match value {
        Value::String(text) => count(text),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| if key == "bytes" { MEDIA_TOKENS } else { weight(value) })
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// What an image, a document or a video counts as.
const MEDIA_TOKENS: u64 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(body: &str) -> Prompt {
        read(&Request::from_converse(body.as_bytes()).unwrap(), |raw| raw, 77)
    }

    #[test]
    fn the_last_turn_of_the_user_is_answered_and_all_turns_are_counted() {
        let prompt = prompt(
            r#"{"messages":[
                {"role":"user","content":[{"text":"one two"}]},
                {"role":"assistant","content":[{"text":"three"}]},
                {"role":"user","content":[{"text":"four"},{"image":{"format":"png","source":{"bytes":"AA=="}}}]},
                {"role":"assistant","content":[{"text":"five"}]}],
               "system":[{"text":"Be brief."}]}"#,
        );
        assert_eq!((prompt.text.as_str(), prompt.system.as_str()), ("four", "Be brief."));
        assert_eq!(prompt.max_tokens, 77);
        // one two three four five Be brief . png and the image.
        assert_eq!(prompt.input_tokens, 9 + MEDIA_TOKENS);
    }

    #[test]
    fn tools_choices_and_results_are_read() {
        let prompt = prompt(
            r#"{"messages":[{"role":"user","content":[
                {"toolResult":{"toolUseId":"a","content":[{"json":{"x":1}},{"text":"done"}]}}]}],
               "toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object"}}}}],
                             "toolChoice":{"tool":{"name":"f"}}},
               "inferenceConfig":{"maxTokens":5,"stopSequences":["x"]}}"#,
        );
        assert_eq!(prompt.tool_results, [r#"{"x":1}"#, "done"]);
        assert_eq!(prompt.tools.first().map(|tool| tool.name.as_str()), Some("f"));
        assert_eq!(prompt.tool_choice, ToolChoice::Named("f".into()));
        assert_eq!((prompt.max_tokens, prompt.stop_sequences), (5, vec!["x".into()]));
    }
}
