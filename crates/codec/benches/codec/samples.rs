//! The bytes that are read: as the service sends them, with words of our own.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use outcrop_codec::frame;
use serde_json::json;

/// A frame around a chunk of a family's own JSON.
pub(crate) fn chunk(native: &str) -> Vec<u8> {
    let bytes = BASE64_STANDARD.encode(native);
    event("chunk", &format!(r#"{{"bytes":"{bytes}","p":"abcdefgh"}}"#))
}

pub(crate) fn anthropic_delta() -> String {
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" granite"}}"#
        .to_owned()
}

pub(crate) fn nova_delta() -> String {
    r#"{"contentBlockDelta":{"delta":{"text":" granite"},"contentBlockIndex":3}}"#.to_owned()
}

pub(crate) fn converse_delta() -> Vec<u8> {
    let payload = r#"{"contentBlockIndex":0,"delta":{"text":" granite"},"p":"abcdefgh"}"#;
    event("contentBlockDelta", payload)
}

/// About 20 KB: thinking, two texts and two tool calls.
pub(crate) fn anthropic_reply() -> Vec<u8> {
    let body = json!({
        "id": "msg_bdrk_01QmXn9sTtBqzP5cVdHkRw3f", "type": "message", "role": "assistant",
        "model": "claude-sonnet-4-20250514",
        "content": [
            {"type": "thinking", "thinking": prose(4_000), "signature": "c2lnbmF0dXJl".repeat(30)},
            {"type": "text", "text": prose(8_000)},
            {"type": "tool_use", "id": "toolu_bdrk_01A", "name": "survey", "input": survey()},
            {"type": "text", "text": prose(5_500)},
            {"type": "tool_use", "id": "toolu_bdrk_01B", "name": "survey", "input": survey()},
        ],
        "stop_reason": "tool_use", "stop_sequence": null,
        "usage": {"input_tokens": 812, "output_tokens": 4711, "cache_read_input_tokens": 0,
            "cache_creation_input_tokens": 0},
    });
    body.to_string().into_bytes()
}

/// The same in Converse's format, without the thinking. Nova's own format is like it.
pub(crate) fn converse_reply() -> Vec<u8> {
    let body = json!({
        "output": {"message": {"role": "assistant", "content": [
            {"text": prose(10_000)},
            {"toolUse": {"toolUseId": "tooluse_A", "name": "survey", "input": survey()}},
            {"text": prose(8_000)},
            {"toolUse": {"toolUseId": "tooluse_B", "name": "survey", "input": survey()}},
        ]}},
        "stopReason": "tool_use",
        "usage": {"inputTokens": 812, "outputTokens": 4711, "totalTokens": 5523},
    });
    body.to_string().into_bytes()
}

fn event(kind: &str, payload: &str) -> Vec<u8> {
    let headers = [
        (":event-type", kind.into()),
        (":content-type", "application/json".into()),
        (":message-type", "event".into()),
    ];
    frame::encode(&headers, payload.as_bytes()).unwrap()
}

/// Text with a paragraph every so often, and quotation marks.
fn prose(len: usize) -> String {
    let paragraph = "Granite is \"speckled\" because its minerals cooled slowly, deep below, and so \
                     each had time to grow: quartz, feldspar, and a little mica that glitters.\n\n";
    paragraph.repeat(len / paragraph.len())
}

fn survey() -> serde_json::Value {
    let sample = |n: u32| json!({"site": format!("quarry {n}"), "depth_m": n * 12, "wet": n.is_multiple_of(2)});
    json!({"region": "north", "samples": (1..12).map(sample).collect::<Vec<_>>()})
}
