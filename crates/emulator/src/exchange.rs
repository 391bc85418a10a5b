//! A recorded exchange as a file holds it: what was asked, and what came back.
//!
//! One JSON object a file. `operation`, `modelId` (else `path`) and `request` say what was asked,
//! `status`, `responseHeaders` and one of `response`, `responseStreamBase64` and `streamEvents`
//! what came back. Members that are not named here are notes for people.

mod compact;

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

pub(crate) use self::compact::compact;

/// A file of the folder.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exchange {
    pub(crate) operation: String,
    pub(crate) model_id: Option<String>,
    pub(crate) path: Option<String>,
    /// The JSON body; `null` where it was not stored or is not JSON.
    pub(crate) request: Option<Value>,
    /// The body where it is not JSON.
    pub(crate) request_raw: Option<String>,
    pub(crate) status: u16,
    pub(crate) response_headers: Option<Members<Value>>,
    pub(crate) response: Option<Box<RawValue>>,
    /// The bytes of the body, where they are not those of `response` without white space.
    pub(crate) response_base64: Option<String>,
    /// The bytes of a stream.
    pub(crate) response_stream_base64: Option<String>,
    /// The frames of a stream whose bytes were not stored.
    pub(crate) stream_events: Option<Vec<StreamEvent>>,
}

/// A frame whose bytes were not stored.
#[derive(Debug, Deserialize)]
pub(crate) struct StreamEvent {
    pub(crate) headers: Option<Members<Value>>,
    pub(crate) payload: Option<Box<RawValue>>,
    /// The JSON inside the payload of an InvokeModel stream.
    pub(crate) chunk: Option<Box<RawValue>>,
}

/// The members of a JSON object in the order of the file.
#[derive(Debug)]
pub(crate) struct Members<T>(pub(crate) Vec<(String, T)>);

impl Members<Value> {
    /// The members whose values are text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(Vec<(String, T)>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Read<T> {
            type Value = Members<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Members<T>, A::Error> {
                while let Some(member) = map.next_entry()? {
                    self.0.push(member);
                }
                Ok(Members(self.0))
            }
        }

        deserializer.deserialize_map(Read(Vec::new()))
    }
}
