//! Titan embeddings: one input a call, of text, or of text and an image.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::{Embedding, Encoding, Format, Input, Media, MediaKind, Part, Reply, Request};
use crate::Map;
use crate::block::Source;
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object, single, string};
use crate::model::ModelRef;
use crate::operation::{Named, refuse};
use crate::usage::Usage;

/// Titan text embeddings, v1 and v2.
pub(super) struct TitanText;

/// Titan multimodal embeddings.
pub(super) struct TitanImage;

impl Named for TitanText {
    fn name(&self) -> &'static str {
        TEXT
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        provider == "amazon"
            && model.starts_with("titan-embed")
            && !TitanImage.claims(provider, model)
    }
}

impl Format for TitanText {
    fn encode(&self, model: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        refuse_common(request, TEXT)?;
        let [Input::Text(text)] = request.inputs.as_slice() else {
            let why = "it embeds one text a call; make a call for each input, and use another \
                       model for images";
            return Err(EncodeError::unsupported(TEXT, why).at("inputs"));
        };
        let mut body = single(INPUT_TEXT, text.as_str());
        if model.model().is_some_and(|name| FIRST.iter().any(|first| name.starts_with(first))) {
            let why = "the first version takes nothing but a text; use titan-embed-text-v2:0";
            refuse(request.dimensions.is_some(), TEXT, "dimensions", why)?;
            refuse(request.normalize.is_some(), TEXT, "normalize", why)?;
            refuse(!request.encodings.is_empty(), TEXT, "encodings", why)?;
        }
        body.set_some("dimensions", request.dimensions);
        body.set_some("normalize", request.normalize);
        if !request.encodings.is_empty() {
            let words: Vec<&str> = request.encodings.iter().map(Encoding::as_str).collect();
            body.set(TYPES, words);
        }
        Ok(body)
    }

    fn decode_request(&self, mut body: Object) -> Result<Request, DecodeError> {
        let husks = body.husks(&[TYPES]);
        let mut request = Request::new(text_of(&mut body)?.into_iter().map(Input::Text).collect());
        request.dimensions = body.limit("dimensions")?;
        request.normalize = body.read("normalize", flag)?;
        request.encodings = body.each(TYPES, Encoding::from_json)?;
        request.extra = body.rest();
        request.extra.extend(husks);
        Ok(request)
    }

    fn decode(&self, body: Object) -> Result<Reply, DecodeError> {
        decode(body)
    }
}

impl Named for TitanImage {
    fn name(&self) -> &'static str {
        IMAGE
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        provider == "amazon" && model.starts_with("titan-embed-image")
    }
}

impl Format for TitanImage {
    fn encode(&self, _: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        refuse_common(request, IMAGE)?;
        refuse(request.normalize.is_some(), IMAGE, "normalize", "it cannot be told to normalize")?;
        refuse(!request.encodings.is_empty(), IMAGE, "encodings", "it gives floats only")?;
        let (text, image) = match request.inputs.as_slice() {
            [Input::Text(text)] => (Some(text), None),
            [Input::Media(image)] => (None, Some(image)),
            [Input::Parts(parts)] => match parts.as_slice() {
                [Part::Text(text), Part::Media(image)] => (Some(text), Some(image)),
                _ => return Err(not_one_input()),
            },
            _ => return Err(not_one_input()),
        };
        let mut body = Map::new();
        body.set_some(INPUT_TEXT, text.map(String::as_str));
        match image {
            None => {}
            Some(Media { kind: MediaKind::Image, source: Source::Bytes(bytes), extra, .. })
                if extra.is_empty() =>
            {
                body.set(INPUT_IMAGE, bytes.as_str());
            }
            Some(_) => {
                let why = "it takes the bytes of an image and nothing else";
                return Err(EncodeError::unsupported(IMAGE, why).at_index(0).at("inputs"));
            }
        }
        if let Some(dimensions) = request.dimensions {
            body.set(CONFIG, single(LENGTH, dimensions));
        }
        Ok(body)
    }

    fn decode_request(&self, mut body: Object) -> Result<Request, DecodeError> {
        let husks = body.husks(&[CONFIG]);
        let text = text_of(&mut body)?;
        let image = body.string(INPUT_IMAGE)?;
        let image = image.map(|bytes| Media::new(MediaKind::Image, None, Source::Bytes(bytes)));
        let mut request = Request::new(match (text, image) {
            (Some(text), Some(image)) => {
                vec![Input::Parts(vec![Part::Text(text), Part::Media(image)])]
            }
            (Some(text), None) => vec![Input::Text(text)],
            (None, Some(image)) => vec![Input::Media(image)],
            (None, None) => return Err(DecodeError::missing(INPUT_TEXT)),
        });
        let mut rest = Map::new();
        if let Some(mut config) = body.object(CONFIG)? {
            request.dimensions = config.limit(LENGTH).map_err(|error| error.at(CONFIG))?;
            if !config.is_empty() {
                rest.set(CONFIG, config.rest());
            }
        }
        rest.extend(body.rest());
        rest.extend(husks);
        request.extra = rest;
        Ok(request)
    }

    fn decode(&self, body: Object) -> Result<Reply, DecodeError> {
        decode(body)
    }
}

fn decode(mut body: Object) -> Result<Reply, DecodeError> {
    let problem = body.string("message")?;
    let by_type = body.object(BY_TYPE)?;
    let read = |word: &str, values| Embedding::read(0, Encoding::from(word), values);
    let mut embeddings: Vec<_> =
        body.read("embedding", |values| read("float", values))?.into_iter().collect();
    for (word, values) in by_type.map(Object::rest).unwrap_or_default() {
        let embedding = read(&word, values).map_err(|error| error.at(&word).at(BY_TYPE))?;
        // The plain embedding is repeated here.
        if !embeddings.contains(&embedding) {
            embeddings.push(embedding);
        }
    }
    if embeddings.is_empty() && problem.is_none() {
        return Err(DecodeError::missing("embedding"));
    }
    let usage = body.lenient_count("inputTextTokenCount").map(|input| Usage::new(input, 0));
    Ok(Reply { embeddings, problem, usage, latency_ms: None, extra: body.rest() })
}

fn refuse_common(request: &Request, format: &'static str) -> Result<(), EncodeError> {
    let why = "it embeds for every purpose alike; leave it out";
    refuse(request.purpose.is_some(), format, "purpose", why)?;
    let why = "it cannot truncate; shorten the input";
    refuse(request.truncate.is_some(), format, "truncate", why)?;
    refuse(request.max_tokens.is_some(), format, "maxTokens", why)
}

fn not_one_input() -> EncodeError {
    let why = "it embeds a text, an image, or a text and an image; make a call for each input";
    EncodeError::unsupported(IMAGE, why).at("inputs")
}

fn text_of(body: &mut Object) -> Result<Option<String>, DecodeError> {
    body.read(INPUT_TEXT, string)
}

fn flag(value: crate::Value) -> Result<bool, DecodeError> {
    value.as_bool().ok_or_else(|| DecodeError::shape("a boolean", &value))
}

const TEXT: &str = "titan-embed";
const IMAGE: &str = "titan-embed-image";
/// What the names of the models begin with that take only a text.
const FIRST: [&str; 2] = ["titan-embed-text-v1", "titan-embed-g1"];
const INPUT_TEXT: &str = "inputText";
const INPUT_IMAGE: &str = "inputImage";
const TYPES: &str = "embeddingTypes";
const BY_TYPE: &str = "embeddingsByType";
const CONFIG: &str = "embeddingConfig";
const LENGTH: &str = "outputEmbeddingLength";
