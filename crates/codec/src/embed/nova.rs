//! Nova multimodal embeddings: one text, image, video or sound a call.

use alloc::string::String;

use serde_json::Value;

use super::{
    Embedding, Encoding, Format, Input, Media, MediaKind, Purpose, Reply, Request, Truncate,
};
use crate::Map;
use crate::block::Source;
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object, elements, need, single, string};
use crate::model::ModelRef;
use crate::operation::{Named, refuse};

/// Nova multimodal embeddings.
pub(super) struct NovaEmbed;

impl Named for NovaEmbed {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        provider == "amazon" && model.starts_with("nova-") && model.contains("embed")
    }
}

impl Format for NovaEmbed {
    fn encode(&self, _: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        let why = "it cannot be told to normalize";
        refuse(request.normalize.is_some(), FORMAT, "normalize", why)?;
        refuse(!request.encodings.is_empty(), FORMAT, "encodings", "it gives floats only")?;
        let why = "it limits characters and no tokens; shorten the input";
        refuse(request.max_tokens.is_some(), FORMAT, "maxTokens", why)?;
        let Some(purpose) = &request.purpose else {
            return Err(EncodeError::Missing { format: FORMAT, path: String::new() }.at("purpose"));
        };
        let [input] = request.inputs.as_slice() else { return Err(not_one_input()) };
        let mut params = encode_input(input, request.truncate.as_ref())?;
        let known = PURPOSES.iter().find(|(known, _)| known == purpose);
        params.set("embeddingPurpose", known.map_or(purpose.as_str(), |(_, word)| word));
        params.set_some("embeddingDimension", request.dimensions);
        // A task that only asynchronous calls have is among the extra members, as are its settings.
        let mut body = Map::new();
        match request.extra.get(TASK) {
            Some(_) => body.set(params_of(request.extra.get(TASK)), params),
            None => {
                body.set(TASK, SINGLE);
                body.set(params_of(None), params);
            }
        }
        Ok(body)
    }

    fn decode_request(&self, mut body: Object) -> Result<Request, DecodeError> {
        let key = params_of(body.get(TASK));
        if body.text(TASK) == Some(SINGLE) {
            body.skip(TASK);
        }
        let mut params = need(body.object(key)?, key)?;
        let mut request = Request::default();
        let at = |error: DecodeError| error.at(key);
        for (name, kind) in KINDS {
            let read = |value| decode_input(kind, value, &mut request.truncate);
            if let Some(input) = params.read(name, read).map_err(at)? {
                request.inputs.push(input);
            }
        }
        let purpose = params.string("embeddingPurpose").map_err(at)?;
        request.purpose = purpose.map(|word| {
            let known = PURPOSES.iter().find(|(_, known)| *known == word);
            known.map_or_else(|| Purpose::Other(word), |(purpose, _)| purpose.clone())
        });
        request.dimensions = params.limit("embeddingDimension").map_err(at)?;
        request.extra = body.rest();
        if !params.is_empty() {
            request.extra.set(key, params.rest());
        }
        Ok(request)
    }

    fn decode(&self, mut body: Object) -> Result<Reply, DecodeError> {
        let embeddings = body.read(EMBEDDINGS, |list| elements(list, decode_embedding))?;
        let problem = body.string("message")?;
        let usage = body.lenient_count("inputTextTokenCount");
        Ok(Reply {
            embeddings: need(embeddings, EMBEDDINGS)?,
            problem,
            usage: usage.map(|input| crate::Usage::new(input, 0)),
            latency_ms: None,
            extra: body.rest(),
        })
    }
}

fn encode_input(input: &Input, truncate: Option<&Truncate>) -> Result<Map, EncodeError> {
    let at = |error: EncodeError| error.at_index(0).at("inputs");
    let (kind, mut item) = match input {
        Input::Text(text) => (MediaKind::Text, single("value", text.as_str())),
        Input::Media(Media { kind, format, source, extra }) => {
            let mut item = extra.clone();
            item.set_some("format", format.as_deref());
            match (kind, source) {
                (MediaKind::Text, Source::Text(text)) => item.set("value", text.as_str()),
                _ => item.set_some("source", source.to_json()),
            }
            (*kind, item)
        }
        Input::Unknown(Value::Object(params)) => return Ok(params.clone()),
        _ => return Err(at(EncodeError::unsupported(FORMAT, NOT_ONE))),
    };
    match (kind, truncate) {
        (MediaKind::Text, truncate) => {
            item.set("truncationMode", truncate.unwrap_or(&Truncate::None).as_str());
        }
        (_, truncate) => {
            refuse(truncate.is_some(), FORMAT, "truncate", "only a text can be truncated")?;
        }
    }
    let name = KINDS.iter().find(|(_, known)| *known == kind);
    let Some((name, _)) = name else { return Err(not_one_input()) };
    Ok(single(name, item))
}

fn decode_input(
    kind: MediaKind,
    value: Value,
    truncate: &mut Option<Truncate>,
) -> Result<Input, DecodeError> {
    let mut item = Object::new(value)?;
    if kind == MediaKind::Text {
        *truncate = item.read("truncationMode", Truncate::from_json)?;
    }
    let format = item.string("format")?;
    let source = match item.string("value")? {
        Some(text) if kind == MediaKind::Text => {
            if format.is_none() && item.is_empty() {
                return Ok(Input::Text(text));
            }
            Source::Text(text)
        }
        Some(text) => {
            item.put("value", text.into());
            item.read("source", Source::from_json)?.unwrap_or_default()
        }
        None => item.read("source", Source::from_json)?.unwrap_or_default(),
    };
    Ok(Input::Media(Media { kind, format, source, extra: item.rest() }))
}

fn decode_embedding(value: Value) -> Result<Embedding, DecodeError> {
    let mut item = Object::new(value)?;
    let values = need(item.take("embedding"), "embedding")?;
    let embedding = Embedding::read(0, Encoding::Float, values);
    let mut embedding = embedding.map_err(|error| error.at("embedding"))?;
    embedding.modality = item.read("embeddingType", string)?;
    embedding.truncated_to = item.lenient_count("truncatedCharLength");
    embedding.extra = item.rest();
    Ok(embedding)
}

/// The member that holds the parameters of a task.
fn params_of(task: Option<&Value>) -> &'static str {
    match task.and_then(Value::as_str) {
        Some("SEGMENTED_EMBEDDING") => "segmentedEmbeddingParams",
        _ => "singleEmbeddingParams",
    }
}

fn not_one_input() -> EncodeError {
    EncodeError::unsupported(FORMAT, NOT_ONE).at("inputs")
}

const FORMAT: &str = "nova-embed";
const NOT_ONE: &str =
    "it embeds one text, image, video or sound a call; make a call for each input";
const TASK: &str = "taskType";
const SINGLE: &str = "SINGLE_EMBEDDING";
const EMBEDDINGS: &str = "embeddings";

const KINDS: [(&str, MediaKind); 4] = [
    ("text", MediaKind::Text),
    ("image", MediaKind::Image),
    ("video", MediaKind::Video),
    ("audio", MediaKind::Audio),
];

/// The words for the purposes that others have too; its own further ones are kept.
const PURPOSES: [(Purpose, &str); 4] = [
    (Purpose::Document, "GENERIC_INDEX"),
    (Purpose::Query, "GENERIC_RETRIEVAL"),
    (Purpose::Classification, "CLASSIFICATION"),
    (Purpose::Clustering, "CLUSTERING"),
];
