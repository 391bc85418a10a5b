//! Cohere Embed v3 and v4: many inputs a call, each of text, of images, or mixed.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use serde_json::Value;

use super::{
    Embedding, Encoding, Format, Input, Media, MediaKind, Part, Purpose, Reply, Request, Truncate,
};
use crate::Map;
use crate::block::Source;
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object, elements, need, single, string};
use crate::model::ModelRef;
use crate::operation::{Named, refuse};

/// Cohere Embed.
pub(super) struct CohereEmbed;

impl Named for CohereEmbed {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        provider == "cohere" && model.starts_with("embed")
    }
}

impl Format for CohereEmbed {
    fn encode(&self, model: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        let is_v3 = model.model().is_some_and(|name| V3.contains(&name));
        if is_v3 {
            let why = "only embed-v4 takes it";
            refuse(request.dimensions.is_some(), FORMAT, "dimensions", why)?;
            refuse(request.max_tokens.is_some(), FORMAT, "maxTokens", why)?;
        }
        let why = "it cannot be told to normalize";
        refuse(request.normalize.is_some(), FORMAT, "normalize", why)?;
        let Some(purpose) = &request.purpose else {
            return Err(EncodeError::Missing { format: FORMAT, path: String::new() }.at("purpose"));
        };
        let mut body = encode_inputs(&request.inputs, is_v3)?;
        body.set(PURPOSE, purpose.as_str());
        body.set_some(TRUNCATE, request.truncate.as_ref().map(Truncate::as_str));
        body.set_some(DIMENSIONS, request.dimensions);
        body.set_some(MAX_TOKENS, request.max_tokens);
        if !request.encodings.is_empty() {
            let words: Vec<&str> = request.encodings.iter().map(Encoding::as_str).collect();
            body.set(TYPES, words);
        }
        Ok(body)
    }

    fn decode_request(&self, mut body: Object) -> Result<Request, DecodeError> {
        let husks = body.husks(&[TYPES, TEXTS, IMAGES, INPUTS]);
        let mut inputs = body.each(TEXTS, |text| string(text).map(Input::Text))?;
        inputs.extend(body.each(IMAGES, |image| string(image).map(Input::image))?);
        inputs.extend(body.each(INPUTS, |input| Ok(decode_parts(input)))?);
        let mut request = Request::new(inputs);
        request.purpose = body.read(PURPOSE, Purpose::from_json)?;
        request.truncate = body.read(TRUNCATE, Truncate::from_json)?;
        request.dimensions = body.limit(DIMENSIONS)?;
        request.max_tokens = body.limit(MAX_TOKENS)?;
        request.encodings = body.each(TYPES, Encoding::from_json)?;
        request.extra = body.rest();
        request.extra.extend(husks);
        Ok(request)
    }

    /// Embeddings come as a list, as lists by type, or as `data`, which is what some gateways write.
    fn decode(&self, mut body: Object) -> Result<Reply, DecodeError> {
        let embeddings = match body.take(EMBEDDINGS) {
            Some(Value::Object(by_type)) => {
                let mut all = Vec::new();
                for (word, list) in by_type {
                    all.extend(
                        read_list(&word, list).map_err(|error| error.at(&word).at(EMBEDDINGS))?,
                    );
                }
                all
            }
            Some(list) => read_list("float", list).map_err(|error| error.at(EMBEDDINGS))?,
            None => {
                let data = body.read(DATA, |data| elements(data, Object::new))?;
                read_data(need(data, EMBEDDINGS)?)?
            }
        };
        let problem = body.string("message")?;
        Ok(Reply { embeddings, problem, extra: body.rest(), ..Reply::default() })
    }
}

/// Texts go into `texts`, images into `images`, and what is mixed into `inputs`.
fn encode_inputs(inputs: &[Input], is_v3: bool) -> Result<Map, EncodeError> {
    if inputs.iter().all(|input| matches!(input, Input::Text(_))) && !inputs.is_empty() {
        let texts = inputs.iter().filter_map(|input| match input {
            Input::Text(text) => Some(Value::from(text.as_str())),
            _ => None,
        });
        return Ok(single(TEXTS, texts.collect::<Vec<_>>()));
    }
    let plain = |input: &Input| matches!(input, Input::Media(image) if image.extra.is_empty());
    if inputs.iter().all(plain) && !inputs.is_empty() {
        let images = inputs.iter().enumerate().filter_map(|(index, input)| match input {
            Input::Media(image) => {
                Some(url(image).map_err(|error| error.at_index(index).at(INPUTS)))
            }
            _ => None,
        });
        return Ok(single(IMAGES, images.collect::<Result<Vec<_>, _>>()?));
    }
    if is_v3 {
        let why = "texts and images cannot be mixed in one call; use embed-v4";
        refuse(!inputs.is_empty(), FORMAT, INPUTS, why)?;
    }
    let inputs = inputs.iter().enumerate().map(|(index, input)| {
        let at = |error: EncodeError| error.at_index(index).at(INPUTS);
        let parts = match input {
            Input::Text(text) => vec![text_part(text)],
            Input::Media(image) => vec![image_part(image).map_err(at)?],
            Input::Parts(parts) => encode_parts(parts).map_err(at)?,
            Input::Unknown(input) => return Ok(input.clone()),
        };
        Ok(Value::Object(single(CONTENT, parts)))
    });
    let inputs: Vec<Value> = inputs.collect::<Result<_, _>>()?;
    // Where there are none, the empty list that came is in the extra members.
    Ok(if inputs.is_empty() { Map::new() } else { single(INPUTS, inputs) })
}

