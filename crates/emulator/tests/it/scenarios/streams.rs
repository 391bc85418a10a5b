//! What is done to the frames of streams, in Converse and in the native streams of families.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codec::frame::{Decoded, FrameError, decode};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::{converse, converse_stream, frames, tool_turn, types, with_effect};
use crate::client::{Answer, NOVA, open, post, send, turn};

const CLAUDE: &str = "anthropic.claude-3-haiku-20240307-v1:0";
const CHAT: &str = "openai.gpt-oss-20b-1:0";

/// A body of Claude that makes it call a tool.
fn claude() -> Value {
    let schema = json!({ "type": "object", "properties": { "path": { "type": "string" } } });
    json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 1000,
        "messages": [{ "role": "user", "content": "remove path=/etc/hosts" }],
        "tools": [{ "name": "remove", "input_schema": schema }],
    })
}

/// A body in the form of OpenAI that makes a model call a tool.
fn chat() -> Value {
    let schema = json!({ "type": "object", "properties": { "path": { "type": "string" } } });
    let function = json!({ "name": "remove", "parameters": schema });
    json!({
        "messages": [{ "role": "user", "content": "remove path=/etc/hosts" }],
        "max_tokens": 1000,
        "tools": [{ "type": "function", "function": function }],
    })
}

async fn native(effect: &str, model: &str, body: &Value) -> Vec<Value> {
    let emulator = with_effect(effect).await;
    let path = format!("/model/{model}/invoke-with-response-stream");
    chunks(&send(&emulator, post(&path, body)).await)
}

