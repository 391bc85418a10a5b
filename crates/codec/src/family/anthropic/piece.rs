//! The chunk of a plain piece of a block, which nearly every chunk of a stream is.
//!
//! It is read straight into the piece. Whatever is not exactly of this form (another member, a
//! `null`, a number that is no integer) is left to the reader that keeps what it does not know.

use alloc::string::String;

use serde::Deserialize;

use crate::event::{Delta, Event};
use crate::json::{exactly, present};

/// The event of a chunk of this form.
pub(super) fn read(chunk: &[u8]) -> Option<Event> {
    let Chunk { index, delta, .. } = exactly(chunk)?;
    let Piece { kind, text, partial_json, thinking } = delta;
    let delta = match (kind, text, partial_json, thinking) {
        (PieceKind::Text, Some(text), None, None) => Delta::Text(text),
        (PieceKind::Input, None, Some(input), None) => Delta::ToolUse { input },
        (PieceKind::Thinking, None, None, Some(text)) => Delta::ReasoningText(text),
        _ => return None,
    };
    Some(Event::delta(index, delta))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chunk {
    #[serde(rename = "type")]
    _kind: ChunkKind,
    index: u32,
    delta: Piece,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChunkKind {
    ContentBlockDelta,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Piece {
    #[serde(rename = "type")]
    kind: PieceKind,
    #[serde(default, deserialize_with = "present")]
    text: Option<String>,
    #[serde(default, deserialize_with = "present")]
    partial_json: Option<String>,
    #[serde(default, deserialize_with = "present")]
    thinking: Option<String>,
}

#[derive(Deserialize)]
enum PieceKind {
    #[serde(rename = "text_delta")]
    Text,
    #[serde(rename = "input_json_delta")]
    Input,
    #[serde(rename = "thinking_delta")]
    Thinking,
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use super::super::stream::Decoder;
    use super::*;
    use crate::invoke::ChunkDecoder;
    use crate::json::{Object, neighbours};

    #[test]
    fn a_piece_is_what_the_reader_of_everything_makes_of_it() {
        for (kind, key) in [
            ("text_delta", "text"),
            ("input_json_delta", "partial_json"),
            ("thinking_delta", "thinking"),
        ] {
            let plain = serde_json::json!({
                "type": "content_block_delta", "index": 3, "delta": {"type": kind, key: "a\n\"b\""},
            });
            assert!(read(plain.to_string().as_bytes()).is_some(), "{plain}");
            for chunk in neighbours(&plain) {
                let Some(event) = read(chunk.to_string().as_bytes()) else { continue };
                let mut events = Vec::new();
                Decoder::default().read(Object::new(chunk.clone()).unwrap(), &mut events).unwrap();
                assert_eq!(events, [event], "{chunk}");
            }
        }
    }
}
