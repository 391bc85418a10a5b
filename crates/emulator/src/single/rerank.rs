//! Rerank: documents in the order of their nearness to a query, by InvokeModel and by the
//! operation of the agent runtime.

use codec::rerank::Document;
use serde_json::{Map, Value, json};

use super::{Asked, Said, Single, unreadable};
use crate::constraint::{self, Constraint};
use crate::error::Refusal;
use crate::models::{Model, unknown};
use crate::schema::{Field, Form, malformed, violations};
use crate::vector;

pub(super) struct Rerank;

impl Single for Rerank {
    fn families(&self) -> &'static [&'static str] {
        &[COHERE_FAMILY, AMAZON_FAMILY]
    }

    fn recognises(&self, body: &Map<String, Value>) -> Option<&'static str> {
        let is_one = body.contains_key("query") && body.contains_key("documents");
        let is_cohere = body.contains_key("api_version");
        is_one.then_some(if is_cohere { COHERE_FAMILY } else { AMAZON_FAMILY })
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Said, Refusal> {
        let is_amazon = codec::rerank::family(asked.model) == Some(AMAZON_FAMILY);
        malformed(&violations("#", asked.members, if is_amazon { AMAZON } else { COHERE }))?;
        let request = codec::rerank::decode_request(asked.model, asked.body).map_err(unreadable)?;
        if request.documents.is_empty() {
            malformed(&["#/documents: expected minimum item count: 1, found: 0".into()])?;
        }
        let documents: Vec<String> = request.documents.iter().map(text).collect();
        let results = ranked(&request.query, &documents, request.top_n.map(u64::from))
            .into_iter()
            .map(|(index, score)| json!({ "index": index, "relevance_score": score }));
        let results: Vec<Value> = results.collect();
        Ok(Said { body: json!({ "results": results }), input_tokens: None })
    }
}

/// Answers the agent runtime's `Rerank`.
pub(crate) fn agent(body: &[u8]) -> Result<Value, Refusal> {
    let body: &Value = &serde_json::from_slice(body)
        .map_err(|_| Refusal::validation("The request body is not valid JSON."))?;
    let query = body.pointer("/queries/0/textQuery/text").and_then(Value::as_str);
    let Some(query) = query.filter(|query| !query.trim().is_empty()) else {
        return Err(constraint::unfit("queries", Constraint::LengthAtLeast(1)));
    };
    let sources = body["sources"].as_array().map_or(&[][..], Vec::as_slice);
    if sources.is_empty() || sources.len() > MOST_SOURCES {
        return Err(constraint::unfit("sources", Constraint::LengthBetween(1, MOST_SOURCES)));
    }
    let config = body.pointer("/rerankingConfiguration/bedrockRerankingConfiguration");
    let config = config.unwrap_or(&Value::Null);
    let arn =
        config.pointer("/modelConfiguration/modelArn").and_then(Value::as_str).unwrap_or_default();
    let family = Model::find(arn)?.other_family();
    if !family.is_some_and(|family| Rerank.families().contains(&family)) {
        return Err(unknown());
    }
    let documents = sources.iter().map(|source| {
        let inline = &source["inlineDocumentSource"];
        match inline.pointer("/textDocument/text").and_then(Value::as_str) {
            Some(text) => text.to_owned(),
            None => words(&inline["jsonDocument"]),
        }
    });
    let documents: Vec<String> = documents.collect();
    let top = config["numberOfResults"].as_u64();
    let results = ranked(query, &documents, top)
        .into_iter()
        .map(|(index, score)| json!({ "index": index, "relevanceScore": score }));
    Ok(json!({ "results": results.collect::<Vec<_>>() }))
}

/// The places of the documents with their scores, the nearest first.
fn ranked(query: &str, documents: &[String], top: Option<u64>) -> Vec<(usize, f64)> {
    let mut scores: Vec<(usize, f64)> =
        documents.iter().map(|text| vector::nearness(query, text)).enumerate().collect();
    scores.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let most = top.and_then(|top| usize::try_from(top).ok()).unwrap_or(usize::MAX);
    scores.truncate(most);
    scores
}

/// The words of a document of a request.
fn text(document: &Document) -> String {
    match document {
        Document::Text(text) => text.clone(),
        Document::Json(members) => members.values().map(words).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    }
}

/// The words of a document: a text, or the values of an object.
fn words(document: &Value) -> String {
    match document {
        Value::String(text) => text.clone(),
        Value::Object(members) => members.values().map(words).collect::<Vec<_>>().join(" "),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

const COHERE_FAMILY: &str = "cohere-rerank";
const AMAZON_FAMILY: &str = "amazon-rerank";
const MOST_SOURCES: usize = 1000;

const AMAZON: &[Field] = &[
    Field::required("query", Form::Filled),
    Field::required("documents", Form::Array),
    Field::optional("top_n", Form::Integer(1..=u64::MAX)),
];

const COHERE: &[Field] = &[
    Field::required("query", Form::Filled),
    Field::required("documents", Form::Array),
    Field::required("api_version", Form::Integer(2..=2)),
    Field::optional("top_n", Form::Integer(1..=u64::MAX)),
    Field::optional("max_tokens_per_doc", Form::Integer(1..=u64::MAX)),
];
