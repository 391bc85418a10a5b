//! Tools in Anthropic's format.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::NAME;
use super::blocks::{mark, take_mark};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object, elements, need, single};
use crate::tools::{Tool, ToolChoice, ToolConfig, ToolSpec};

/// Writes `tools` and `tool_choice`.
pub(super) fn encode(config: &ToolConfig, body: &mut Map) -> Result<(), EncodeError> {
    if let Some(key) = config.extra.keys().next() {
        return Err(EncodeError::unsupported(NAME, NO_COUNTERPART).at(key));
    }
    let mut tools: Vec<Map> = Vec::with_capacity(config.tools.len());
    for (index, tool) in config.tools.iter().enumerate() {
        match tool {
            Tool::Spec(spec) => {
                tools.push(encode_spec(spec));
                Ok(())
            }
            Tool::CachePoint(point) => mark(tools.last_mut(), point),
            Tool::Unknown(map) if map.contains_key("name") => {
                tools.push(map.clone());
                Ok(())
            }
            Tool::Unknown(_) => Err(EncodeError::unsupported(NAME, NO_COUNTERPART)),
        }
        .map_err(|error| error.at_index(index).at("tools"))?;
    }
    if !tools.is_empty() {
        body.set("tools", tools);
    }
    let choice = config.choice.as_ref().map(encode_choice).transpose();
    body.set_some("tool_choice", choice.map_err(|error| error.at("toolChoice"))?);
    Ok(())
}

fn encode_spec(spec: &ToolSpec) -> Map {
    let mut map = spec.extra.clone();
    map.set("name", spec.name.as_str());
    map.set_some("description", spec.description.as_deref());
    map.set("input_schema", spec.input_schema.clone());
    map
}

fn encode_choice(choice: &ToolChoice) -> Result<Map, EncodeError> {
    let (kind, extra) = match choice {
        ToolChoice::Auto(extra) => ("auto", extra),
        ToolChoice::Any(extra) => ("any", extra),
        ToolChoice::Tool { extra, .. } => ("tool", extra),
        ToolChoice::Unknown(map) => {
            // `{"none": {}}` and the like.
            let mut members = map.iter();
            match (members.next(), members.next()) {
                (Some((kind, Value::Object(extra))), None) => (kind.as_str(), extra),
                _ => return Err(EncodeError::unsupported(NAME, NO_COUNTERPART)),
            }
        }
    };
    let mut map = extra.clone();
    map.set("type", kind);
    if let ToolChoice::Tool { name, .. } = choice {
        map.set("name", name.as_str());
    }
    Ok(map)
}

/// Reads `tools` and `tool_choice`.
pub(super) fn decode(body: &mut Object) -> Result<Option<ToolConfig>, DecodeError> {
    let tools = body.read("tools", |tools| elements(tools, decode_tool))?;
    let choice = body.read("tool_choice", decode_choice)?;
    if tools.as_ref().is_none_or(Vec::is_empty) && choice.is_none() {
        return Ok(None);
    }
    let tools = tools.unwrap_or_default().into_iter().flatten().collect();
    Ok(Some(ToolConfig { tools, choice, extra: Map::new() }))
}

/// Reads a tool, and the cache point behind it if there is one.
fn decode_tool(value: Value) -> Result<Vec<Tool>, DecodeError> {
    let mut object = Object::new(value)?;
    let point = take_mark(&mut object);
    let mut tools = Vec::new();
    match object.text("type") {
        None | Some("custom") => tools.push(Tool::Spec(decode_spec(object)?)),
        // Tools that the provider defines have no schema here.
        Some(_) => tools.push(Tool::Unknown(object.rest())),
    }
    tools.extend(point.map(Tool::CachePoint));
    Ok(tools)
}

fn decode_spec(mut object: Object) -> Result<ToolSpec, DecodeError> {
    let name = need(object.string("name")?, "name")?;
    let description = object.string("description")?;
    let input_schema = need(object.take("input_schema"), "input_schema")?;
    Ok(ToolSpec { name, description, input_schema, extra: object.rest() })
}

fn decode_choice(value: Value) -> Result<ToolChoice, DecodeError> {
    let mut object = Object::new(value)?;
    let kind: String = need(object.string("type")?, "type")?;
    Ok(match kind.as_str() {
        "auto" => ToolChoice::Auto(object.rest()),
        "any" => ToolChoice::Any(object.rest()),
        "tool" => {
            let name = need(object.string("name")?, "name")?;
            ToolChoice::Tool { name, extra: object.rest() }
        }
        other => ToolChoice::Unknown(single(other, object.rest())),
    })
}

const NO_COUNTERPART: &str =
    "there is no counterpart; use Converse, or give it in this format in the request's `extra`";
