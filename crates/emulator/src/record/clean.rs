//! Takes what names an account, and the recorder's own proof, out of the bodies that are recorded.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codec::frame::{self, Decoded, HeaderValue};
use serde_json::{Value, json};

use crate::outgoing::Secret;
use crate::redact::accounts;
use crate::wire::set;

/// What is not to be found in a recording beside accounts.
#[derive(Debug, Default)]
pub(super) struct Cleaner(Vec<Secret>);

impl Cleaner {
    /// Takes these out. What is too short to be a secret of AWS stays, such as the keys `test`.
    pub(super) fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self(secrets.into_iter().filter(|Secret(text)| text.len() >= SHORTEST).collect())
    }

    /// A text without them and without accounts; `None` if there are none in it. A service may say
    /// again in a refusal what was signed, the token of a session with it.
    fn text(&self, text: &str) -> Option<String> {
        let mut clean = accounts(text);
        for Secret(secret) in &self.0 {
            if clean.contains(secret.as_str()) {
                clean = Cow::Owned(clean.replace(secret.as_str(), REMOVED));
            }
        }
        match clean {
            Cow::Owned(clean) => Some(clean),
            Cow::Borrowed(_) => None,
        }
    }

    /// A body without them; bytes that are no text stay as they are.
    pub(super) fn body<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let clean = std::str::from_utf8(bytes).ok().and_then(|text| self.text(text));
        clean.map_or(Cow::Borrowed(bytes), |clean| Cow::Owned(clean.into_bytes()))
    }

    /// A stream without them: a frame that has one is written anew. `None` if the stream is not made
    /// of whole frames, and so was cut.
    pub(super) fn stream(&self, mut bytes: &[u8]) -> Option<Vec<u8>> {
        let mut clean = Vec::with_capacity(bytes.len());
        while !bytes.is_empty() {
            let Ok(Decoded::Complete { frame, len }) = frame::decode(bytes) else { return None };
            let (whole, rest) = bytes.split_at_checked(len)?;
            match self.payload(frame.payload()) {
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

    /// The payload of a frame without them; `None` if it has none.
    fn payload(&self, payload: &[u8]) -> Option<Vec<u8>> {
        if let Cow::Owned(clean) = self.body(payload) {
            return (clean != payload).then_some(clean);
        }
        // A piece of InvokeModel's stream is encoded inside of the frame.
        let mut value: Value = serde_json::from_slice(payload).ok()?;
        let inner = STANDARD.decode(value.get("bytes")?.as_str()?).ok()?;
        let Cow::Owned(clean) = self.body(&inner) else { return None };
        if clean == inner {
            return None;
        }
        set(&mut value, "bytes", json!(STANDARD.encode(clean)));
        Some(value.to_string().into_bytes())
    }
}

/// What stands in the place of a secret.
const REMOVED: &str = "REMOVED";
/// The fewest letters of a secret: an access key has 16, and all else has more.
const SHORTEST: usize = 16;

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
        let stream = |bytes: &[u8]| Cleaner::default().stream(bytes);
        assert_eq!(stream(&bytes), Some(stream_of("000000000000")));
        let plain = frame(&wrapped("{}"));
        assert_eq!(stream(&plain).as_deref(), Some(&plain[..]));
        assert_eq!(stream(&bytes[..bytes.len() - 1]), None);
    }
    #[test]
    fn the_proof_of_the_recorder_is_taken_out_and_short_keys_are_not() {
        let token = "FwoGZXIvYXdzEBYaDKexampleToken";
        let cleaner = Cleaner::new([Secret("test".into()), Secret(token.into())]);
        let said = format!("a test: x-amz-security-token:{token}");
        let clean = "a test: x-amz-security-token:REMOVED";
        assert_eq!(cleaner.body(said.as_bytes()), Cow::Borrowed(clean.as_bytes()));
        let frame = |text: &str| frame::encode(&[], text.as_bytes()).unwrap();
        assert_eq!(cleaner.stream(&frame(&said)), Some(frame(clean)));
    }
}
