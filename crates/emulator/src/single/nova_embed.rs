//! Amazon Nova embeddings: one text or one piece of media a call.

use codec::embed::{Input, MediaKind};
use serde_json::{Map, Value, json};

use super::embed::{length, read, text, tokens};
use super::{Asked, Said, Single, missing, not_taken};
use crate::error::Refusal;
use crate::schema::{Field, Form, malformed, violations};
use crate::vector;

pub(super) struct NovaEmbed;

impl Single for NovaEmbed {
    fn families(&self) -> &'static [&'static str] {
        &[FAMILY]
    }

    fn recognises(&self, body: &Map<String, Value>) -> Option<&'static str> {
        body.contains_key("singleEmbeddingParams").then_some(FAMILY)
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Said, Refusal> {
        malformed(&violations("#", asked.members, BODY))?;
        // The other task is one of asynchronous calls.
        let task = asked.members.get("taskType").unwrap_or(&Value::Null);
        if task != "SINGLE_EMBEDDING" {
            return Err(not_taken("taskType", &task.to_string()));
        }
        let params = asked.members.get("singleEmbeddingParams").and_then(Value::as_object);
        let params = params.ok_or_else(|| missing("singleEmbeddingParams"))?;
        malformed(&violations("#/singleEmbeddingParams", params, PARAMS))?;
        let request = read(asked)?;
        let place = "singleEmbeddingParams/embeddingDimension";
        let length = length(place, request.dimensions, &[3072, 1024, 384, 256])?;
        let [input] = request.inputs.as_slice() else {
            let why = "#/singleEmbeddingParams: exactly one content is expected";
            return Err(Refusal::malformed(why));
        };
        let embedding = json!({
            "embeddingType": kind(input), "embedding": vector::unit(&text(input), length),
        });
        let body = json!({ "embeddings": [embedding] });
        Ok(Said { body, input_tokens: Some(tokens(input)) })
    }
}

/// What an embedding of such an input is called.
fn kind(input: &Input) -> &'static str {
    let Input::Media(media) = input else { return "TEXT" };
    match media.kind {
        MediaKind::Image => "IMAGE",
        MediaKind::Video => "VIDEO",
        MediaKind::Audio => "AUDIO",
        _ => "TEXT",
    }
}

const FAMILY: &str = "nova-embed";

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
