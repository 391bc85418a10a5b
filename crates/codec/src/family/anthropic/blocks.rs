//! Blocks in Anthropic's format. A cache point is a member of the block before it.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use super::NAME;
use crate::Map;
use crate::block::{
    Block, CachePoint, Citations, Document, Image, Reasoning, Source, Text, ToolResult, ToolUse,
    tool_use,
};
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object, elements, need, single};

/// Writes blocks.
pub(super) fn encode(blocks: &[Block]) -> Result<Value, EncodeError> {
    let mut written: Vec<Map> = Vec::with_capacity(blocks.len());
    for (index, block) in blocks.iter().enumerate() {
        match block {
            Block::CachePoint(point) => mark(written.last_mut(), point),
            block => encode_block(block).map(|block| written.push(block)),
        }
        .map_err(|error| error.at_index(index))?;
    }
    Ok(written.into())
}

/// Writes a cache point into what comes before it.
pub(super) fn mark(before: Option<&mut Map>, point: &CachePoint) -> Result<(), EncodeError> {
    let Some(before) = before else {
        return unsupported("a cache point needs something before it").map_err(at("cachePoint"));
    };
    if point.kind != "default" || !point.extra.is_empty() {
        return unsupported("only the kind `default` has a counterpart").map_err(at("cachePoint"));
    }
    let mut control = single("type", EPHEMERAL);
    control.set_some("ttl", point.ttl.as_deref());
    before.set(CACHE_CONTROL, control);
    Ok(())
}

fn encode_block(block: &Block) -> Result<Map, EncodeError> {
    match block {
        Block::Text(text) => Ok(encode_text(text)),
        Block::Citations(citations) => encode_citations(citations).map_err(at("citationsContent")),
        Block::ToolUse(tool) => Ok(encode_tool_use(tool)),
        Block::ToolResult(result) => encode_tool_result(result).map_err(at("toolResult")),
        Block::Reasoning(reasoning) => encode_reasoning(reasoning).map_err(at("reasoningContent")),
        Block::Image(image) => encode_image(image).map_err(at("image")),
        Block::Document(document) => encode_document(document).map_err(at("document")),
        // Converse does the same for this family.
        Block::Json(value) => Ok(encode_text(&Text::new(value.to_string()))),
        Block::Unknown(map) if map.contains_key("type") => Ok(map.clone()),
        Block::IncompleteToolUse(_) => {
            Err(EncodeError::IncompleteToolUse { path: String::new() }.at("incompleteToolUse"))
        }
        Block::CachePoint(_) | Block::Unknown(_) => {
            let why = "there is no counterpart; use Converse, or give the block in this format";
            Err(EncodeError::unsupported(NAME, why).at_kind(block.kind()))
        }
    }
}

fn typed(kind: &str, extra: &Map) -> Map {
    let mut map = extra.clone();
    map.set("type", kind);
    map
}

fn encode_text(text: &Text) -> Map {
    let mut map = typed("text", &text.extra);
    map.set("text", text.text.as_str());
    map
}

fn encode_citations(citations: &Citations) -> Result<Map, EncodeError> {
    let [Block::Text(text)] = citations.content.as_slice() else {
        return unsupported("exactly one text can have citations").map_err(at("content"));
    };
    let mut map = encode_text(text);
    map.extend(citations.extra.clone());
    map.set("citations", citations.citations.clone());
    Ok(map)
}

fn encode_tool_use(tool: &ToolUse) -> Map {
    let kind = tool.extra.get("type").and_then(Value::as_str).unwrap_or("tool_use");
    let mut map = typed(kind, &tool.extra);
    map.set("id", tool.tool_use_id.as_str());
    map.set("name", tool.name.as_str());
    map.set("input", tool.input.clone());
    map
}

