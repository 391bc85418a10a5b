//! A request in the form of OpenAI's chat completions.

use codec::{Block, Image, Message, Request, Role, Source, Tool, ToolChoice, ToolResult};
use serde_json::{Value, json};

use crate::model::Prompt;
use crate::wire::set;

/// The body that asks `model` to answer. A raw prompt is one turn of the user, without the marks
/// of its template.
pub(super) fn body(request: &Request, prompt: &Prompt, model: &str, streaming: bool) -> Value {
    let mut messages = Vec::new();
    if !prompt.system.is_empty() {
        messages.push(json!({ "role": "system", "content": prompt.system }));
    }
    if request.prompt.is_some() {
        messages.push(json!({ "role": "user", "content": prompt.text }));
    }
    messages.extend(request.messages.iter().flat_map(turns));
    let mut body = json!({ "model": model, "messages": messages, "stream": streaming });
    if streaming {
        set(&mut body, "stream_options", json!({ "include_usage": true }));
    }
    let inference = &request.inference;
    let mut set_some = |key, value: Option<Value>| {
        if let Some(value) = value {
            set(&mut body, key, value);
        }
    };
    set_some("max_tokens", inference.max_tokens.map(Value::from));
    set_some("temperature", inference.temperature.map(Value::from));
    set_some("top_p", inference.top_p.map(Value::from));
    let stops = &inference.stop_sequences;
    set_some("stop", (!stops.is_empty()).then(|| json!(stops)));
    if let Some(config) = &request.tools {
        let tools: Vec<Value> = config.tools.iter().filter_map(tool).collect();
        set_some("tool_choice", config.choice.as_ref().map(choice));
        set_some("tools", (!tools.is_empty()).then(|| json!(tools)));
    }
    body
}

/// The messages of one turn: results of tools first, each a message of its own.
fn turns(message: &Message) -> Vec<Value> {
    let results = message.content.iter().filter_map(|block| match block {
        Block::ToolResult(result) => Some(result_message(result)),
        _ => None,
    });
    let mut messages: Vec<Value> = results.collect();
    let parts: Vec<Value> = message.content.iter().filter_map(part).collect();
    if message.role == Role::Assistant {
        let text: String = message.content.iter().flat_map(Block::texts).collect();
        let calls: Vec<Value> = message.content.iter().filter_map(call).collect();
        let mut said = json!({ "role": "assistant", "content": text });
        if !calls.is_empty() {
            set(&mut said, "tool_calls", calls);
        }
        messages.push(said);
    } else if !parts.is_empty() {
        let role = if message.role == Role::System { "system" } else { "user" };
        messages.push(json!({ "role": role, "content": content(parts) }));
    }
    messages
}

/// One text as text, which every server takes; anything else as a list of parts.
fn content(parts: Vec<Value>) -> Value {
    match parts.as_slice() {
        [only] if only["text"].is_string() => only["text"].clone(),
        _ => parts.into(),
    }
}

/// What a user says or shows.
fn part(block: &Block) -> Option<Value> {
    match block {
        Block::Image(Image { format, source: Source::Bytes(bytes), .. }) => {
            let url = format!("data:image/{format};base64,{bytes}");
            Some(json!({ "type": "image_url", "image_url": { "url": url } }))
        }
        Block::Document(document) => match &document.source {
            Source::Text(text) => Some(json!({ "type": "text", "text": text })),
            _ => None,
        },
        block => {
            let texts: Vec<&str> = block.texts().collect();
            (!texts.is_empty()).then(|| json!({ "type": "text", "text": texts.concat() }))
        }
    }
}

fn call(block: &Block) -> Option<Value> {
    let Block::ToolUse(call) = block else { return None };
    let arguments = Value::Object(call.input.clone()).to_string();
    let function = json!({ "name": call.name, "arguments": arguments });
    Some(json!({ "id": call.tool_use_id, "type": "function", "function": function }))
}

fn result_message(result: &ToolResult) -> Value {
    let said: Vec<String> = result
        .content
        .iter()
        .map(|block| match block {
            Block::Text(text) => text.text.clone(),
            Block::Json(value) => value.to_string(),
            other => other.to_json().to_string(),
        })
        .collect();
    json!({ "role": "tool", "tool_call_id": result.tool_use_id, "content": said.join("\n") })
}

fn tool(tool: &Tool) -> Option<Value> {
    let Tool::Spec(spec) = tool else { return None };
    let mut function = json!({ "name": spec.name, "parameters": spec.input_schema });
    if let Some(description) = &spec.description {
        set(&mut function, "description", description.as_str());
    }
    Some(json!({ "type": "function", "function": function }))
}

fn choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Any(_) => "required".into(),
        ToolChoice::Tool { name, .. } => {
            json!({ "type": "function", "function": { "name": name } })
        }
        ToolChoice::Unknown(_) => "none".into(),
        _ => "auto".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt;

    fn asked(body: &str) -> Value {
        let request = Request::from_converse(body.as_bytes()).unwrap();
        let prompt = prompt::read(&request, |raw| raw, 100);
        super::body(&request, &prompt, "m", false)
    }

    #[test]
    fn a_conversation_with_tools_is_mapped() {
        let body = asked(
            r#"{"system":[{"text":"Be brief."}],"messages":[
                {"role":"user","content":[{"text":"Weather?"},{"image":{"format":"png","source":{"bytes":"AA=="}}}]},
                {"role":"assistant","content":[{"text":"Let me see."},
                    {"toolUse":{"toolUseId":"t1","name":"f","input":{"city":"Oslo"}}}]},
                {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"json":{"c":3}}]}},
                    {"text":"And?"}]}],
               "toolConfig":{"tools":[{"toolSpec":{"name":"f","description":"d","inputSchema":{"json":{"type":"object"}}}}],
                    "toolChoice":{"any":{}}},
               "inferenceConfig":{"maxTokens":5,"temperature":0.5,"topP":0.25,"stopSequences":["x"]}}"#,
        );
        let expected = json!({
            "model": "m", "stream": false, "max_tokens": 5, "temperature": 0.5, "top_p": 0.25,
            "stop": ["x"], "tool_choice": "required",
            "tools": [{ "type": "function", "function": {
                "name": "f", "description": "d", "parameters": { "type": "object" } } }],
            "messages": [
                { "role": "system", "content": "Be brief." },
                { "role": "user", "content": [
                    { "type": "text", "text": "Weather?" },
                    { "type": "image_url", "image_url": { "url": "data:image/png;base64,AA==" } }] },
                { "role": "assistant", "content": "Let me see.", "tool_calls": [
                    { "id": "t1", "type": "function",
                      "function": { "name": "f", "arguments": "{\"city\":\"Oslo\"}" } }] },
                { "role": "tool", "tool_call_id": "t1", "content": "{\"c\":3}" },
                { "role": "user", "content": "And?" }],
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn a_raw_prompt_is_one_turn() {
        let request = Request::prompt("[INST] Hi [/INST]");
        let prompt = prompt::read(&request, |_| "Hi", 100);
        let body = body(&request, &prompt, "m", true);
        assert_eq!(body["messages"], json!([{ "role": "user", "content": "Hi" }]));
        assert_eq!(body["stream_options"], json!({ "include_usage": true }));
        assert!(body.get("max_tokens").is_none());
    }
}
