//! The frames of a reply, in both of Bedrock's interfaces.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use codec::frame::{HeaderValue, encode};
use serde_json::{Value, json};

/// One of Bedrock's two interfaces, as `--api` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Converse,
    Invoke,
}

/// Both of them.
pub(crate) const APIS: [Api; 2] = [Api::Converse, Api::Invoke];
/// A model that has both.
pub(crate) const MODEL: &str = "anthropic.claude-3-haiku-20240307-v1:0";

impl Api {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Converse => "converse",
            Self::Invoke => "invoke",
        }
    }

    pub(crate) fn start(self) -> Vec<u8> {
        match self {
            Self::Converse => event("messageStart", &json!({ "role": "assistant" })),
            Self::Invoke => chunk(&json!({ "type": "message_start", "message": {
                "id": "msg", "type": "message", "role": "assistant", "content": [],
                "stop_reason": null, "usage": { "input_tokens": 8, "output_tokens": 1 } } })),
        }
    }

    /// A piece of text in the first block.
    pub(crate) fn text(self, text: &str) -> Vec<u8> {
        match self {
            Self::Converse => event(
                "contentBlockDelta",
                &json!({ "contentBlockIndex": 0, "delta": { "text": text } }),
            ),
            Self::Invoke => chunk(&json!({ "type": "content_block_delta", "index": 0,
                "delta": { "type": "text_delta", "text": text } })),
        }
    }

    pub(crate) fn tool_start(self, index: u32, name: &str) -> Vec<u8> {
        match self {
            Self::Converse => event(
                "contentBlockStart",
                &json!({ "contentBlockIndex": index,
                    "start": { "toolUse": { "toolUseId": "call-1", "name": name } } }),
            ),
            Self::Invoke => chunk(&json!({ "type": "content_block_start", "index": index,
                "content_block": { "type": "tool_use", "id": "call-1", "name": name,
                    "input": {} } })),
        }
    }

    pub(crate) fn tool_input(self, index: u32, input: &str) -> Vec<u8> {
        match self {
            Self::Converse => event(
                "contentBlockDelta",
                &json!({ "contentBlockIndex": index, "delta": { "toolUse": { "input": input } } }),
            ),
            Self::Invoke => chunk(&json!({ "type": "content_block_delta", "index": index,
                "delta": { "type": "input_json_delta", "partial_json": input } })),
        }
    }

    pub(crate) fn block_stop(self, index: u32) -> Vec<u8> {
        match self {
            Self::Converse => event("contentBlockStop", &json!({ "contentBlockIndex": index })),
            Self::Invoke => chunk(&json!({ "type": "content_block_stop", "index": index })),
        }
    }

    /// The end of the message, in one frame or two.
    pub(crate) fn stop(self, reason: &str) -> Vec<u8> {
        match self {
            Self::Converse => event("messageStop", &json!({ "stopReason": reason })),
            Self::Invoke => [
                chunk(&json!({ "type": "message_delta", "delta": { "stop_reason": reason },
                    "usage": { "output_tokens": 2 } })),
                chunk(&json!({ "type": "message_stop" })),
            ]
            .concat(),
        }
    }

    /// The end of the message and the counts.
    pub(crate) fn stop_with_usage(self, reason: &str) -> Vec<u8> {
        match self {
            Self::Converse => [
                self.stop(reason),
                event(
                    "metadata",
                    &json!({ "usage": { "inputTokens": 8, "outputTokens": 2, "totalTokens": 10 },
                        "metrics": { "latencyMs": 12 } }),
                ),
            ]
            .concat(),
            Self::Invoke => [
                chunk(&json!({ "type": "message_delta", "delta": { "stop_reason": reason },
                    "usage": { "output_tokens": 2 } })),
                chunk(&json!({ "type": "message_stop", "amazon-bedrock-invocationMetrics": {
                    "inputTokenCount": 8, "outputTokenCount": 2, "invocationLatency": 12,
                    "firstByteLatency": 5 } })),
            ]
            .concat(),
        }
    }

    /// A reply in one piece.
    pub(crate) fn reply(self, text: &str) -> Value {
        match self {
            Self::Converse => json!({
                "output": { "message": { "role": "assistant", "content": [{ "text": text }] } },
                "stopReason": "end_turn",
                "usage": { "inputTokens": 8, "outputTokens": 2, "totalTokens": 10 },
                "metrics": { "latencyMs": 12 } }),
            Self::Invoke => json!({
                "id": "msg", "type": "message", "role": "assistant", "stop_reason": "end_turn",
                "content": [{ "type": "text", "text": text }],
                "usage": { "input_tokens": 8, "output_tokens": 2 } }),
        }
    }
}

/// An event of Converse's vocabulary, or any other.
pub(crate) fn event(kind: &str, payload: &Value) -> Vec<u8> {
    raw(&[(":message-type", "event"), (":event-type", kind)], payload.to_string().as_bytes())
}

/// A chunk of a native stream.
pub(crate) fn chunk(payload: &Value) -> Vec<u8> {
    let bytes = STANDARD.encode(payload.to_string());
    event("chunk", &json!({ "bytes": bytes, "p": "abcdef" }))
}

/// An exception inside a stream.
pub(crate) fn exception(kind: &str, message: &str) -> Vec<u8> {
    let payload = json!({ "message": message }).to_string();
    raw(&[(":message-type", "exception"), (":exception-type", kind)], payload.as_bytes())
}

/// A frame of these headers.
pub(crate) fn raw(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let all = [headers, &[(":content-type", "application/json")]].concat();
    let headers: Vec<_> =
        all.iter().map(|(name, value)| (*name, HeaderValue::String(value))).collect();
    encode(&headers, payload).unwrap()
}

/// The frame with one byte of its payload changed, so that its checksum no longer holds.
pub(crate) fn corrupt(mut frame: Vec<u8>) -> Vec<u8> {
    let at = frame.len() - 10;
    frame[at] ^= 1;
    frame
}