fn encode_tool_result(result: &ToolResult) -> Result<Map, EncodeError> {
    let mut map = typed("tool_result", &result.extra);
    map.set("tool_use_id", result.tool_use_id.as_str());
    if !result.content.is_empty() {
        map.set("content", encode(&result.content).map_err(at("content"))?);
    }
    let is_error = match result.status.as_deref() {
        None => None,
        Some("success") => Some(false),
        Some("error") => Some(true),
        Some(_) => {
            return unsupported("a status is `success` or `error`").map_err(at("status"));
        }
    };
    map.set_some("is_error", is_error);
    Ok(map)
}

fn encode_reasoning(reasoning: &Reasoning) -> Result<Map, EncodeError> {
    match reasoning {
        Reasoning::Text { text, signature, extra } => {
            let mut map = typed("thinking", extra);
            map.set("thinking", text.as_str());
            map.set_some("signature", signature.as_deref());
            Ok(map)
        }
        Reasoning::Redacted(data) => {
            let mut map = typed("redacted_thinking", &Map::new());
            map.set("data", data.as_str());
            Ok(map)
        }
        Reasoning::Unknown(_) => unsupported("reasoning is text or redacted"),
    }
}

fn encode_image(image: &Image) -> Result<Map, EncodeError> {
    let Source::Bytes(data) = &image.source else {
        return unsupported("images are given as bytes; use Converse for S3").map_err(at("source"));
    };
    let mut map = typed("image", &image.extra);
    map.set("source", base64(&format!("image/{}", image.format), data));
    Ok(map)
}

fn encode_document(document: &Document) -> Result<Map, EncodeError> {
    let source = match (&document.source, document.format.as_deref()) {
        (Source::Bytes(data), Some("pdf")) => base64(PDF, data),
        (Source::Text(text), None | Some("txt")) => {
            let mut source = typed("text", &single("data", text.as_str()));
            source.set("media_type", PLAIN);
            source
        }
        _ => return unsupported("documents are PDF bytes or plain text; use Converse for others"),
    };
    let mut map = typed("document", &document.extra);
    map.set("source", source);
    map.set_some("title", document.name.as_deref());
    Ok(map)
}

fn base64(media_type: &str, data: &str) -> Map {
    let mut source = typed("base64", &single("data", data));
    source.set("media_type", media_type);
    source
}

/// Reads a string, which stands for one text, or blocks.
pub(super) fn decode(content: Value) -> Result<Vec<Block>, DecodeError> {
    match content {
        Value::String(text) => Ok(vec![Block::text(text)]),
        content => {
            let mut blocks = Vec::new();
            elements(content, |block| decode_block(block, &mut blocks))?;
            Ok(blocks)
        }
    }
}

/// Reads a block, and the cache point behind it if there is one.
fn decode_block(value: Value, blocks: &mut Vec<Block>) -> Result<(), DecodeError> {
    let mut object = Object::new(value)?;
    let kind =
        object.text("type").and_then(|kind| READERS.iter().find(|(known, _)| *known == kind));
    let Some((_, read)) = kind else {
        blocks.push(Block::Unknown(object.rest()));
        return Ok(());
    };
    let point = take_mark(&mut object);
    blocks.push(read(object)?);
    blocks.extend(point.map(Block::CachePoint));
    Ok(())
}

/// Takes the cache point out of what it marks.
pub(super) fn take_mark(object: &mut Object) -> Option<CachePoint> {
    let control = object.take(CACHE_CONTROL)?;
    let members = control.as_object().map_or(0, Map::len);
    let ttl = control.get("ttl").and_then(Value::as_str).map(String::from);
    let plain = control.get("type").and_then(Value::as_str) == Some(EPHEMERAL)
        && members == 1 + usize::from(ttl.is_some());
    if plain {
        return Some(CachePoint::new(ttl));
    }
    object.put(CACHE_CONTROL, control);
    None
}

fn read_text(mut object: Object) -> Result<Block, DecodeError> {
    let text = need(object.string("text")?, "text")?;
    let citations = object.each("citations", Ok)?;
    object.skip("type");
    if citations.is_empty() {
        return Ok(Block::Text(Text { text, extra: object.rest() }));
    }
    let mut cited = Citations::new(text, citations);
    cited.extra = object.rest();
    Ok(Block::Citations(cited))
}

