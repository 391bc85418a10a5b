//! Takes what names an account out of the bodies that are recorded.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codec::frame::{self, Decoded, HeaderValue};
use serde_json::{Value, json};

use crate::redact::accounts;
use crate::wire::set;

/// A body without accounts; bytes that are no text stay as they are.
pub(super) fn body(bytes: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(bytes).map(accounts) {
        Ok(Cow::Owned(clean)) => Cow::Owned(clean.into_bytes()),
        _ => Cow::Borrowed(bytes),
    }
}

/// A stream without accounts: a frame that names one is written anew. `None` if the stream is not
/// made of whole frames, and so was cut.
pub(super) fn stream(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut clean = Vec::with_capacity(bytes.len());
    while !bytes.is_empty() {
        let Ok(Decoded::Complete { frame, len }) = frame::decode(bytes) else { return None };
        let (whole, rest) = bytes.split_at_checked(len)?;
        match payload(frame.payload()) {
            Some(payload) => {
                let headers: Vec<(&str, HeaderValue<'_>)> = frame.headers().collect();
                clean.extend(frame::encode(&headers, &payload).ok()?);
            }
            None => clean.extend_from_slice(whole),
        }
        bytes = rest;
    }
    Some(clean)
}

/// The payload of a frame without accounts; `None` if it names none.
fn payload(payload: &[u8]) -> Option<Vec<u8>> {
    if let Cow::Owned(clean) = body(payload) {
        return (clean != payload).then_some(clean);
    }
    // A piece of InvokeModel's stream is encoded inside of the frame.
    let mut value: Value = serde_json::from_slice(payload).ok()?;
    let inner = STANDARD.decode(value.get("bytes")?.as_str()?).ok()?;
    let Cow::Owned(clean) = body(&inner) else { return None };
    if clean == inner {
        return None;
    }
    set(&mut value, "bytes", json!(STANDARD.encode(clean)));
    Some(value.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_that_name_an_account_are_written_anew_and_others_are_not() {
        let headers = [(":event-type", "chunk".into())];
        let frame = |payload: &str| frame::encode(&headers, payload.as_bytes()).unwrap();
        let arn = |account: &str| format!("arn:aws:bedrock:us-east-1:{account}:guardrail/g");
        let wrapped = |text: &str| json!({ "bytes": STANDARD.encode(text) }).to_string();
        let stream_of = |account: &str| {
            [frame("{}"), frame(&arn(account)), frame(&wrapped(&arn(account)))].concat()
        };
        let bytes = stream_of("111122223333");
        assert_eq!(stream(&bytes), Some(stream_of("000000000000")));
        let plain = frame(&wrapped("{}"));
        assert_eq!(stream(&plain).as_deref(), Some(&plain[..]));
        assert_eq!(stream(&bytes[..bytes.len() - 1]), None);
    }
}
