//! Blocks: what a message is made of.

mod media;
mod tool;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use crate::Map;
use crate::error::DecodeError;
use crate::json::{Members, Object, need, serde_by_json, single, string};

pub use self::media::{Document, Image, S3Location, Source};
pub(crate) use self::tool::tool_use;
pub use self::tool::{IncompleteToolUse, ToolResult, ToolUse};

/// A piece of a message.
///
/// Its JSON is a Converse content block: an object with one member, named for the kind.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Block {
    /// Text.
    Text(Text),
    /// A tool call of the model, from complete JSON.
    ToolUse(ToolUse),
    /// A tool call that was cut off.
    IncompleteToolUse(IncompleteToolUse),
    /// What a tool gave back.
    ToolResult(ToolResult),
    /// The model's reasoning.
    Reasoning(Reasoning),
    /// Text with its sources.
    Citations(Citations),
    /// An image.
    Image(Image),
    /// A document.
    Document(Document),
    /// A mark: what comes before may be cached.
    CachePoint(CachePoint),
    /// JSON, which occurs inside tool results.
    Json(Value),
    /// A block of another kind, kept whole.
    Unknown(Map),
}

impl Block {
    /// A text block.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Text::new(text))
    }

    /// The texts in it: one for a text block, any number for citations, none for the rest.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let blocks = match self {
            Self::Text(_) => core::slice::from_ref(self),
            Self::Citations(citations) => citations.content.as_slice(),
            _ => &[],
        };
        blocks.iter().filter_map(|block| match block {
            Self::Text(text) => Some(text.text.as_str()),
            _ => None,
        })
    }

    /// Its name in Converse JSON, as far as it has one.
    pub(crate) fn kind(&self) -> &str {
        match self {
            Self::Text(_) => "text",
            Self::ToolUse(_) => "toolUse",
            Self::IncompleteToolUse(_) => "incompleteToolUse",
            Self::ToolResult(_) => "toolResult",
            Self::Reasoning(_) => "reasoningContent",
            Self::Citations(_) => "citationsContent",
            Self::Image(_) => "image",
            Self::Document(_) => "document",
            Self::CachePoint(_) => "cachePoint",
            Self::Json(_) => "json",
            Self::Unknown(map) => match map.keys().next() {
                Some(kind) if map.len() == 1 => kind,
                _ => "",
            },
        }
    }

    /// Its Converse JSON.
    pub fn to_json(&self) -> Value {
        Value::Object(match self {
            Self::Text(text) => {
                let mut map = single("text", text.text.as_str());
                map.extend(text.extra.clone());
                map
            }
            Self::ToolUse(tool) => single("toolUse", tool.to_json()),
            Self::IncompleteToolUse(tool) => single("incompleteToolUse", tool.to_json()),
            Self::ToolResult(result) => single("toolResult", result.to_json()),
            Self::Reasoning(reasoning) => single("reasoningContent", reasoning.to_json()),
            Self::Citations(citations) => single("citationsContent", citations.to_json()),
            Self::Image(image) => single("image", image.to_json()),
            Self::Document(document) => single("document", document.to_json()),
            Self::CachePoint(point) => single("cachePoint", point.to_json()),
            Self::Json(value) => single("json", value.clone()),
            Self::Unknown(map) => map.clone(),
        })
    }

    /// Reads Converse JSON. An object that is not a block of a known kind is kept whole.
    ///
    /// # Errors
    ///
    /// Where a block of a known kind has another shape than Converse gives it.
    pub fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        if let Some(text) = object.string("text")? {
            return Ok(Self::Text(Text { text, extra: object.rest() }));
        }
        let map = object.rest();
        let mut members = map.iter();
        let (Some((kind, _)), None) = (members.next(), members.next()) else {
            return Ok(Self::Unknown(map));
        };
        let Some((_, read)) = KINDS.iter().find(|(known, _)| known == kind) else {
            return Ok(Self::Unknown(map));
        };
        let kind = kind.clone();
        let value = map.into_iter().next().map(|(_, value)| value).unwrap_or_default();
        read(value).map_err(|error| error.at(&kind))
    }
}

impl From<&str> for Block {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

serde_by_json!(Block);

/// Text, byte for byte.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Text {
    /// The text.
    pub text: String,
    /// Members beside the text.
    pub extra: Map,
}

