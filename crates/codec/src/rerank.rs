//! Reranking: documents in the order of how well they answer a query.
//!
//! Cohere's and Amazon's models take nearly the same body; a table holds the differences.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::format::Headers;
use crate::invoke::latency_of;
use crate::json::{Members, Object, elements, need, number};
use crate::model::ModelRef;
use crate::operation::{Families, Named, finish, input_tokens_of, refuse};
use crate::usage::Usage;

/// A query and the documents to be put in order.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// The query.
    pub query: String,
    /// The documents: texts, or with Cohere objects.
    pub documents: Vec<Document>,
    /// How many of the best are wanted; all where absent.
    pub top_n: Option<u32>,
    /// The most tokens of a document that are read; only Cohere takes it.
    pub max_tokens_per_document: Option<u32>,
    /// Members of the family's own, merged last into the body. One that is there already is an
    /// error.
    pub extra: Map,
}

/// A document.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Document {
    /// A text.
    Text(String),
    /// An object, whose members are read.
    Json(Map),
}

/// The documents in order, best first.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Reply {
    /// The documents, by their place in the request.
    pub results: Vec<Ranked>,
    /// Tokens, where a header counts them.
    pub usage: Option<Usage>,
    /// The time the service took, in milliseconds.
    pub latency_ms: Option<u64>,
    /// Every other member of the body.
    pub extra: Map,
}

/// A document in its place.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ranked {
    /// Which document it is, from 0.
    pub index: usize,
    /// How well it answers the query, from 0 to 1.
    pub score: f64,
    /// Every other member.
    pub extra: Map,
}

impl Request {
    /// A query over texts.
    pub fn new<D: Into<String>>(
        query: impl Into<String>,
        documents: impl IntoIterator<Item = D>,
    ) -> Self {
        let documents = documents.into_iter().map(|text| Document::Text(text.into())).collect();
        Self { query: query.into(), documents, ..Self::default() }
    }

    /// Sets how many of the best are wanted.
    #[must_use]
    pub fn with_top_n(mut self, top_n: u32) -> Self {
        self.top_n = Some(top_n);
        self
    }
}

/// The name of the family that the model belongs to, if it reranks.
pub fn family(model: &ModelRef) -> Option<&'static str> {
    FAMILIES.find(model).map(Named::name)
}

/// Writes the body of InvokeModel for a request.
///
/// # Errors
///
/// Where the family cannot express what the request holds, or the model is not known to rerank.
pub fn encode(model: &ModelRef, request: &Request) -> Result<Vec<u8>, EncodeError> {
    let family = FAMILIES.to_encode(model)?;
    let mut body = Map::new();
    body.set("query", request.query.as_str());
    let documents = request.documents.iter().enumerate().map(|(index, document)| match document {
        Document::Text(text) => Ok(Value::from(text.as_str())),
        Document::Json(members) if family.objects => Ok(Value::Object(members.clone())),
        Document::Json(_) => {
            let why = "it reads texts only; write the object as a text";
            Err(EncodeError::unsupported(family.name, why).at_index(index).at(DOCUMENTS))
        }
    });
    body.set(DOCUMENTS, documents.collect::<Result<Vec<_>, _>>()?);
    body.set_some(TOP_N, request.top_n);
    if !family.limits_documents {
        let why = "it has no limit on a document; shorten the documents";
        let is_there = request.max_tokens_per_document.is_some();
        refuse(is_there, family.name, "maxTokensPerDocument", why)?;
    }
    body.set_some(LIMIT, request.max_tokens_per_document);
    if !request.extra.contains_key(VERSION) {
        body.set_some(VERSION, family.version);
    }
    finish(body, &request.extra)
}

/// Reads a request body. Members that the vocabulary lacks are kept in `extra`.
///
/// # Errors
///
/// Where the body is not JSON of the family's shape, or the family is not known.
pub fn decode_request(model: &ModelRef, body: &[u8]) -> Result<Request, DecodeError> {
    let family = FAMILIES.to_decode(model)?;
    let mut body = Object::new(serde_json::from_slice(body)?)?;
    let mut request = Request {
        query: need(body.string("query")?, "query")?,
        documents: need(body.read(DOCUMENTS, |list| elements(list, document))?, DOCUMENTS)?,
        top_n: body.limit(TOP_N)?,
        max_tokens_per_document: body.limit(LIMIT)?,
        extra: Map::new(),
    };
    if family.version.is_some() && body.get(VERSION).and_then(Value::as_u64) == family.version {
        body.skip(VERSION);
    }
    request.extra = body.rest();
    Ok(request)
}

/// Reads a reply.
///
/// # Errors
///
/// Where the body is not JSON of the family's shape, or the family is not known.
pub fn decode(model: &ModelRef, body: &[u8], headers: &dyn Headers) -> Result<Reply, DecodeError> {
    FAMILIES.to_decode(model)?;
    let mut body = Object::new(serde_json::from_slice(body)?)?;
    let results = need(body.read(RESULTS, |list| elements(list, ranked))?, RESULTS)?;
    let usage = input_tokens_of(headers);
    Ok(Reply { results, usage, latency_ms: latency_of(headers), extra: body.rest() })
}

fn document(value: Value) -> Result<Document, DecodeError> {
    match value {
        Value::String(text) => Ok(Document::Text(text)),
        Value::Object(members) => Ok(Document::Json(members)),
        other => Err(DecodeError::shape("a string or an object", &other)),
    }
}

/// The score stands under either spelling.
fn ranked(value: Value) -> Result<Ranked, DecodeError> {
    let mut item = Object::new(value)?;
    let index = need(item.count("index")?, "index")?;
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    let score = match item.number(SCORE)? {
        Some(score) => score,
        None => need(item.lenient("relevanceScore", number), SCORE)?,
    };
    Ok(Ranked { index, score, extra: item.rest() })
}

/// A family of rerankers.
pub(crate) struct Reranker {
    name: &'static str,
    provider: &'static str,
    /// The version of the body that must be named.
    version: Option<u64>,
    /// Whether documents may be objects.
    objects: bool,
    /// Whether it takes a limit on each document.
    limits_documents: bool,
}

impl Named for Reranker {
    fn name(&self) -> &'static str {
        self.name
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        provider == self.provider && model.starts_with("rerank")
    }
}

/// The families.
pub(crate) static FAMILIES: Families<Reranker> = Families {
    operation: "reranking",
    table: &[
        &Reranker {
            name: "cohere-rerank",
            provider: "cohere",
            version: Some(2),
            objects: true,
            limits_documents: true,
        },
        &Reranker {
            name: "amazon-rerank",
            provider: "amazon",
            version: None,
            objects: false,
            limits_documents: false,
        },
    ],
};

const DOCUMENTS: &str = "documents";
const TOP_N: &str = "top_n";
const LIMIT: &str = "max_tokens_per_doc";
const VERSION: &str = "api_version";
const RESULTS: &str = "results";
const SCORE: &str = "relevance_score";