/// The JSON in the chunks of a native stream; each is still padded.
fn chunks(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let chunks = frames(&answer.body).into_iter().map(|(_, _, payload)| {
        assert!(payload["p"].is_string());
        let bytes = STANDARD.decode(payload["bytes"].as_str().unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    });
    chunks.collect()
}

/// The text of tool arguments in the events of a stream.
fn arguments(events: &[Value]) -> String {
    let places = [
        "/delta/toolUse/input",
        "/delta/partial_json",
        "/contentBlockDelta/delta/toolUse/input",
        "/choices/0/delta/tool_calls/0/function/arguments",
    ];
    let pieces = events.iter().map(|event| {
        places.iter().find_map(|place| event.pointer(place)?.as_str()).unwrap_or_default()
    });
    pieces.collect()
}

#[tokio::test]
async fn a_cut_ends_the_body_where_it_says() {
    for (effect, expected) in [
        ("cut = { after_frames = 0 }", &[][..]),
        ("cut = { after_frames = 1 }", &["messageStart"]),
        ("cut = { before = 'contentBlockStop' }", &["messageStart", "contentBlockDelta"]),
    ] {
        let mut types = types(&converse_stream(&with_effect(effect).await, &turn("hi")).await.body);
        types.dedup();
        assert_eq!(types, expected, "{effect}");
    }
    let whole =
        converse_stream(&with_effect("cut = { after_bytes = 50 }").await, &turn("hi")).await;
    assert_eq!(whole.body.len(), 50);
    let whole = converse(&with_effect("cut = { after_bytes = 7 }").await, &turn("hi")).await;
    assert_eq!(&whole.body[..], br#"{"metri"#);
}

#[tokio::test]
async fn a_frame_has_one_wrong_checksum_and_the_others_are_right() {
    for (checksum, is_prelude) in [("message", false), ("prelude", true)] {
        let effect = format!("corrupt = {{ after_frames = 2, checksum = '{checksum}' }}");
        let answer = converse_stream(&with_effect(&effect).await, &turn("hi")).await;
        assert_eq!(types(&answer.body), ["messageStart", "contentBlockDelta"]);
        let mut rest = &answer.body[..];
        while let Ok(Decoded::Complete { len, .. }) = decode(rest) {
            rest = &rest[len..];
        }
        let error = decode(rest).unwrap_err();
        let found = matches!(error, FrameError::PreludeChecksum { .. });
        assert_eq!(found, is_prelude, "{error}");
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        assert!(matches!(decode(&rest[length..]), Ok(Decoded::Complete { .. })));
    }
}

#[tokio::test]
async fn an_unknown_event_is_put_in_and_nothing_else_is_changed() {
    let effect = "unknown_event = { after_frames = 1, event = 'news', payload = { a = 1 } }";
    let answer = converse_stream(&with_effect(effect).await, &turn("hi")).await;
    let frames = frames(&answer.body);
    assert_eq!((frames[1].1.as_str(), &frames[1].2), ("news", &json!({ "a": 1 })));
    let plain = converse_stream(&with_effect("delay = { ms = 0 }").await, &turn("hi")).await;
    assert_eq!(frames.len(), types(&plain.body).len() + 1);
}

#[tokio::test]
async fn an_event_is_dropped_by_whatever_name_its_family_has_for_it() {
    let types = types(
        &converse_stream(&with_effect("drop_event = { event = 'metadata' }").await, &turn("hi"))
            .await
            .body,
    );
    assert_eq!(types.last().unwrap(), "messageStop");
    let effect = "drop_event = { event = 'messageStop' }";
    let left = native(effect, CLAUDE, &claude()).await;
    assert_eq!(left.last().unwrap()["type"], "content_block_stop");
    let left = native(effect, NOVA, &turn("hi")).await;
    assert!(left.last().unwrap().get("metadata").is_some(), "{left:?}");
    assert!(left.iter().all(|event| event.get("messageStop").is_none()));
    let left = native(effect, CHAT, &chat()).await;
    assert!(left.last().unwrap()["choices"][0]["finish_reason"].is_null());
    let left = native("drop_event = { event = 'content_block_start' }", CLAUDE, &claude()).await;
    assert!(left.iter().all(|event| event["type"] != "content_block_start"));
}

#[tokio::test]
async fn bytes_drip_in_pieces_of_the_size_that_is_set() {
    for (operation, size) in [("converse-stream", 1), ("converse", 7), ("count-tokens", 5)] {
        let text =
            format!("[[fault]]\noperation = '*'\neffect = {{ drip = {{ bytes = {size} }} }}");
        let emulator = super::with(&text).await;
        let path = format!("/model/{NOVA}/{operation}");
        let body = match operation {
            "count-tokens" => json!({ "input": { "converse": turn("hi") } }),
            _ => turn("hi"),
        };
        let mut body = open(&emulator, post(&path, &body)).await.into_body();
        let mut sizes = Vec::new();
        while let Some(frame) = body.frame().await {
            sizes.push(frame.unwrap().into_data().unwrap().len());
        }
        let (last, all) = sizes.split_last().unwrap();
        assert!(*last <= size && all.iter().all(|length| *length == size), "{sizes:?}");
    }
}

#[tokio::test]
async fn another_stop_reason_is_stated_everywhere() {
    let effect = "stop_reason = 'max_tokens'";
    let emulator = with_effect(effect).await;
    assert_eq!(converse(&emulator, &turn("hi")).await.json()["stopReason"], "max_tokens");
    let events = converse_stream(&emulator, &turn("hi")).await.events();
    assert!(events.contains(&("messageStop".into(), json!({ "stopReason": "max_tokens" }))));
    let claude = native(effect, CLAUDE, &claude()).await;
    assert_eq!(claude[claude.len() - 2]["delta"]["stop_reason"], "max_tokens");
    let chat = native(effect, CHAT, &chat()).await;
    assert_eq!(chat.last().unwrap()["choices"][0]["finish_reason"], "length");
    // What is refused has no stop reason, and is left alone.
    assert_eq!(converse(&emulator, &json!({})).await.status, 400);
}

#[tokio::test]
async fn other_counts_are_stated_everywhere() {
    let effect = "usage = { input = 3, output = 9, cache_read = 100, cache_write = 50 }";
    let emulator = with_effect(effect).await;
    let usage = json!({ "inputTokens": 3, "outputTokens": 9, "totalTokens": 162,
        "cacheReadInputTokens": 100, "cacheWriteInputTokens": 50 });
    assert_eq!(converse(&emulator, &turn("hi")).await.json()["usage"], usage);
    let events = converse_stream(&emulator, &turn("hi")).await.events();
    assert_eq!(events.last().unwrap().1["usage"], usage);

    let reply = send(&emulator, post(&format!("/model/{CLAUDE}/invoke"), &claude())).await;
    assert_eq!(reply.json()["usage"]["cache_creation_input_tokens"], 50);
    assert_eq!(reply.header("x-amzn-bedrock-cache-read-input-token-count"), "100");
    assert_eq!(reply.header("x-amzn-bedrock-output-token-count"), "9");
    let events = native(effect, CLAUDE, &claude()).await;
    assert_eq!(events[0]["message"]["usage"]["cache_read_input_tokens"], 100);
    let trailer = &events.last().unwrap()["amazon-bedrock-invocationMetrics"];
    assert_eq!((&trailer["inputTokenCount"], &trailer["outputTokenCount"]), (&json!(3), &json!(9)));
    let reply = send(&emulator, post(&format!("/model/{CHAT}/invoke"), &chat())).await;
    assert_eq!(reply.json()["usage"]["total_tokens"], 12);
}

#[tokio::test]
async fn the_arguments_of_a_tool_are_cut_in_their_middle() {
    let whole = r#"{"path":"/etc/hosts"}"#;
    let half = &whole[..whole.len() / 2];
    for (effect, stops) in
        [("cut_tool_input = {}", false), ("cut_tool_input = { stop_reason = 'max_tokens' }", true)]
    {
        let answer = converse_stream(&with_effect(effect).await, &tool_turn()).await;
        let events: Vec<Value> = answer.events().into_iter().map(|(_, event)| event).collect();
        let streams = [
            events,
            native(effect, CLAUDE, &claude()).await,
            native(effect, NOVA, &tool_turn()).await,
            native(effect, CHAT, &chat()).await,
        ];
        for events in streams {
            assert_eq!(arguments(&events), half, "{events:?}");
            let said = serde_json::to_string(&events).unwrap();
            assert_eq!(said.contains("max_tokens") || said.contains("length"), stops, "{said}");
            for stop in ["eason\":\"tool_use", "eason\":\"tool_calls"] {
                assert!(!said.contains(stop), "{said}");
            }
        }
    }
    let plain = native("delay = { ms = 0 }", CHAT, &chat()).await;
    assert_eq!(arguments(&plain), whole);
}

#[tokio::test]
async fn a_reply_in_one_piece_has_no_arguments_where_the_limit_cut_them() {
    let emulator = with_effect("cut_tool_input = { stop_reason = 'max_tokens' }").await;
    let reply = converse(&emulator, &tool_turn()).await.json();
    assert_eq!(reply["output"]["message"]["content"][0]["toolUse"]["input"], json!({}));
    assert_eq!(reply["stopReason"], "max_tokens");
    // Without a call there is nothing to cut.
    assert_eq!(converse(&emulator, &turn("hi")).await.json()["stopReason"], "end_turn");
}

#[tokio::test]
async fn several_faults_hit_one_answer_in_their_order() {
    let emulator = super::with(
        "[[fault]]\neffect = { stop_reason = 'max_tokens' }\n\
         [[fault]]\neffect = { drop_event = { event = 'metadata' } }\n\
         [[fault]]\neffect = { drip = { bytes = 3 } }",
    )
    .await;
    let events = converse_stream(&emulator, &turn("hi")).await.events();
    assert_eq!(
        *events.last().unwrap(),
        ("messageStop".into(), json!({ "stopReason": "max_tokens" }))
    );
}
