//! Cohere Embed: many texts or images a call, in several types of numbers.

use codec::embed::{Encoding, Input};
use serde_json::{Map, Value, json};

use super::embed::{length, read, text, tokens};
use super::{Asked, Said, Single, missing, not_taken};
use crate::error::Refusal;
use crate::schema::{Field, Form, malformed, violations};
use crate::vector;

pub(super) struct CohereEmbed;

impl Single for CohereEmbed {
    fn families(&self) -> &'static [&'static str] {
        &[FAMILY]
    }

    fn recognises(&self, body: &Map<String, Value>) -> Option<&'static str> {
        body.contains_key("input_type").then_some(FAMILY)
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Said, Refusal> {
        let is_third = THIRD_NAMES.contains(&asked.name);
        malformed(&violations("#", asked.members, if is_third { THIRD } else { FOURTH }))?;
        let request = read(asked)?;
        let inputs = &request.inputs;
        if inputs.is_empty() {
            return Err(missing("texts"));
        }
        if inputs.len() > MOST {
            let found = inputs.len();
            let why = format!("#/texts: expected maximum item count: {MOST}, found: {found}");
            return Err(Refusal::malformed(&why));
        }
        if is_third {
            malformed(&too_long(inputs))?;
        }
        let known: &[u32] = if is_third { &[1024] } else { &[1536, 1024, 512, 256] };
        let length = length("output_dimension", request.dimensions, known)?;
        let vectors: Vec<Vec<f64>> =
            inputs.iter().map(|input| vector::unit(&text(input), length)).collect();
        // The fourth version tells the type even where none is asked for.
        let encodings = match request.encodings.as_slice() {
            [] if !is_third => &[Encoding::Float],
            encodings => encodings,
        };
        let (embeddings, form) = match encodings {
            [] => (json!(vectors), "embeddings_floats"),
            encodings => (by_type(encodings, &vectors)?, "embeddings_by_type"),
        };
        // The service gives texts back in small letters.
        let texts = inputs.iter().filter_map(|input| match input {
            Input::Text(text) => Some(text.to_lowercase()),
            _ => None,
        });
        let said = json!({
            "id": "00000000-0000-4000-8000-000000000000",
            "embeddings": embeddings,
            "texts": texts.collect::<Vec<_>>(),
            "response_type": form,
        });
        Ok(Said { body: said, input_tokens: Some(inputs.iter().map(tokens).sum()) })
    }
}

/// The texts of too many characters.
fn too_long(inputs: &[Input]) -> Vec<String> {
    let texts = inputs.iter().enumerate().filter_map(|(at, input)| match input {
        Input::Text(text) => Some((at, text.chars().count())),
        _ => None,
    });
    texts
        .filter(|(_, length)| *length > LONGEST)
        .map(|(at, length)| {
            format!("#/texts/{at}: expected maxLength: {LONGEST}, actual: {length}")
        })
        .collect()
}

fn by_type(encodings: &[Encoding], vectors: &[Vec<f64>]) -> Result<Value, Refusal> {
    let mut embeddings = Map::new();
    for encoding in encodings {
        let convert: fn(&[f64]) -> Value = match encoding {
            Encoding::Float => |vector| json!(vector),
            Encoding::Int8 => |vector| scaled(vector, -128.0, 127.0),
            Encoding::Uint8 => |vector| scaled(vector, 0.0, 255.0),
            Encoding::Binary => {
                |vector| json!(packed(vector).map(u8::cast_signed).collect::<Vec<_>>())
            }
            Encoding::Ubinary => |vector| json!(packed(vector).collect::<Vec<_>>()),
            other => return Err(not_taken("embedding_types/0", other.as_str())),
        };
        let converted: Vec<Value> = vectors.iter().map(|vector| convert(vector)).collect();
        embeddings.insert(encoding.as_str().into(), converted.into());
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

const FAMILY: &str = "cohere-embed";
const THIRD_NAMES: [&str; 2] = ["cohere.embed-english-v3", "cohere.embed-multilingual-v3"];
const MOST: usize = 96;
/// The most characters of a text, for models of the third version.
const LONGEST: usize = 2048;

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
