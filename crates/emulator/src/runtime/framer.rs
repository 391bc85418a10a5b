//! The frames of a stream: an event's JSON, wrapped as its API wants it, padded, and framed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codec::frame::{self, FrameError, HeaderValue};

use crate::ids::mix;
use crate::route::RunApi;
use crate::wire::add;

/// Writes the frames of one stream. Its buffers stay to be filled again.
pub(super) struct Framer {
    api: RunApi,
    /// Drawn anew for each frame.
    padding: u64,
    json: String,
    wrapped: String,
}

impl Framer {
    /// `padding` is any number, which differs from stream to stream.
    pub(super) const fn new(api: RunApi, padding: u64) -> Self {
        Self { api, padding, json: String::new(), wrapped: String::new() }
    }

    /// The frame of an event whose JSON `write` adds to an empty text: a model's own is wrapped in
    /// base64, one of Converse stays as it is.
    pub(super) fn frame(
        &mut self,
        event: &str,
        write: impl FnOnce(&mut String),
    ) -> Result<Vec<u8>, FrameError> {
        self.json.clear();
        write(&mut self.json);
        let payload = match self.api {
            RunApi::Converse => &mut self.json,
            RunApi::Invoke => {
                self.wrapped.clear();
                self.wrapped.push_str("{\"bytes\":\"");
                STANDARD.encode_string(&self.json, &mut self.wrapped);
                self.wrapped.push_str("\"}");
                &mut self.wrapped
            }
        };
        self.padding = mix(self.padding);
        add(payload, "p", padding(self.padding));
        let headers = [
            (":event-type", HeaderValue::String(event)),
            (":content-type", HeaderValue::String("application/json")),
            (":message-type", HeaderValue::String("event")),
        ];
        frame::encode(&headers, payload.as_bytes())
    }
}

/// Some of the alphabet, so that the length of a frame does not tell the length of its text.
fn padding(drawn: u64) -> &'static str {
    let length = 1 + usize::try_from(drawn % 62).unwrap_or(0);
    ALPHABET.get(..length).unwrap_or(ALPHABET)
}

const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
