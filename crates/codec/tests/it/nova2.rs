//! What Nova 2 has beyond Nova: reasoning that is asked for, and tools that the service runs.

use outcrop_codec::{Api, Block, ModelRef, decode, decode_request, encode};
use serde_json::{Value, json};

fn nova_2() -> ModelRef {
    ModelRef::parse("us.amazon.nova-2-lite-v1:0").unwrap()
}

#[test]
fn reasoning_and_system_tools_are_kept_in_both_formats() {
    let messages = json!([{ "role": "user", "content": [{ "text": "Who won?" }] }]);
    let tools = json!({ "tools": [{ "systemTool": { "name": "nova_grounding" } }] });
    let reasoning = json!({ "type": "enabled", "maxReasoningEffort": "low" });
    let native = json!({
        "messages": messages, "toolConfig": tools, "reasoningConfig": reasoning,
        "inferenceConfig": { "maxTokens": 500 },
    });
    let converse = json!({
        "messages": messages, "toolConfig": tools, "inferenceConfig": { "maxTokens": 500 },
        "additionalModelRequestFields": { "reasoningConfig": reasoning },
    });
    let read =
        |api, body: &Value| decode_request(&nova_2(), api, body.to_string().as_bytes()).unwrap();
    let write = |api, request| -> Value {
        serde_json::from_slice(&encode(&nova_2(), api, request).unwrap()).unwrap()
    };
    let (from_native, from_converse) = (read(Api::Invoke, &native), read(Api::Converse, &converse));
    assert_eq!(from_native, from_converse);
    assert_eq!(write(Api::Invoke, &from_converse), native);
    assert_eq!(write(Api::Converse, &from_native), converse);
}

#[test]
fn a_reply_that_reasons_has_a_reasoning_block_before_its_text() {
    let content = json!([
        { "reasoningContent": { "reasoningText": { "text": "[REDACTED]" } } },
        { "text": "Four." },
    ]);
    let body = json!({
        "output": { "message": { "role": "assistant", "content": content } },
        "stopReason": "end_turn",
        "usage": { "inputTokens": 3, "outputTokens": 9, "totalTokens": 12 },
    });
    for api in [Api::Invoke, Api::Converse] {
        let reply = decode(&nova_2(), api, body.to_string().as_bytes(), &()).unwrap();
        assert!(matches!(&reply.message.content[..], [Block::Reasoning(_), Block::Text(_)]));
        assert_eq!(reply.to_converse()["output"]["message"]["content"], content);
    }
}