impl Text {
    /// Plain text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), extra: Map::new() }
    }
}

/// The model's reasoning.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reasoning {
    /// Reasoning as text, with the signature that lets it be sent back.
    #[non_exhaustive]
    Text {
        /// The text, byte for byte.
        text: String,
        /// The provider's signature.
        signature: Option<String>,
        /// Every other member.
        extra: Map,
    },
    /// Reasoning that the provider encrypted: base64, as on the wire.
    Redacted(String),
    /// Reasoning of another kind, kept whole.
    Unknown(Map),
}

impl Reasoning {
    /// Reasoning as text.
    pub fn text(text: impl Into<String>, signature: Option<String>) -> Self {
        Self::Text { text: text.into(), signature, extra: Map::new() }
    }

    fn to_json(&self) -> Value {
        Value::Object(match self {
            Self::Text { text, signature, extra } => {
                let mut map = single("text", text.as_str());
                map.set_some("signature", signature.as_deref());
                map.extend(extra.clone());
                single("reasoningText", map)
            }
            Self::Redacted(data) => single("redactedContent", data.as_str()),
            Self::Unknown(map) => map.clone(),
        })
    }

    fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        if let Some(mut inner) = object.object("reasoningText")? {
            let text = inner.string("text").map_err(|error| error.at("reasoningText"))?;
            let signature = inner.string("signature").map_err(|error| error.at("reasoningText"))?;
            let text = text.unwrap_or_default();
            return Ok(Self::Text { text, signature, extra: inner.rest() });
        }
        match object.read("redactedContent", string)? {
            Some(data) => Ok(Self::Redacted(data)),
            None => Ok(Self::Unknown(object.rest())),
        }
    }
}

/// Text with its sources.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Citations {
    /// The text, in blocks.
    pub content: Vec<Block>,
    /// The sources, as the service describes them.
    pub citations: Vec<Value>,
    /// Every other member.
    pub extra: Map,
}

impl Citations {
    /// One text with its sources.
    pub fn new(text: impl Into<String>, citations: Vec<Value>) -> Self {
        Self { content: vec![Block::text(text)], citations, extra: Map::new() }
    }

    fn to_json(&self) -> Value {
        let mut map = Map::new();
        map.set("content", self.content.iter().map(Block::to_json).collect::<Vec<_>>());
        map.set("citations", self.citations.clone());
        map.extend(self.extra.clone());
        Value::Object(map)
    }

    fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let content = object.each("content", Block::from_json)?;
        let citations = object.each("citations", Ok)?;
        Ok(Self { content, citations, extra: object.rest() })
    }
}

/// A mark in a request: what comes before it may be cached.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CachePoint {
    /// The kind of the point, `default` today.
    pub kind: String,
    /// How long the cache is kept, such as `5m` or `1h`.
    pub ttl: Option<String>,
    /// Every other member.
    pub extra: Map,
}

impl CachePoint {
    /// The usual cache point, kept for the given time or for the model's default.
    pub fn new(ttl: Option<String>) -> Self {
        Self { kind: String::from("default"), ttl, extra: Map::new() }
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut map = single("type", self.kind.as_str());
        map.set_some("ttl", self.ttl.as_deref());
        map.extend(self.extra.clone());
        Value::Object(map)
    }

    pub(crate) fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let kind = need(object.string("type")?, "type")?;
        let ttl = object.string("ttl")?;
        Ok(Self { kind, ttl, extra: object.rest() })
    }
}

type Read = fn(Value) -> Result<Block, DecodeError>;

/// The known kinds of blocks but text, and their readers.
const KINDS: &[(&str, Read)] = &[
    ("toolUse", tool::read_tool_use),
    ("incompleteToolUse", |value| {
        IncompleteToolUse::from_json(value).map(Block::IncompleteToolUse)
    }),
    ("toolResult", |value| ToolResult::from_json(value).map(Block::ToolResult)),
    ("reasoningContent", |value| Reasoning::from_json(value).map(Block::Reasoning)),
    ("citationsContent", |value| Citations::from_json(value).map(Block::Citations)),
    ("image", |value| Image::from_json(value).map(Block::Image)),
    ("document", |value| Document::from_json(value).map(Block::Document)),
    ("cachePoint", |value| CachePoint::from_json(value).map(Block::CachePoint)),
    ("json", |value| Ok(Block::Json(value))),
];
