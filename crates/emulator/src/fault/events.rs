//! Single frames of a stream: damaged, made up, left out.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use codec::frame::{self, HeaderValue};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::effect::{Act, Stage};
use super::event::Event;
use super::frames::{Edit, Flow, Out, Tried, edit};
use crate::body::Response;

/// A frame one of whose checksums is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Corrupt {
    after_frames: u64,
    #[serde(default)]
    checksum: Checksum,
}

/// One of the two checksums of a frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Checksum {
    /// Of the whole.
    #[default]
    Message,
    /// Of the two lengths at its beginning.
    Prelude,
}

/// An event that nobody knows.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnknownEvent {
    after_frames: u64,
    /// Its type.
    #[serde(default = "something_new")]
    event: String,
    #[serde(default)]
    payload: Map<String, Value>,
}

/// Events that are left out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DropEvent {
    event: String,
}

#[async_trait]
impl Act for Corrupt {
    fn name(&self) -> &'static str {
        "corrupt"
    }

    fn stage(&self) -> Stage {
        Stage::Frames
    }

    async fn after(&self, response: Response, _model: &str) -> Tried {
        edit(response, Corrupting { corrupt: *self, seen: 0 })
    }
}

#[async_trait]
impl Act for UnknownEvent {
    fn name(&self) -> &'static str {
        "unknown_event"
    }

    fn stage(&self) -> Stage {
        Stage::Frames
    }

    async fn after(&self, response: Response, _model: &str) -> Tried {
        let headers = [
            (":event-type", HeaderValue::String(&self.event)),
            (":content-type", HeaderValue::String("application/json")),
            (":message-type", HeaderValue::String("event")),
        ];
        let payload = Value::Object(self.payload.clone()).to_string();
        match frame::encode(&headers, payload.as_bytes()) {
            Ok(frame) => Insert::tried(response, frame, self.after_frames, Flow::Go),
            Err(_) => Tried::Missed(response),
        }
    }
}

#[async_trait]
impl Act for DropEvent {
    fn name(&self) -> &'static str {
        "drop_event"
    }

    fn stage(&self) -> Stage {
        Stage::Frames
    }

    async fn after(&self, response: Response, _model: &str) -> Tried {
        edit(response, Dropping { name: self.event.clone() })
    }
}

struct Corrupting {
    corrupt: Corrupt,
    seen: u64,
}

impl Edit for Corrupting {
    fn frame(&mut self, frame: Bytes, out: &mut Out) -> Flow {
        let hit = self.seen == self.corrupt.after_frames;
        self.seen += 1;
        out.push_back(if hit { self.corrupt.checksum.spoil(&frame) } else { frame });
        Flow::Go
    }
}

impl Checksum {
    /// The frame with one bit of the checksum turned.
    fn spoil(self, frame: &Bytes) -> Bytes {
        let mut bytes = BytesMut::from(&frame[..]);
        let at = match self {
            Self::Message => bytes.len().saturating_sub(1),
            Self::Prelude => 11,
        };
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1;
        }
        bytes.freeze()
    }
}

/// A frame put in after some others, and how the stream goes on behind it.
pub(super) struct Insert {
    frame: Option<Bytes>,
    /// How many frames come first.
    left: u64,
    flow: Flow,
}

impl Insert {
    pub(super) fn tried(response: Response, frame: Vec<u8>, after: u64, flow: Flow) -> Tried {
        edit(response, Self { frame: Some(frame.into()), left: after, flow })
    }
}

impl Edit for Insert {
    fn frame(&mut self, frame: Bytes, out: &mut Out) -> Flow {
        if self.left == 0
            && let Some(inserted) = self.frame.take()
        {
            out.push_back(inserted);
            if self.flow != Flow::Go {
                return self.flow;
            }
        }
        self.left = self.left.saturating_sub(1);
        out.push_back(frame);
        Flow::Go
    }

    fn end(&mut self, out: &mut Out) {
        if self.left == 0 {
            out.extend(self.frame.take());
        }
    }
}

struct Dropping {
    name: String,
}

impl Edit for Dropping {
    fn frame(&mut self, frame: Bytes, out: &mut Out) -> Flow {
        if !Event::read(&frame).is_some_and(|event| event.is(&self.name)) {
            out.push_back(frame);
        }
        Flow::Go
    }
}

fn something_new() -> String {
    "somethingNew".into()
}
