//! Converse requests.

use serde_json::Value;

use super::NAME;
use crate::Map;
use crate::block::Block;
use crate::error::{DecodeError, EncodeError};
use crate::format::{finite, refuse_incomplete_tools, refuse_prompt};
use crate::json::{Members, Object, fill, merge, nulls, single};
use crate::message::Message;
use crate::request::{Inference, Request};
use crate::tools::ToolConfig;

pub(crate) fn encode(request: &Request) -> Result<Map, EncodeError> {
    refuse_prompt(request, NAME)?;
    refuse_incomplete_tools(request)?;
    finite(request.inference.temperature, "temperature")?;
    finite(request.inference.top_p, "topP")?;
    Ok(write(request))
}

/// Writes all of a request but its prompt and its `extra`.
pub(crate) fn write(request: &Request) -> Map {
    let mut body = request.fields.clone();
    if !request.messages.is_empty() {
        let messages = request.messages.iter().map(Message::to_json);
        body.set("messages", messages.collect::<Value>());
    }
    if !request.system.is_empty() {
        body.set("system", request.system.iter().map(Block::to_json).collect::<Value>());
    }
    let inference = write_inference(&request.inference);
    if !inference.is_empty() {
        merge(&mut body, single("inferenceConfig", inference));
    }
    if let Some(tools) = &request.tools {
        merge(&mut body, single("toolConfig", tools.to_json()));
    }
    body
}

fn write_inference(inference: &Inference) -> Map {
    let mut map = inference.extra.clone();
    map.set_some("maxTokens", inference.max_tokens);
    map.set_some("temperature", inference.temperature);
    map.set_some("topP", inference.top_p);
    if !inference.stop_sequences.is_empty() {
        map.set("stopSequences", inference.stop_sequences.clone());
    }
    map
}

pub(crate) fn decode(body: Value) -> Result<Request, DecodeError> {
    let nulls = nulls(&body);
    let mut object = Object::new(body)?;
    let husks = object.husks(&["messages", "system", "inferenceConfig"]);
    let mut request = Request::new(object.each("messages", Message::from_json)?);
    request.system = object.each("system", Block::from_json)?;
    request.inference = object.read("inferenceConfig", decode_inference)?.unwrap_or_default();
    request.tools = object.read("toolConfig", ToolConfig::from_json)?;
    request.fields = object.rest();
    request.fields.extend(husks);
    fill(&mut request.fields, nulls);
    Ok(request)
}

fn decode_inference(value: Value) -> Result<Inference, DecodeError> {
    let mut object = Object::new(value)?;
    Ok(Inference {
        max_tokens: object.limit("maxTokens")?,
        temperature: object.number("temperature")?,
        top_p: object.number("topP")?,
        stop_sequences: object.each("stopSequences", crate::json::string)?,
        extra: object.rest(),
    })
}
