//! The content of messages: a text, or parts.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use super::Dialect;
use crate::Map;
use crate::block::{Block, Image, Source, Text};
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object, elements, need, single};

/// Writes blocks, each with its index in the message: one plain text as a string, anything else in
/// parts.
pub(super) fn encode<'a>(
    dialect: &Dialect,
    blocks: impl IntoIterator<Item = (usize, &'a Block)>,
) -> Result<Value, EncodeError> {
    let part = |(index, block)| {
        encode_part(dialect, block).map_err(|error: EncodeError| error.at_index(index))
    };
    let mut parts: Vec<Map> = blocks.into_iter().map(part).collect::<Result<_, _>>()?;
    if let [part] = parts.as_mut_slice()
        && part.len() == 2
        && part.get("type").and_then(Value::as_str) == Some("text")
        && let Some(text) = part.remove("text")
    {
        return Ok(text);
    }
    Ok(parts.into())
}

fn encode_part(dialect: &Dialect, block: &Block) -> Result<Map, EncodeError> {
    let (kind, why) = match block {
        Block::Text(text) => return Ok(encode_text(text)),
        // Converse does the same for these models.
        Block::Json(value) => return Ok(encode_text(&Text::new(value.to_string()))),
        Block::Image(image) if dialect.images => {
            return encode_image(dialect, image).map_err(|error| error.at("image"));
        }
        Block::Unknown(map) if map.contains_key("type") => return Ok(map.clone()),
        Block::Image(_) => ("image", "its models see no images; leave it out"),
        Block::Document(_) => ("document", "documents have no place here; give their text"),
        Block::Reasoning(_) => ("reasoningContent", "reasoning is not sent back; leave it out"),
        Block::Citations(_) => ("citationsContent", "there are no citations; give the text"),
        Block::CachePoint(_) => ("cachePoint", "there are no cache points; leave it out"),
        Block::ToolUse(_) => ("toolUse", "only messages of the model have tool calls"),
        Block::ToolResult(_) => ("toolResult", "results stand at the start of a user's message"),
        Block::IncompleteToolUse(_) => ("incompleteToolUse", "a part of a call is not sent back"),
        Block::Unknown(_) => {
            let why = "there is no counterpart; use Converse, or give the part in this format";
            return Err(EncodeError::unsupported(dialect.name, why).at_kind(block.kind()));
        }
    };
    Err(EncodeError::unsupported(dialect.name, why).at(kind))
}

fn encode_text(text: &Text) -> Map {
    let mut part = text.extra.clone();
    part.set("type", "text");
    part.set("text", text.text.as_str());
    part
}

fn encode_image(dialect: &Dialect, image: &Image) -> Result<Map, EncodeError> {
    let Source::Bytes(data) = &image.source else {
        let why = "images are given as bytes; use Converse for S3";
        return Err(EncodeError::unsupported(dialect.name, why).at("source"));
    };
    let mut part = image.extra.clone();
    part.set("type", IMAGE);
    part.set(IMAGE, single("url", format!("data:image/{};base64,{data}", image.format)));
    Ok(part)
}

/// Reads a string, which stands for one text, or parts.
pub(super) fn decode(content: Value) -> Result<Vec<Block>, DecodeError> {
    match content {
        Value::String(text) => Ok(vec![Block::text(text)]),
        content => elements(content, decode_part),
    }
}

fn decode_part(value: Value) -> Result<Block, DecodeError> {
    let mut part = Object::new(value)?;
    match part.text("type") {
        Some("text") => {
            let text = need(part.string("text")?, "text")?;
            part.skip("type");
            Ok(Block::Text(Text { text, extra: part.rest() }))
        }
        Some(IMAGE) => {
            let Some((format, data)) = data_of(&part) else {
                return Ok(Block::Unknown(part.rest()));
            };
            part.skip("type");
            part.skip(IMAGE);
            let source = Source::Bytes(data);
            Ok(Block::Image(Image { format, source, extra: part.rest() }))
        }
        _ => decode_other(part.rest()).map(Block::Unknown),
    }
}

/// A part of another kind, kept whole. It says its kind, and if it has a text, that is one.
pub(super) fn decode_other(part: Map) -> Result<Map, DecodeError> {
    match (part.get("type"), part.get("text")) {
        (Some(Value::String(_)), None | Some(Value::String(_))) => Ok(part),
        (Some(Value::String(_)), Some(text)) => {
            Err(DecodeError::shape("a string", text).at("text"))
        }
        (Some(kind), _) => Err(DecodeError::shape("a string", kind).at("type")),
        (None, _) => Err(DecodeError::missing("type")),
    }
}

/// The format and the base64 of an image that the part itself holds, and nothing beside.
fn data_of(part: &Object) -> Option<(String, String)> {
    let image = part.get(IMAGE)?.as_object().filter(|image| image.len() == 1)?;
    let url = image.get("url")?.as_str()?.strip_prefix("data:image/")?;
    let (format, data) = url.split_once(";base64,")?;
    Some((format.to_owned(), data.to_owned()))
}

const IMAGE: &str = "image_url";
