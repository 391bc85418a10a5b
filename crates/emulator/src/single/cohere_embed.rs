//! Cohere Embed: many texts or images a call, in several types of numbers.

use serde_json::{Map, Value, json};

use super::titan_embed::size;
use super::{Said, Single, image};
use crate::error::Refusal;
use crate::model::tokens::count;
use crate::schema::{Field, Form, malformed, violations};
use crate::vector;

pub(super) struct CohereEmbed;

impl Single for CohereEmbed {
    fn claims(&self, name: &str) -> bool {
        name.starts_with("cohere.embed-")
    }

    fn answer(&self, name: &str, body: &Map<String, Value>) -> Result<Said, Refusal> {
        let is_fourth = name.starts_with("cohere.embed-v4");
        malformed(&violations("#", body, if is_fourth { FOURTH } else { THIRD }))?;
        let contents = contents(body);
        if contents.is_empty() {
            return Err(Refusal::validation(
                "Malformed input request: #: required key [texts] not found, please reformat your \
                 input and try again.",
            ));
        }
        if contents.len() > MOST {
            return Err(Refusal::validation(format!(
                "Malformed input request: #/texts: expected maximum item count: {MOST}, found: {}, \
                 please reformat your input and try again.",
                contents.len()
            )));
        }
        let dimensions = match is_fourth {
            true => {
                let given = body.get("output_dimension").unwrap_or(&Value::Null);
                size(given, &[256, 512, 1024, 1536], 1536)?
            }
            false => 1024,
        };
        let vectors: Vec<Vec<f64>> =
            contents.iter().map(|text| vector::unit(text, dimensions)).collect();
        let types: Vec<&str> = body.get("embedding_types").and_then(Value::as_array).map_or_else(
            || if is_fourth { vec!["float"] } else { Vec::new() },
            |types| types.iter().filter_map(Value::as_str).collect(),
        );
        let (embeddings, form) = if types.is_empty() {
            (json!(vectors), "embeddings_floats")
        } else {
            (by_type(&types, &vectors)?, "embeddings_by_type")
        };
        let texts = body.get("texts").and_then(Value::as_array);
        // The service gives texts back in small letters.
        let texts: Vec<String> = texts
            .map(|texts| texts.iter().filter_map(Value::as_str).map(str::to_lowercase).collect())
            .unwrap_or_default();
        let said = json!({
            "id": "00000000-0000-4000-8000-000000000000",
            "embeddings": embeddings,
            "texts": texts,
            "response_type": form,
        });
        let tokens = contents.iter().map(|text| count(text)).sum();
        Ok(Said { body: said, input_tokens: Some(tokens) })
    }
}

/// What is to be embedded, media by their gist.
fn contents(body: &Map<String, Value>) -> Vec<String> {
    let list = |key: &str| body.get(key).and_then(Value::as_array).into_iter().flatten();
    let texts = list("texts").filter_map(Value::as_str).map(str::to_owned);
    let images = list("images").filter_map(Value::as_str).map(image::gist);
    let inputs = list("inputs").map(|input| {
        let parts = input["content"].as_array().into_iter().flatten();
        let parts = parts.map(|part| match part["text"].as_str() {
            Some(text) => text.to_owned(),
            None => image::gist(&part["image_url"].to_string()),
        });
        parts.collect::<Vec<_>>().join(" ")
    });
    texts.chain(images).chain(inputs).collect()
}

fn by_type(types: &[&str], vectors: &[Vec<f64>]) -> Result<Value, Refusal> {
    let mut embeddings = Map::new();
    for kind in types {
        let convert: fn(&[f64]) -> Value = match *kind {
            "float" => |vector| json!(vector),
            "int8" => |vector| scaled(vector, -128.0, 127.0),
            "uint8" => |vector| scaled(vector, 0.0, 255.0),
            "binary" => |vector| json!(packed(vector).map(u8::cast_signed).collect::<Vec<_>>()),
            "ubinary" => |vector| json!(packed(vector).collect::<Vec<_>>()),
            _ => {
                return Err(Refusal::validation(format!(
                    "Malformed input request: #/embedding_types/0: {kind} is not a valid enum \
                     value, please reformat your input and try again."
                )));
            }
        };
        let converted: Vec<Value> = vectors.iter().map(|vector| convert(vector)).collect();
        embeddings.insert((*kind).into(), converted.into());
    }
    Ok(embeddings.into())
}

/// From -1 and 1 to whole numbers between these.
fn scaled(vector: &[f64], low: f64, high: f64) -> Value {
    let whole = |x: &f64| (low + (x + 1.0) / 2.0 * (high - low)).round() as i64;
    vector.iter().map(whole).collect::<Vec<_>>().into()
}

/// One bit a number, the first the highest.
fn packed(vector: &[f64]) -> impl Iterator<Item = u8> {
    vector.chunks(8).map(|eight| {
        let bit = |(at, x): (usize, &f64)| u8::from(*x > 0.0) << (7 - at);
        eight.iter().enumerate().map(bit).sum()
    })
}

const MOST: usize = 96;

const THIRD: &[Field] = &[
    Field::required("input_type", Form::Text),
    Field::optional("texts", Form::Array),
    Field::optional("images", Form::Array),
    Field::optional("embedding_types", Form::Array),
    Field::optional("truncate", Form::Text),
];

const FOURTH: &[Field] = &[
    Field::required("input_type", Form::Text),
    Field::optional("texts", Form::Array),
    Field::optional("images", Form::Array),
    Field::optional("inputs", Form::Array),
    Field::optional("embedding_types", Form::Array),
    Field::optional("output_dimension", Form::Integer(1..=u64::MAX)),
    Field::optional("max_tokens", Form::Integer(1..=128_000)),
    Field::optional("truncate", Form::Text),
];
