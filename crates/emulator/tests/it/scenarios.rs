//! What scenarios do to answers, byte for byte.

mod files;
mod jobs;
mod named;
mod refusals;
mod s3;
mod streams;

use codec::frame::{Decoded, FrameKind, decode};
use outcrop_emulator::{Emulator, Scenario};
use serde_json::{Value, json};

use crate::client::{Answer, NOVA, post, quick, send, turn};

/// An emulator that commits these faults and answers at once.
async fn with(text: &str) -> Emulator {
    quick().scenario(Scenario::from_toml(text).unwrap()).start().await.unwrap()
}

/// An emulator that commits one fault.
async fn with_effect(effect: &str) -> Emulator {
    with(&format!("[[fault]]\neffect = {{ {effect} }}")).await
}

async fn named(name: &str) -> Emulator {
    quick().scenario(Scenario::named(name).unwrap()).start().await.unwrap()
}

/// A body that makes a model call a tool.
fn tool_turn() -> Value {
    let schema = json!({ "type": "object", "properties": { "path": { "type": "string" } } });
    let tool = json!({ "toolSpec": { "name": "remove", "inputSchema": { "json": schema } } });
    let mut body = turn("remove path=/etc/hosts");
    body["toolConfig"] = json!({ "tools": [tool] });
    body
}

async fn converse(emulator: &Emulator, body: &Value) -> Answer {
    send(emulator, post(&format!("/model/{NOVA}/converse"), body)).await
}

async fn converse_stream(emulator: &Emulator, body: &Value) -> Answer {
    send(emulator, post(&format!("/model/{NOVA}/converse-stream"), body)).await
}

/// The frames of a body up to its end, or up to what is no frame: kind, type and payload.
fn frames(mut rest: &[u8]) -> Vec<(FrameKind, String, Value)> {
    let mut frames = Vec::new();
    while let Ok(Decoded::Complete { frame, len }) = decode(rest) {
        let name = frame.event_type().or_else(|| frame.exception_type()).unwrap().to_owned();
        let payload = serde_json::from_slice(frame.payload()).unwrap();
        frames.push((frame.kind(), name, payload));
        rest = &rest[len..];
    }
    frames
}

/// The types of the frames.
fn types(body: &[u8]) -> Vec<String> {
    frames(body).into_iter().map(|(_, name, _)| name).collect()
}