fn encode_parts(parts: &[Part]) -> Result<Vec<Value>, EncodeError> {
    let parts = parts.iter().enumerate().map(|(index, part)| match part {
        Part::Text(text) => Ok(text_part(text)),
        Part::Media(image) => image_part(image).map_err(|error| error.at_index(index)),
        Part::Unknown(part) => Ok(part.clone()),
    });
    parts.collect()
}

/// An input is kept whole unless it is a list of parts and nothing else.
fn decode_parts(input: Value) -> Input {
    match input.as_object().filter(|input| input.len() == 1).and_then(|input| input.get(CONTENT)) {
        Some(Value::Array(parts)) => Input::Parts(parts.iter().map(decode_part).collect()),
        _ => Input::Unknown(input),
    }
}

fn decode_part(part: &Value) -> Part {
    let unknown = || Part::Unknown(part.clone());
    let Some(members) = part.as_object().filter(|members| members.len() == 2) else {
        return unknown();
    };
    match (members.get("type").and_then(Value::as_str), members.get("text"), members.get(URL)) {
        (Some("text"), Some(Value::String(text)), None) => Part::Text(text.clone()),
        (Some(URL), None, Some(Value::String(url))) => Part::Media(media(url)),
        (Some(URL), None, Some(Value::Object(image))) => {
            let Some(Value::String(url)) = image.get("url") else { return unknown() };
            let others = image.iter().filter(|(key, _)| *key != "url");
            let others: Map = others.map(|(key, value)| (key.clone(), value.clone())).collect();
            let mut media = media(url);
            media.extra = single(URL, others);
            Part::Media(media)
        }
        _ => unknown(),
    }
}

fn text_part(text: &str) -> Value {
    let mut part = single("type", "text");
    part.set("text", text);
    Value::Object(part)
}

/// The URL of an image stands alone, or in an object where the image has a member for it.
fn image_part(image: &Media) -> Result<Value, EncodeError> {
    let mut part = single("type", URL);
    let url = url(image)?;
    match image.extra.get(URL) {
        Some(Value::Object(others)) => {
            let mut object = others.clone();
            object.set("url", url);
            part.set(URL, object);
        }
        _ => part.set(URL, url),
    }
    Ok(Value::Object(part))
}

/// A data URI, or an address of another kind as it came.
fn url(image: &Media) -> Result<String, EncodeError> {
    match (&image.kind, &image.format, &image.source) {
        (MediaKind::Image, Some(format), Source::Bytes(bytes)) => {
            Ok(format!("{SCHEME}{format}{BASE64}{bytes}"))
        }
        (MediaKind::Image, None, Source::Unknown(source)) => {
            match source.get("url").and_then(Value::as_str) {
                Some(url) => Ok(url.into()),
                None => Err(not_an_image()),
            }
        }
        _ => Err(not_an_image()),
    }
}

fn not_an_image() -> EncodeError {
    EncodeError::unsupported(FORMAT, "it takes texts, and images by their bytes and format")
}

/// The image behind a data URI. One of another kind is kept as it is.
fn media(url: &str) -> Media {
    let data = url.strip_prefix(SCHEME).and_then(|rest| rest.split_once(BASE64));
    match data {
        Some((format, bytes)) => {
            Media::new(MediaKind::Image, String::from(format), Source::Bytes(bytes.into()))
        }
        None => Media::new(MediaKind::Image, None, Source::Unknown(single("url", url))),
    }
}

impl Input {
    fn image(url: String) -> Self {
        Self::Media(media(&url))
    }
}

fn read_list(word: &str, list: Value) -> Result<Vec<Embedding>, DecodeError> {
    let mut input = 0..;
    elements(list, |values| {
        Embedding::read(input.next().unwrap_or_default(), Encoding::from(word), values)
    })
}

fn read_data(data: Vec<Object>) -> Result<Vec<Embedding>, DecodeError> {
    let read = |(at, mut item): (usize, Object)| {
        let index = item.lenient_count("index").and_then(|index| usize::try_from(index).ok());
        let read = |values| Embedding::read(index.unwrap_or(at), Encoding::Float, values);
        let mut embedding = need(item.read("embedding", read)?, "embedding")?;
        embedding.extra = item.rest();
        Ok(embedding)
    };
    let numbered = data.into_iter().enumerate();
    numbered
        .map(|(at, item)| {
            read((at, item)).map_err(|error: DecodeError| error.at_index(at).at(DATA))
        })
        .collect()
}

const FORMAT: &str = "cohere-embed";
const V3: [&str; 2] = ["embed-english-v3", "embed-multilingual-v3"];
const TEXTS: &str = "texts";
const IMAGES: &str = "images";
const INPUTS: &str = "inputs";
const CONTENT: &str = "content";
const PURPOSE: &str = "input_type";
const TRUNCATE: &str = "truncate";
const DIMENSIONS: &str = "output_dimension";
const MAX_TOKENS: &str = "max_tokens";
const TYPES: &str = "embedding_types";
const EMBEDDINGS: &str = "embeddings";
const DATA: &str = "data";
const URL: &str = "image_url";
const SCHEME: &str = "data:image/";
const BASE64: &str = ";base64,";
