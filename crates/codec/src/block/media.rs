//! Images and documents, and where their bytes are.

use alloc::string::String;

use serde_json::Value;

use crate::Map;
use crate::error::DecodeError;
use crate::json::{Members, Object, need, single};

/// An image.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Image {
    /// The format, such as `png` or `jpeg`.
    pub format: String,
    /// The bytes, or where they are.
    pub source: Source,
    /// Every other member.
    pub extra: Map,
}

impl Image {
    /// An image.
    pub fn new(format: impl Into<String>, source: Source) -> Self {
        Self { format: format.into(), source, extra: Map::new() }
    }

    pub(super) fn to_json(&self) -> Value {
        let mut map = single("format", self.format.as_str());
        map.set_some("source", self.source.to_json());
        map.extend(self.extra.clone());
        Value::Object(map)
    }

    pub(super) fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let format = need(object.string("format")?, "format")?;
        let source = object.read("source", Source::from_json)?.unwrap_or_default();
        Ok(Self { format, source, extra: object.rest() })
    }
}

/// A document.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Document {
    /// The format, such as `pdf` or `txt`; Converse takes text sources without one.
    pub format: Option<String>,
    /// The name by which the model knows it. Converse requires one.
    pub name: Option<String>,
    /// The bytes, or where they are.
    pub source: Source,
    /// Every other member: `context`, `citations`.
    pub extra: Map,
}

impl Document {
    /// A document.
    pub fn new(format: impl Into<String>, name: impl Into<String>, source: Source) -> Self {
        Self { format: Some(format.into()), name: Some(name.into()), source, extra: Map::new() }
    }

    pub(super) fn to_json(&self) -> Value {
        let mut map = Map::new();
        map.set_some("format", self.format.as_deref());
        map.set_some("name", self.name.as_deref());
        map.set_some("source", self.source.to_json());
        map.extend(self.extra.clone());
        Value::Object(map)
    }

    pub(super) fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let format = object.string("format")?;
        let name = object.string("name")?;
        let source = object.read("source", Source::from_json)?.unwrap_or_default();
        Ok(Self { format, name, source, extra: object.rest() })
    }
}

/// The bytes of an image or a document, or where they are.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Source {
    /// Base64, as on the wire.
    Bytes(String),
    /// Plain text.
    Text(String),
    /// An object in S3.
    S3(S3Location),
    /// A source of another kind, kept whole; empty where there was none.
    Unknown(Map),
}

impl Default for Source {
    fn default() -> Self {
        Self::Unknown(Map::new())
    }
}

impl Source {
    pub(crate) fn to_json(&self) -> Option<Value> {
        Some(Value::Object(match self {
            Self::Bytes(bytes) => single("bytes", bytes.as_str()),
            Self::Text(text) => single("text", text.as_str()),
            Self::S3(location) => single("s3Location", location.to_json()),
            Self::Unknown(map) if map.is_empty() => return None,
            Self::Unknown(map) => map.clone(),
        }))
    }

    pub(crate) fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let text = |value: &Value| value.as_str().map(String::from);
        if let Some(bytes) = object.lenient("bytes", text) {
            return Ok(Self::Bytes(bytes));
        }
        if let Some(text) = object.lenient("text", text) {
            return Ok(Self::Text(text));
        }
        match object.read("s3Location", S3Location::from_json)? {
            Some(location) => Ok(Self::S3(location)),
            None => Ok(Self::Unknown(object.rest())),
        }
    }
}

/// An object in S3.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct S3Location {
    /// The object, as `s3://bucket/key`.
    pub uri: String,
    /// The account that owns the bucket.
    pub bucket_owner: Option<String>,
    /// Every other member.
    pub extra: Map,
}

impl S3Location {
    /// An object in a bucket of the caller's account.
    pub fn new(uri: impl Into<String>) -> Self {
        Self { uri: uri.into(), bucket_owner: None, extra: Map::new() }
    }

    fn to_json(&self) -> Value {
        let mut map = single("uri", self.uri.as_str());
        map.set_some("bucketOwner", self.bucket_owner.as_deref());
        map.extend(self.extra.clone());
        Value::Object(map)
    }

    fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let uri = need(object.string("uri")?, "uri")?;
        let bucket_owner = object.string("bucketOwner")?;
        Ok(Self { uri, bucket_owner, extra: object.rest() })
    }
}
