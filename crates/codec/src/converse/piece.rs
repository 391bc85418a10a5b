//! The event of a plain piece of a block, which nearly every event of a stream is.
//!
//! It is read straight into the piece. Whatever is not exactly of this form (another member, a
//! `null`, a number that is no integer) is left to the reader that keeps what it does not know.

use alloc::string::String;

use serde::Deserialize;

use crate::event::{Delta, Event};
use crate::json::exactly;

/// The payload of a `contentBlockDelta` of this form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Payload {
    content_block_index: u32,
    delta: Piece,
}

/// The same with padding, as in the frames of ConverseStream.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Padded<'a> {
    content_block_index: u32,
    delta: Piece,
    #[serde(default, rename = "p")]
    _padding: &'a str,
}

impl From<Payload> for Event {
    fn from(payload: Payload) -> Self {
        Self::delta(payload.content_block_index, payload.delta.into())
    }
}

/// The event in a frame of this form.
pub(super) fn read(payload: &[u8]) -> Option<Event> {
    let Padded { content_block_index, delta, .. } = exactly(payload)?;
    Some(Event::delta(content_block_index, delta.into()))
}

/// An object with one member.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Piece {
    Text(String),
    ToolUse(ToolUse),
    ReasoningContent(Reasoning),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolUse {
    input: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reasoning {
    text: String,
}

impl From<Piece> for Delta {
    fn from(piece: Piece) -> Self {
        match piece {
            Piece::Text(text) => Self::Text(text),
            Piece::ToolUse(ToolUse { input }) => Self::ToolUse { input },
            Piece::ReasoningContent(Reasoning { text }) => Self::ReasoningText(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use serde_json::json;

    use super::*;
    use crate::converse::event;
    use crate::json::neighbours;

    #[test]
    fn a_piece_is_what_the_reader_of_everything_makes_of_it() {
        for delta in [
            json!({"text": "a\n\"b\""}),
            json!({"toolUse": {"input": "{\"a\": 1}"}}),
            json!({"reasoningContent": {"text": "so"}}),
        ] {
            let plain = json!({"contentBlockIndex": 3, "delta": delta});
            assert!(read(plain.to_string().as_bytes()).is_some(), "{plain}");
            for payload in neighbours(&plain) {
                let text = payload.to_string();
                let expected = event::read("contentBlockDelta", payload).ok();
                let unpadded = serde_json::from_str::<Payload>(&text).map(Event::from);
                for event in read(text.as_bytes()).into_iter().chain(unpadded) {
                    assert_eq!(Some(event), expected, "{text}");
                }
            }
        }
    }

    #[test]
    fn padding_is_dropped() {
        let plain = br#"{"contentBlockIndex":0,"delta":{"text":"a"}}"#;
        let padded = br#"{"contentBlockIndex":0,"delta":{"text":"a"},"p":"abc"}"#;
        assert_eq!(read(padded), read(plain));
        assert!(serde_json::from_slice::<Payload>(padded).is_err());
    }
}
