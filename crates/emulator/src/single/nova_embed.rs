//! Amazon Nova embeddings: one text or one piece of media a call.

use serde_json::{Map, Value, json};

use super::titan_embed::size;
use super::{Said, Single, image};
use crate::error::Refusal;
use crate::model::tokens::count;
use crate::schema::{Field, Form, malformed, violations};
use crate::vector;

pub(super) struct NovaEmbed;

impl Single for NovaEmbed {
    fn claims(&self, name: &str) -> bool {
        name.starts_with("amazon.nova-2-multimodal-embeddings")
    }

    fn answer(&self, _name: &str, body: &Map<String, Value>) -> Result<Said, Refusal> {
        malformed(&violations("#", body, BODY))?;
        if body["taskType"] != "SINGLE_EMBEDDING" {
            let word = &body["taskType"];
            return Err(refuse(&format!("#/taskType: {word} is not a valid enum value")));
        }
        let Some(params) = body.get("singleEmbeddingParams").and_then(Value::as_object) else {
            return Err(refuse("#: required key [singleEmbeddingParams] not found"));
        };
        malformed(&violations("#/singleEmbeddingParams", params, PARAMS))?;
        let dimensions = params.get("embeddingDimension").unwrap_or(&Value::Null);
        let dimensions = size(dimensions, &[256, 384, 1024, 3072], 3072)?;
        let mut given = KINDS.iter().filter_map(|(key, kind)| Some((*kind, params.get(*key)?)));
        let (Some((kind, content)), None) = (given.next(), given.next()) else {
            return Err(refuse("#/singleEmbeddingParams: exactly one content is expected"));
        };
        let text = match kind {
            "TEXT" => content["value"].as_str().unwrap_or_default().to_owned(),
            _ => image::gist(&content["source"].to_string()),
        };
        let tokens = if kind == "TEXT" { count(&text) } else { 1 };
        let embedding = json!({
            "embeddingType": kind, "embedding": vector::unit(&text, dimensions),
        });
        Ok(Said { body: json!({ "embeddings": [embedding] }), input_tokens: Some(tokens) })
    }
}

fn refuse(what: &str) -> Refusal {
    Refusal::validation(format!(
        "Malformed input request: {what}, please reformat your input and try again."
    ))
}

/// The contents, and what an embedding of them is called.
const KINDS: [(&str, &str); 4] =
    [("text", "TEXT"), ("image", "IMAGE"), ("video", "VIDEO"), ("audio", "AUDIO")];

const BODY: &[Field] = &[
    Field::required("taskType", Form::Text),
    Field::optional("schemaVersion", Form::Text),
    Field::optional("singleEmbeddingParams", Form::Object),
    Field::optional("segmentedEmbeddingParams", Form::Object),
];

const PARAMS: &[Field] = &[
    Field::required("embeddingPurpose", Form::Text),
    Field::optional("embeddingDimension", Form::Integer(1..=u64::MAX)),
    Field::optional("text", Form::Object),
    Field::optional("image", Form::Object),
    Field::optional("video", Form::Object),
    Field::optional("audio", Form::Object),
];
