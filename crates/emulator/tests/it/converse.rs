//! Converse and ConverseStream.

use std::time::Duration;

use http_body_util::BodyExt;
use outcrop_emulator::{Auth, Emulator};
use serde_json::{Value, json};

use crate::client::{Answer, NOVA, open, post, quick, raw, send, send_h2, turn};

fn converse(body: &Value) -> hyper::Request<http_body_util::Full<hyper::body::Bytes>> {
    post(&format!("/model/{NOVA}/converse"), body)
}

async fn streamed(body: &Value) -> Answer {
    let emulator = quick().start().await.unwrap();
    send(&emulator, post(&format!("/model/{NOVA}/converse-stream"), body)).await
}

fn weather() -> Value {
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    json!({ "tools": [{ "toolSpec": { "name": "get_weather", "inputSchema": { "json": schema } } }] })
}

#[tokio::test]
async fn a_reply_has_text_usage_and_a_request_id() {
    let emulator = quick().start().await.unwrap();
    let answer = send(&emulator, converse(&turn("Hello there"))).await;
    let reply = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(reply["output"]["message"]["content"], json!([{ "text": "You said: Hello there" }]));
    assert_eq!(reply["stopReason"], "end_turn");
    let usage = json!({ "inputTokens": 2, "outputTokens": 5, "totalTokens": 7,
                        "cacheReadInputTokens": 0, "cacheWriteInputTokens": 0 });
    assert_eq!(reply["usage"], usage);
    assert!(reply["metrics"]["latencyMs"].is_u64());
    assert_eq!(answer.header("x-amzn-requestid").len(), 36);
    assert_eq!(answer.header("x-amzn-bedrock-input-token-count"), "");
}

#[tokio::test]
async fn http_2_without_an_upgrade_gets_the_same_answer() {
    let emulator = quick().start().await.unwrap();
    let one = send(&emulator, converse(&turn("Hi"))).await.json();
    let two = send_h2(&emulator, converse(&turn("Hi"))).await.json();
    assert_eq!(one["output"], two["output"]);
    let stream = post(&format!("/model/{NOVA}/converse-stream"), &turn("Hi"));
    assert_eq!(send_h2(&emulator, stream).await.events().len(), 8);
}

#[tokio::test]
async fn a_stream_has_the_events_of_the_service_in_its_order() {
    let answer = streamed(&turn("Hi")).await;
    assert_eq!(answer.header("content-type"), "application/vnd.amazon.eventstream");
    let events = answer.events();
    let kinds: Vec<&str> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    let delta = "contentBlockDelta";
    let end = ["contentBlockStop", "messageStop", "metadata"];
    assert_eq!(kinds[..5], ["messageStart", delta, delta, delta, delta]);
    assert_eq!(kinds[5..], end);
    let text: String =
        events.iter().filter_map(|(_, event)| event["delta"]["text"].as_str()).collect();
    assert_eq!(text, "You said: Hi");
    let usage = json!({ "inputTokens": 1, "outputTokens": 4, "totalTokens": 5,
                        "cacheReadInputTokens": 0, "cacheWriteInputTokens": 0 });
    assert_eq!(events.last().unwrap().1["usage"], usage);
}

#[tokio::test]
async fn limits_and_stop_sequences_end_an_answer() {
    let mut body = turn("one two three");
    body["inferenceConfig"] = json!({ "maxTokens": 4 });
    let events = streamed(&body).await.events();
    let stop = events.iter().find(|(kind, _)| kind == "messageStop").unwrap();
    assert_eq!(stop.1["stopReason"], "max_tokens");
    assert_eq!(events.last().unwrap().1["usage"]["outputTokens"], 4);

    body["inferenceConfig"] = json!({ "stopSequences": ["two"] });
    let emulator = quick().start().await.unwrap();
    let reply = send(&emulator, converse(&body)).await.json();
    assert_eq!(reply["stopReason"], "stop_sequence");
    assert_eq!(reply["output"]["message"]["content"][0]["text"], "You said: one ");
}

#[tokio::test]
async fn a_tool_that_the_prompt_names_is_called_with_complete_json() {
    let mut body = turn("Use get_weather with city=Oslo");
    body["toolConfig"] = weather();
    let emulator = quick().start().await.unwrap();
    let reply = send(&emulator, converse(&body)).await.json();
    let call = &reply["output"]["message"]["content"][0]["toolUse"];
    assert_eq!(reply["stopReason"], "tool_use");
    assert_eq!((&call["name"], &call["input"]), (&json!("get_weather"), &json!({"city": "Oslo"})));

    let events = streamed(&body).await.events();
    assert_eq!(events[1].0, "contentBlockStart");
    assert_eq!(events[1].1["start"]["toolUse"]["name"], "get_weather");
    let input: String = events
        .iter()
        .filter_map(|(_, event)| event["delta"]["toolUse"]["input"].as_str())
        .collect();
    assert_eq!(serde_json::from_str::<Value>(&input).unwrap(), json!({ "city": "Oslo" }));
}

#[tokio::test]
async fn a_summarising_prompt_gets_sentences_of_its_text() {
    let text = "The mill stands by the river. The river drives the mill. It rained. The end came.";
    let emulator = quick().start().await.unwrap();
    let prompt = format!("Summarise in one sentence:\n\n{text}");
    let reply = send(&emulator, converse(&turn(&prompt))).await.json();
    let summary = reply["output"]["message"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains(summary) && summary.ends_with('.') && summary.len() < 40, "{summary}");
}

