//! What is to be embedded, and how.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use crate::Map;
use crate::block::Source;
use crate::words::words;

/// A request for embeddings. What is absent is left to the model.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// What is to be embedded. Titan and Nova take one input a call, Cohere up to 96.
    pub inputs: Vec<Input>,
    /// What the embeddings are for. Cohere and Nova require it, Titan has no place for it.
    pub purpose: Option<Purpose>,
    /// The length of the embeddings.
    pub dimensions: Option<u32>,
    /// Whether they are scaled to length 1; only Titan text v2 lets one choose.
    pub normalize: Option<bool>,
    /// The forms in which each embedding is wanted; the model's own choice where empty.
    pub encodings: Vec<super::Encoding>,
    /// Where an input that is too long is cut. Nova requires it: `NONE` is written where absent.
    pub truncate: Option<Truncate>,
    /// The most tokens of an input that are read; only Cohere v4 takes it.
    pub max_tokens: Option<u32>,
    /// Members of the family's own, merged last into the body. One that is there already is an
    /// error.
    pub extra: Map,
}

/// One thing to be embedded.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Input {
    /// A text.
    Text(String),
    /// An image, a video, a sound, or a text that lies in a file.
    Media(Media),
    /// Several parts with one embedding together.
    Parts(Vec<Part>),
    /// An input of another form, kept whole.
    Unknown(Value),
}

/// A part of an input.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Part {
    /// A text.
    Text(String),
    /// An image, or another file.
    Media(Media),
    /// A part of another form, kept whole.
    Unknown(Value),
}

/// A file to be embedded.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// The format, such as `png` or `mp4`; Titan finds it out by itself.
    pub format: Option<String>,
    /// The bytes, or where they are.
    pub source: Source,
    /// Every other member, such as Nova's `detailLevel` or `embeddingMode`.
    pub extra: Map,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaKind {
    /// A text.
    Text,
    /// An image.
    Image,
    /// A video.
    Video,
    /// A sound.
    Audio,
}

words! {
    /// What embeddings are for. A family's own further words are kept as they are.
    Purpose {
        /// Documents that will be searched.
        Document = "search_document",
        /// A query that searches.
        Query = "search_query",
        /// Input of a classifier.
        Classification = "classification",
        /// Input of a clustering.
        Clustering = "clustering",
    }
}

words! {
    /// Where an input that is too long is cut.
    Truncate {
        /// Nowhere: it is refused.
        None = "NONE",
        /// The start goes.
        Start = "START",
        /// The end goes.
        End = "END",
    }
}

impl Request {
    /// A request for these inputs.
    #[must_use]
    pub fn new(inputs: Vec<Input>) -> Self {
        Self { inputs, ..Self::default() }
    }

    /// A request for one text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(vec![Input::Text(text.into())])
    }

    /// Says what the embeddings are for.
    #[must_use]
    pub fn with_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// Sets the length of the embeddings.
    #[must_use]
    pub fn with_dimensions(mut self, dimensions: u32) -> Self {
        self.dimensions = Some(dimensions);
        self
    }

    /// Adds a form in which each embedding is wanted.
    #[must_use]
    pub fn with_encoding(mut self, encoding: super::Encoding) -> Self {
        self.encodings.push(encoding);
        self
    }
}

impl Media {
    /// A file of this kind and format.
    pub fn new(kind: MediaKind, format: impl Into<Option<String>>, source: Source) -> Self {
        Self { kind, format: format.into(), source, extra: Map::new() }
    }
}
