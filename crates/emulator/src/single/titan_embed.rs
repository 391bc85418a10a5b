//! Amazon Titan embeddings: one text, or one text and image, a call.

use serde_json::{Map, Value, json};

use super::{Said, Single};
use crate::error::Refusal;
use crate::model::tokens::count;
use crate::schema::{Field, Form, malformed, violations};
use crate::vector;

pub(super) struct TitanEmbed;

impl Single for TitanEmbed {
    fn claims(&self, name: &str) -> bool {
        name.starts_with("amazon.titan-embed-")
    }

    fn answer(&self, name: &str, body: &Map<String, Value>) -> Result<Said, Refusal> {
        let fields = match name {
            _ if name.starts_with("amazon.titan-embed-image") => IMAGE,
            _ if name.starts_with("amazon.titan-embed-text-v2") => SECOND,
            _ => FIRST,
        };
        malformed(&violations("#", body, fields))?;
        let text = body.get("inputText").and_then(Value::as_str).unwrap_or_default();
        let tokens = count(text);
        let said = |body| Ok(Said { body, input_tokens: Some(tokens) });
        if name.starts_with("amazon.titan-embed-image") {
            let image = body.get("inputImage").and_then(Value::as_str).unwrap_or_default();
            if text.is_empty() && image.is_empty() {
                malformed(&["#: required key [inputText] not found".into()])?;
            }
            let config = body.get("embeddingConfig").unwrap_or(&Value::Null);
            let length = size(&config["outputEmbeddingLength"], &[256, 384, 1024], 1024)?;
            let embedding = vector::unit(&format!("{text} {}", super::image::gist(image)), length);
            return said(json!({
                "embedding": embedding, "inputTextTokenCount": tokens, "message": null,
            }));
        }
        if !name.starts_with("amazon.titan-embed-text-v2") {
            let embedding = vector::unit(text, 1536);
            return said(json!({ "embedding": embedding, "inputTextTokenCount": tokens }));
        }
        let dimensions = body.get("dimensions").unwrap_or(&Value::Null);
        let dimensions = size(dimensions, &[256, 512, 1024], 1024)?;
        let embedding = match body.get("normalize") {
            Some(Value::Bool(false)) => vector::raw(text, dimensions),
            _ => vector::unit(text, dimensions),
        };
        let types = body.get("embeddingTypes").and_then(Value::as_array);
        let asked = |kind: &str| types.is_some_and(|types| types.iter().any(|t| t == kind));
        let mut by_type = Map::new();
        if asked("binary") {
            let bits: Vec<u8> = embedding.iter().map(|x| u8::from(*x > 0.0)).collect();
            by_type.insert("binary".into(), json!(bits));
        }
        if types.is_none_or(Vec::is_empty) || asked("float") {
            by_type.insert("float".into(), json!(embedding));
            return said(json!({
                "embedding": embedding,
                "embeddingsByType": by_type,
                "inputTextTokenCount": tokens,
            }));
        }
        said(json!({ "embeddingsByType": by_type, "inputTextTokenCount": tokens }))
    }
}

/// A length that the model has, or its default.
pub(super) fn size(given: &Value, known: &[u64], default: usize) -> Result<usize, Refusal> {
    if given.is_null() {
        return Ok(default);
    }
    match given.as_u64().filter(|given| known.contains(given)) {
        Some(size) => Ok(usize::try_from(size).unwrap_or(default)),
        None => Err(Refusal::validation(format!(
            "Malformed input request: {given} is not a valid enum value, please reformat your \
             input and try again."
        ))),
    }
}

const FIRST: &[Field] = &[Field::required("inputText", Form::Filled)];

const SECOND: &[Field] = &[
    Field::required("inputText", Form::Filled),
    Field::optional("dimensions", Form::Integer(1..=u64::MAX)),
    Field::optional("normalize", Form::Switch),
    Field::optional("embeddingTypes", Form::Array),
];

const IMAGE: &[Field] = &[
    Field::optional("inputText", Form::Text),
    Field::optional("inputImage", Form::Text),
    Field::optional("embeddingConfig", Form::Object),
];
