//! A recorded exchange, as a file of the folder holds it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use codec::{Api, ModelRef};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{frames, hints};
use crate::failure::Failure;

/// One exchange with the service.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Case {
    #[serde(rename = "case")]
    pub(crate) name: String,
    pub(crate) authenticity: String,
    pub(crate) operation: String,
    pub(crate) model_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) family: String,
    /// The JSON body; `null` where it was not stored or is not JSON.
    #[serde(default)]
    pub(crate) request: Value,
    /// The body where it is not JSON.
    pub(crate) request_raw: Option<String>,
    pub(crate) status: u16,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) response_headers: Map<String, Value>,
    #[serde(default)]
    pub(crate) response: Value,
    pub(crate) response_stream_base64: Option<String>,
    pub(crate) stream_events: Option<Vec<StreamEvent>>,
}

/// A frame as another implementation decoded it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct StreamEvent {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) headers: Map<String, Value>,
    #[serde(default)]
    pub(crate) payload: Value,
    /// The JSON inside the payload of an InvokeModel stream.
    #[serde(default)]
    chunk: Value,
}

impl Case {
    /// Reads every case of a folder, in the order of the files' names.
    pub(crate) fn read_all(folder: &Path) -> Result<Vec<Self>, Failure> {
        Self::files(folder)?.iter().map(|path| crate::corpus::read_json(path)).collect()
    }

    /// The files of a folder, in the order of their names. They may lie in a folder `cases` inside
    /// it.
    pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
        let inner = folder.join("cases");
        let folder = if inner.is_dir() { inner.as_path() } else { folder };
        let fail = |source| Failure::Read { path: folder.to_path_buf(), source };
        let entries = std::fs::read_dir(folder).map_err(fail)?;
        let entries = entries.collect::<Result<Vec<_>, _>>().map_err(fail)?;
        let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        Ok(paths)
    }

    /// Whether it shows what the service does.
    pub(crate) fn is_proof(&self) -> bool {
        ["recorded", "recorded-response-only"].contains(&self.authenticity.as_str())
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.operation.ends_with("Stream")
    }

    /// Which format the bodies have; `None` for operations beside the two ways to run a model.
    pub(crate) fn api(&self) -> Option<Api> {
        match self.operation.as_str() {
            "Converse" | "ConverseStream" => Some(Api::Converse),
            "InvokeModel" | "InvokeModelWithResponseStream" => Some(Api::Invoke),
            _ => None,
        }
    }

    /// The model. Where the address hides what it is, the recording's name for it is tried,
    /// whole and without its first or its last word, and after that the shape of the bodies.
    pub(crate) fn model(&self) -> Option<ModelRef> {
        let model = ModelRef::parse(self.model_id.as_deref().unwrap_or(NO_MODEL)).ok()?;
        if model.family().is_some() || model.provider().is_some() {
            return Some(model);
        }
        let hint = self.family.as_str();
        let parts = [
            Some(hint),
            hint.split_once('-').map(|(_, rest)| rest),
            hint.rsplit_once('-').map(|(rest, _)| rest),
        ];
        let names = parts.into_iter().flatten().chain(hints::family(&self.request, &self.response));
        let mut named = names.filter_map(|name| model.clone().with_family(name).ok());
        let named = named.next();
        Some(named.unwrap_or(model))
    }

    /// The bytes of the stream, where they were stored.
    pub(crate) fn stream_bytes(&self) -> Result<Option<Vec<u8>>, String> {
        let decoded = self.response_stream_base64.as_ref().map(|text| STANDARD.decode(text));
        decoded.transpose().map_err(|error| error.to_string())
    }

    /// The frames of the stream, read without the codec; `None` where there is no stream.
    pub(crate) fn frames(&self) -> Result<Option<Cow<'_, [StreamEvent]>>, String> {
        if !self.is_stream() || self.status != 200 {
            return Ok(None);
        }
        if let Some(events) = &self.stream_events {
            return Ok(Some(events.into()));
        }
        Ok(self.stream_bytes()?.map(|bytes| frames::read(&bytes).into()))
    }

    /// The headers of the response that are text.
    pub(crate) fn headers(&self) -> Vec<(&str, &str)> {
        let headers = self.response_headers.iter();
        headers.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect()
    }

    /// A header of the response.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers().into_iter();
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl StreamEvent {
    pub(crate) fn new(headers: Map<String, Value>, payload: Value) -> Self {
        Self { headers, payload, chunk: Value::Null }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.as_str()
    }

    /// The JSON inside the payload of an InvokeModel stream, also where only the payload is stored.
    pub(crate) fn inner(&self) -> Value {
        let encoded = self.payload.get("bytes").and_then(Value::as_str);
        let decoded = encoded.and_then(|text| STANDARD.decode(text).ok());
        match decoded.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            Some(inner) if self.chunk.is_null() => inner,
            _ => self.chunk.clone(),
        }
    }
}

/// A member that is `null` counts as absent.
fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Stands in where the recording does not say which model was called.
const NO_MODEL: &str = "model-not-stored";
