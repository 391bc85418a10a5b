//! From a request to what the model is given.

use std::hash::{DefaultHasher, Hash, Hasher};

use codec::{Block, Request, Role};
use serde_json::Value;

use crate::guardrail;
use crate::model::tokens::count;
use crate::model::{Prompt, Tool, ToolChoice};

/// Reads a request. `last_turn` finds the turn to answer in a raw prompt, and `default` is the
/// limit on output tokens where the request gives none.
pub(crate) fn read(request: &Request, last_turn: impl Fn(&str) -> &str, default: u64) -> Prompt {
    let turn = request.messages.iter().rfind(|message| message.role == Role::User);
    let blocks = turn.map_or(&[][..], |turn| turn.content.as_slice());
    let raw = request.prompt.as_deref();
    let tools = request.tools.as_ref();
    let (tokens, cache_points) = weigh(request);
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
        reasons: asks_to_reason(request),
        max_tokens: request.inference.max_tokens.map_or(default, u64::from),
        stop_sequences: request.inference.stop_sequences.clone(),
        input_tokens: raw.map_or(0, count) + tokens,
        cache_points,
    }
}

/// The tokens of all that a request says beside a raw prompt, and what its marks let be cached.
///
/// The order is that of the service: tools, the system prompt, messages.
fn weigh(request: &Request) -> (u64, Vec<(u64, u64)>) {
    let (mut tokens, mut points) = (0, Vec::new());
    if is_plain(request) {
        let texts = request.messages.iter().flat_map(|message| &message.content);
        return (texts.chain(&request.system).flat_map(Block::texts).map(count).sum(), points);
    }
    let mut digest = DefaultHasher::new();
    let mut add = |part: &Value, digest: &mut DefaultHasher, is_point: bool| {
        if is_point {
            points.push((digest.finish(), tokens));
        } else {
            tokens += weight(part);
            part.to_string().hash(digest);
        }
    };
    if let Some(config) = &request.tools {
        let config = config.to_json();
        let tools = config.get("tools").and_then(Value::as_array);
        for tool in tools.into_iter().flatten() {
            add(tool, &mut digest, tool.get("cachePoint").is_some());
        }
        add(config.get("toolChoice").unwrap_or(&Value::Null), &mut digest, false);
    }
    let messages = request.messages.iter().map(|message| (message.role.as_str(), &message.content));
    for (role, blocks) in std::iter::once(("system", &request.system)).chain(messages) {
        role.hash(&mut digest);
        for block in blocks {
            add(&block.to_json(), &mut digest, matches!(block, Block::CachePoint(_)));
        }
    }
    (tokens, points)
}

/// Whether a request holds nothing but text, as most do, so that nothing of it is cached.
fn is_plain(request: &Request) -> bool {
    let blocks = request.messages.iter().flat_map(|message| &message.content);
    let text = |block: &Block| matches!(block, Block::Text(text) if text.extra.is_empty());
    request.tools.is_none() && blocks.chain(&request.system).all(text)
}

/// Whether the request asks for reasoning, in the words of any family.
fn asks_to_reason(request: &Request) -> bool {
    let fields = request.fields.get("additionalModelRequestFields").unwrap_or(&Value::Null);
    let enabled = |config: &Value| matches!(config["type"].as_str(), Some("enabled" | "adaptive"));
    let effort = fields["reasoning_effort"].as_str().is_some_and(|effort| effort != "none");
    let nova = request.inference.extra.get("reasoningConfig").is_some_and(enabled);
    effort
        || nova
        || enabled(&fields["thinking"])
        || enabled(&fields["reasoningConfig"])
        || fields.pointer("/inferenceConfig/reasoningConfig").is_some_and(enabled)
}

fn texts(blocks: &[Block]) -> String {
    let guarded = |block| guardrail::content(block);
    let said = |block| Block::texts(block).map(str::to_owned).chain(guarded(block));
    blocks.iter().flat_map(said).collect::<Vec<_>>().join("\n")
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
