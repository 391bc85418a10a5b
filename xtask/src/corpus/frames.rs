//! Reads event-stream frames without the codec, where a recording has only their bytes.
//!
//! ```text
//! u32 total length | u32 headers length | u32 checksum | headers | payload | u32 checksum
//! ```
//!
//! Checksums are not looked at: the codec's own reading of the same bytes does that.

use serde_json::{Map, Value};

use super::case::StreamEvent;

/// The frames in these bytes, up to the first that is not whole.
pub(crate) fn read(mut bytes: &[u8]) -> Vec<StreamEvent> {
    let mut frames = Vec::new();
    while let Some((frame, rest)) = split(bytes) {
        frames.push(frame);
        bytes = rest;
    }
    frames
}

fn split(bytes: &[u8]) -> Option<(StreamEvent, &[u8])> {
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    };
    let (total, headers) = (number(0)?, number(4)?);
    let end = total.checked_sub(4)?;
    let payload = serde_json::from_slice(bytes.get(12 + headers..end)?).unwrap_or(Value::Null);
    let frame = StreamEvent::new(read_headers(bytes.get(12..12 + headers)?)?, payload);
    Some((frame, bytes.get(total..)?))
}

/// Headers whose values are strings, which are all that Bedrock sends.
fn read_headers(mut bytes: &[u8]) -> Option<Map<String, Value>> {
    let mut headers = Map::new();
    while let Some((len, rest)) = bytes.split_first() {
        let (name, rest) = rest.split_at_checked(usize::from(*len))?;
        let (form, rest) = rest.split_first()?;
        let (len, rest) = rest.split_first_chunk::<2>()?;
        let (value, rest) = rest.split_at_checked(u16::from_be_bytes(*len).into())?;
        if *form != STRING {
            return None;
        }
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
        headers.insert(text(name)?, text(value)?.into());
        bytes = rest;
    }
    Some(headers)
}

const STRING: u8 = 7;