fn read_tool_use(mut object: Object) -> Result<Block, DecodeError> {
    let id = need(object.string("id")?, "id")?;
    let name = need(object.string("name")?, "name")?;
    let input = object.take("input");
    if object.text("type") == Some("tool_use") {
        object.skip("type");
    }
    Ok(tool_use(id, name, input, object.rest()))
}

fn read_tool_result(mut object: Object) -> Result<Block, DecodeError> {
    let id = need(object.string("tool_use_id")?, "tool_use_id")?;
    let content = object.read("content", decode)?.unwrap_or_default();
    let status = object.read("is_error", |value| match value {
        Value::Bool(true) => Ok("error"),
        Value::Bool(false) => Ok("success"),
        other => Err(DecodeError::shape("a boolean", &other)),
    })?;
    object.skip("type");
    let status = status.map(String::from);
    Ok(Block::ToolResult(ToolResult { tool_use_id: id, content, status, extra: object.rest() }))
}

fn read_thinking(mut object: Object) -> Result<Block, DecodeError> {
    let text = need(object.string("thinking")?, "thinking")?;
    let signature = object.string("signature")?;
    object.skip("type");
    Ok(Block::Reasoning(Reasoning::Text { text, signature, extra: object.rest() }))
}

fn read_redacted(mut object: Object) -> Result<Block, DecodeError> {
    let data = need(object.string("data")?, "data")?;
    Ok(Block::Reasoning(Reasoning::Redacted(data)))
}

fn read_image(mut object: Object) -> Result<Block, DecodeError> {
    let Some(["base64", media_type, data]) = source(&object) else {
        return Ok(Block::Unknown(object.rest()));
    };
    let Some(format) = media_type.strip_prefix("image/") else {
        return Ok(Block::Unknown(object.rest()));
    };
    let (format, source) = (format.to_owned(), Source::Bytes(data.to_owned()));
    object.skip(SOURCE);
    object.skip("type");
    Ok(Block::Image(Image { format, source, extra: object.rest() }))
}

fn read_document(mut object: Object) -> Result<Block, DecodeError> {
    let (format, source) = match source(&object) {
        Some(["base64", PDF, data]) => ("pdf", Source::Bytes(data.to_owned())),
        Some(["text", PLAIN, text]) => ("txt", Source::Text(text.to_owned())),
        _ => return Ok(Block::Unknown(object.rest())),
    };
    object.skip(SOURCE);
    object.skip("type");
    let name = object.string("title")?;
    let format = Some(format.to_owned());
    Ok(Block::Document(Document { format, name, source, extra: object.rest() }))
}

/// Type, media type and data of a source that has these members and no other.
fn source(object: &Object) -> Option<[&str; 3]> {
    let source = object.get(SOURCE)?.as_object().filter(|source| source.len() == 3)?;
    let text = |key| source.get(key)?.as_str();
    Some([text("type")?, text("media_type")?, text("data")?])
}

fn unsupported<T>(why: &'static str) -> Result<T, EncodeError> {
    Err(EncodeError::unsupported(NAME, why))
}

fn at(key: &'static str) -> impl FnOnce(EncodeError) -> EncodeError {
    move |error| error.at(key)
}

type Read = fn(Object) -> Result<Block, DecodeError>;

const READERS: &[(&str, Read)] = &[
    ("text", read_text),
    ("tool_use", read_tool_use),
    ("server_tool_use", read_tool_use),
    ("tool_result", read_tool_result),
    ("thinking", read_thinking),
    ("redacted_thinking", read_redacted),
    ("image", read_image),
    ("document", read_document),
];

const CACHE_CONTROL: &str = "cache_control";
const EPHEMERAL: &str = "ephemeral";
const PDF: &str = "application/pdf";
const PLAIN: &str = "text/plain";
const SOURCE: &str = "source";
