//! Reads what whole replies say, straight from their JSON and without the codec.

use serde_json::Value;

use super::case::Case;
use super::counts;
use super::said::{Piece, Said};

/// What the recorded reply says; `None` where it has no text in a form known here, as embeddings.
pub(crate) fn read(case: &Case) -> Option<Said> {
    let body = &case.response;
    let (_, read) = SHAPES.iter().find(|(place, _)| body.pointer(place).is_some())?;
    let mut said = Said::default();
    let stop = read(body, case, &mut said);
    said.stop = stop.as_str().map(str::to_owned);
    if said.stop.is_none() && body["amazon-bedrock-guardrailAction"] == "INTERVENED" {
        said.stop = Some("INTERVENED".to_owned());
    }
    said.counts = counts::of_reply(case);
    Some(said)
}

/// Adds the text of a model that may reason at the beginning of it. DeepSeek R1 begins inside of its
/// reasoning, which the prompt has opened.
pub(crate) fn push_spoken(said: &mut Said, text: &str, case: &Case) {
    let model = case.model_id.as_deref().unwrap_or_default();
    let mut rest = text;
    if model.contains("deepseek.r1") {
        let begun = rest.strip_prefix("<think>").unwrap_or(rest);
        let (reasoning, answer) = begun.split_once("</think>").unwrap_or((begun, ""));
        said.reasoning(&reasoning.into(), &Value::Null);
        rest = answer;
    }
    while ["gpt-oss", "kimi"].iter().any(|name| model.contains(name))
        && let Some(inside) = rest.strip_prefix("<reasoning>")
    {
        let (reasoning, after) = inside.split_once("</reasoning>").unwrap_or((inside, ""));
        said.reasoning(&reasoning.into(), &Value::Null);
        rest = after;
    }
    said.text(&rest.into());
}

/// Adds a block of Converse, which are Nova's too.
fn push_converse(said: &mut Said, block: &Value) {
    let reasoning = &block["reasoningContent"];
    let tool = &block["toolUse"];
    if block["text"].is_string() {
        said.text(&block["text"]);
    } else if reasoning["reasoningText"].is_object() {
        let inner = &reasoning["reasoningText"];
        said.reasoning(&inner["text"], &inner["signature"]);
    } else if let Some(data) = reasoning["redactedContent"].as_str() {
        said.push(Piece::Redacted(data.to_owned()));
    } else if tool.is_object() {
        said.push(whole_tool(&tool["toolUseId"], &tool["name"], &tool["input"]));
    } else if block["citationsContent"].is_object() {
        for content in block["citationsContent"]["content"].as_array().into_iter().flatten() {
            said.text(&content["text"]);
        }
    } else {
        said.push(Piece::Other(block.clone()));
    }
}

/// Adds the tool calls of a chat message, whose arguments are text.
fn push_calls(said: &mut Said, calls: &Value) {
    for call in calls.as_array().into_iter().flatten() {
        let function = &call["function"];
        let arguments = function["arguments"].as_str().unwrap_or_default();
        said.push(Piece::tool(&call["id"], &function["name"], arguments));
    }
}

fn converse<'a>(body: &'a Value, _: &Case, said: &mut Said) -> &'a Value {
    for block in body["output"]["message"]["content"].as_array().into_iter().flatten() {
        push_converse(said, block);
    }
    &body["stopReason"]
}

fn messages<'a>(body: &'a Value, _: &Case, said: &mut Said) -> &'a Value {
    for block in body["content"].as_array().into_iter().flatten() {
        match block["type"].as_str() {
            Some("text") => said.text(&block["text"]),
            Some("thinking") => said.reasoning(&block["thinking"], &block["signature"]),
            Some("redacted_thinking") => {
                said.push(Piece::Redacted(block["data"].as_str().unwrap_or_default().to_owned()));
            }
            Some("tool_use" | "server_tool_use") => {
                said.push(whole_tool(&block["id"], &block["name"], &block["input"]));
            }
            _ => said.push(Piece::Other(block.clone())),
        }
    }
    &body["stop_reason"]
}

fn chat<'a>(body: &'a Value, case: &Case, said: &mut Said) -> &'a Value {
    let choice = &body["choices"][0];
    let message = &choice["message"];
    for key in ["reasoning_content", "reasoning"] {
        said.reasoning(&message[key], &Value::Null);
    }
    for text in [&message["content"], &choice["text"]].into_iter().filter_map(Value::as_str) {
        push_spoken(said, text, case);
    }
    push_calls(said, &message["tool_calls"]);
    ["finish_reason", "stop_reason"]
        .iter()
        .find_map(|key| choice.get(key).filter(|word| word.is_string()))
        .unwrap_or(&Value::Null)
}

fn command_r<'a>(body: &'a Value, _: &Case, said: &mut Said) -> &'a Value {
    said.text(&body["text"]);
    for call in body["tool_calls"].as_array().into_iter().flatten() {
        said.push(whole_tool(&Value::Null, &call["name"], &call["parameters"]));
    }
    &body["finish_reason"]
}

fn whole_tool(id: &Value, name: &Value, input: &Value) -> Piece {
    Piece::Tool {
        id: id.as_str().map(str::to_owned),
        name: name.as_str().unwrap_or_default().to_owned(),
        input: input.clone(),
    }
}

/// Adds the content, and gives the word for why it ended.
type Read = for<'a> fn(&'a Value, &Case, &mut Said) -> &'a Value;

/// Where a family puts its content, and how to read that. Of several outputs the first is the reply.
const SHAPES: &[(&str, Read)] = &[
    ("/output/message", converse),
    ("/content", messages),
    ("/choices/0", chat),
    ("/completion", |body, _, said| {
        said.text(&body["completion"]);
        &body["stop_reason"]
    }),
    ("/results/0/outputText", |body, _, said| {
        said.text(&body["results"][0]["outputText"]);
        &body["results"][0]["completionReason"]
    }),
    ("/generation", |body, _, said| {
        said.text(&body["generation"]);
        &body["stop_reason"]
    }),
    ("/outputs/0", |body, _, said| {
        said.text(&body["outputs"][0]["text"]);
        &body["outputs"][0]["stop_reason"]
    }),
    ("/generations/0", |body, _, said| {
        said.text(&body["generations"][0]["text"]);
        &body["generations"][0]["finish_reason"]
    }),
    ("/completions/0", |body, _, said| {
        said.text(&body["completions"][0]["data"]["text"]);
        &body["completions"][0]["finishReason"]["reason"]
    }),
    ("/text", command_r),
];
