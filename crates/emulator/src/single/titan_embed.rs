//! Amazon Titan embeddings: one text, or one text and image, a call.

use codec::embed::{Encoding, Input};
use serde_json::{Map, Value, json};

use super::embed::{length, read, text, tokens};
use super::{Asked, Said, Single, not_taken};
use crate::error::Refusal;
use crate::schema::{Field, Form, malformed, violations};
use crate::vector;

pub(super) struct TitanEmbed;

impl Single for TitanEmbed {
    fn families(&self) -> &'static [&'static str] {
        &[TEXT, IMAGE]
    }

    fn recognises(&self, body: &Map<String, Value>) -> Option<&'static str> {
        let has = |key: &str| body.contains_key(key);
        if has("inputImage") || has("embeddingConfig") {
            return Some(IMAGE);
        }
        (has("inputText") && !has("textGenerationConfig")).then_some(TEXT)
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Said, Refusal> {
        if codec::embed::family(asked.model) == Some(IMAGE) {
            return image(asked);
        }
        let is_first = FIRST_NAMES.iter().any(|first| asked.name.starts_with(first));
        malformed(&violations("#", asked.members, if is_first { FIRST } else { SECOND }))?;
        let request = read(asked)?;
        let tokens = request.inputs.iter().map(tokens).sum();
        let said = |body| Ok(Said { body, input_tokens: Some(tokens) });
        let text: String = request.inputs.iter().map(text).collect();
        if is_first {
            let embedding = vector::unit(&text, 1536);
            return said(json!({ "embedding": embedding, "inputTextTokenCount": tokens }));
        }
        let length = length("dimensions", request.dimensions, &[1024, 512, 256])?;
        let embedding = match request.normalize {
            Some(false) => vector::raw(&text, length),
            _ => vector::unit(&text, length),
        };
        let mut by_type = Map::new();
        for encoding in &request.encodings {
            by_type.insert(encoding.as_str().into(), encoded(encoding, &embedding)?);
        }
        let mut body = json!({ "inputTextTokenCount": tokens });
        if by_type.is_empty() || by_type.contains_key(Encoding::Float.as_str()) {
            by_type.insert(Encoding::Float.as_str().into(), json!(embedding));
            crate::wire::set(&mut body, "embedding", embedding);
        }
        crate::wire::set(&mut body, "embeddingsByType", by_type);
        said(body)
    }
}

/// One text, one image, or both in one embedding.
fn image(asked: &Asked<'_>) -> Result<Said, Refusal> {
    malformed(&violations("#", asked.members, BOTH))?;
    let request = read(asked)?;
    let place = "embeddingConfig/outputEmbeddingLength";
    let length = length(place, request.dimensions, &[1024, 384, 256])?;
    let text: String = request.inputs.iter().map(text).collect();
    let is_image = |input: &&Input| matches!(input, Input::Media(_));
    let without_images = request.inputs.iter().filter(|input| !is_image(input));
    let tokens = without_images.map(tokens).sum::<u64>();
    let embedding = vector::unit(&text, length);
    let body = json!({ "embedding": embedding, "inputTextTokenCount": tokens, "message": null });
    Ok(Said { body, input_tokens: Some(tokens) })
}

/// The numbers in one of the two forms.
fn encoded(encoding: &Encoding, embedding: &[f64]) -> Result<Value, Refusal> {
    match encoding {
        Encoding::Float => Ok(json!(embedding)),
        Encoding::Binary => Ok(embedding.iter().map(|x| u8::from(*x > 0.0)).collect()),
        other => Err(not_taken("embeddingTypes/0", other.as_str())),
    }
}

const TEXT: &str = "titan-embed";
const IMAGE: &str = "titan-embed-image";
/// What the names of the models begin with that take a text and nothing else.
const FIRST_NAMES: [&str; 2] = ["amazon.titan-embed-text-v1", "amazon.titan-embed-g1"];

const FIRST: &[Field] = &[Field::required("inputText", Form::Filled)];

const SECOND: &[Field] = &[
    Field::required("inputText", Form::Filled),
    Field::optional("dimensions", Form::Integer(1..=u64::MAX)),
    Field::optional("normalize", Form::Switch),
    Field::optional("embeddingTypes", Form::Array),
];

const BOTH: &[Field] = &[
    Field::optional("inputText", Form::Text),
    Field::optional("inputImage", Form::Text),
    Field::optional("embeddingConfig", Form::Object),
];