#[tokio::test]
async fn a_limit_cuts_a_tool_call_inside_its_arguments() {
    let mut body = turn("Use get_weather with city=Oslo");
    body["toolConfig"] = weather();
    body["inferenceConfig"] = json!({ "maxTokens": 3 });
    let events = streamed(&body).await.events();
    let kinds: Vec<&str> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds[1], "contentBlockStart");
    let input: String = events
        .iter()
        .filter_map(|(_, event)| event["delta"]["toolUse"]["input"].as_str())
        .collect();
    assert_eq!(input, r#"{"city"#);
    let stop = events.iter().find(|(kind, _)| kind == "messageStop").unwrap();
    assert_eq!(stop.1["stopReason"], "max_tokens");
}

#[tokio::test]
async fn reasoning_that_is_asked_for_comes_first_and_is_signed() {
    let path = "/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    let mut body = turn("Why?");
    body["additionalModelRequestFields"] =
        json!({ "thinking": { "type": "enabled", "budget_tokens": 1024 } });
    let emulator = quick().start().await.unwrap();
    let reply = send(&emulator, post(&format!("{path}/converse"), &body)).await.json();
    let content = &reply["output"]["message"]["content"];
    let thought = &content[0]["reasoningContent"]["reasoningText"];
    assert!(thought["text"].is_string() && thought["signature"].is_string(), "{content}");
    assert_eq!(content[1]["text"], "You said: Why?");

    let events = send(&emulator, post(&format!("{path}/converse-stream"), &body)).await.events();
    assert!(events.iter().all(|(kind, _)| kind != "contentBlockStart"));
    let deltas: Vec<&Value> = events.iter().map(|(_, event)| &event["delta"]).collect();
    let thoughts = deltas.iter().filter_map(|delta| delta["reasoningContent"]["text"].as_str());
    assert_eq!(json!(thoughts.collect::<String>()), thought["text"]);
    let last = deltas.iter().rfind(|delta| !delta["reasoningContent"].is_null()).unwrap();
    assert!(last["reasoningContent"]["signature"].is_string());
}

#[tokio::test]
async fn what_stands_before_a_cache_point_is_written_once_and_then_read() {
    let mut body = turn("Hi");
    body["system"] = json!([{ "text": "one two three" }, { "cachePoint": { "type": "default" } }]);
    let emulator = quick().start().await.unwrap();
    for (read, write) in [(0, 3), (3, 0)] {
        let usage = &send(&emulator, converse(&body)).await.json()["usage"];
        let counts = [&usage["inputTokens"], &usage["cacheReadInputTokens"]];
        assert_eq!(counts, [&json!(1), &json!(read)]);
        assert_eq!(usage["cacheWriteInputTokens"], write);
        assert_eq!(usage["totalTokens"], 1 + 3 + usage["outputTokens"].as_u64().unwrap());
    }
}

#[tokio::test]
async fn a_throttled_call_and_one_before_a_reset_leave_nothing_in_the_cache() {
    let mut body = turn("Hi");
    body["system"] = json!([{ "text": "one two three" }, { "cachePoint": { "type": "default" } }]);
    let emulator = quick().tokens_per_minute(1000).start().await.unwrap();
    body["inferenceConfig"] = json!({ "maxTokens": 5000 });
    assert_eq!(send(&emulator, converse(&body)).await.status, 429);
    body["inferenceConfig"] = json!({ "maxTokens": 50 });
    for read in [0, 3] {
        let usage = &send(&emulator, converse(&body)).await.json()["usage"];
        assert_eq!(usage["cacheReadInputTokens"], read);
    }
    send(&emulator, raw("POST", "/_outcrop/reset", "")).await;
    let usage = &send(&emulator, converse(&body)).await.json()["usage"];
    assert_eq!(usage["cacheReadInputTokens"], 0);
}

#[tokio::test]
async fn every_answer_has_the_length_that_is_set() {
    let emulator = quick().output_tokens(100).start().await.unwrap();
    let usage = &send(&emulator, converse(&turn("Hi"))).await.json()["usage"];
    assert_eq!(usage["outputTokens"], 100);
}

#[tokio::test]
async fn frames_arrive_spread_in_time() {
    let first = Duration::from_millis(20);
    let builder =
        Emulator::builder().auth(Auth::Any).time_to_first_token(first).tokens_per_second(200);
    let emulator = builder.start().await.unwrap();
    let request = post(&format!("/model/{NOVA}/converse-stream"), &turn("one two three four"));
    let mut body = open(&emulator, request).await.into_body();
    let mut chunks = 0;
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        bytes.extend_from_slice(&frame.unwrap().into_data().unwrap());
        chunks += 1;
    }
    let answer = Answer { status: 200, headers: hyper::HeaderMap::new(), body: bytes.into() };
    let events = answer.events();
    // Seven tokens at 200 a second, after 20 ms.
    assert!(events.last().unwrap().1["metrics"]["latencyMs"].as_u64().unwrap() >= 55);
    assert!(chunks > 5, "{} frames came in {chunks} chunks", events.len());
}

#[tokio::test]
async fn the_same_prompt_gets_the_same_answer() {
    let body = turn("Say the same again.");
    let texts = |events: Vec<(String, Value)>| -> Vec<Value> {
        events.into_iter().map(|(_, event)| event["delta"].clone()).collect()
    };
    assert_eq!(texts(streamed(&body).await.events()), texts(streamed(&body).await.events()));
}
