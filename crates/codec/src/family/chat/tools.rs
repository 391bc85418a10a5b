//! Tools and the choice among them.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::Dialect;
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object, elements, need, single};
use crate::tools::{Tool, ToolChoice, ToolConfig, ToolSpec};

/// Writes `tools` and `tool_choice`.
pub(super) fn encode(
    dialect: &Dialect,
    config: &ToolConfig,
    body: &mut Map,
) -> Result<(), EncodeError> {
    let unsupported = || EncodeError::unsupported(dialect.name, NO_COUNTERPART);
    if let Some(key) = config.extra.keys().next() {
        return Err(unsupported().at(key));
    }
    let mut tools: Vec<Map> = Vec::with_capacity(config.tools.len());
    for (index, tool) in config.tools.iter().enumerate() {
        tools.push(match tool {
            Tool::Spec(spec) => encode_spec(spec),
            Tool::Unknown(map) if map.contains_key("type") => map.clone(),
            Tool::CachePoint(_) => {
                return Err(unsupported().at("cachePoint").at_index(index).at("tools"));
            }
            Tool::Unknown(_) => return Err(unsupported().at_index(index).at("tools")),
        });
    }
    if !tools.is_empty() {
        body.set("tools", tools);
    }
    let choice = config.choice.as_ref().map(|choice| encode_choice(dialect, choice)).transpose();
    body.set_some("tool_choice", choice.map_err(|error| error.at("toolChoice"))?);
    Ok(())
}

fn encode_spec(spec: &ToolSpec) -> Map {
    let mut function = spec.extra.clone();
    function.set("name", spec.name.as_str());
    function.set_some("description", spec.description.as_deref());
    function.set("parameters", spec.input_schema.clone());
    let mut tool = single("type", FUNCTION);
    tool.set(FUNCTION, function);
    tool
}

fn encode_choice(dialect: &Dialect, choice: &ToolChoice) -> Result<Value, EncodeError> {
    let unsupported = |why| Err(EncodeError::unsupported(dialect.name, why));
    match choice {
        ToolChoice::Auto(extra) if extra.is_empty() => Ok("auto".into()),
        ToolChoice::Any(extra) if extra.is_empty() => Ok(dialect.any_tool.into()),
        ToolChoice::Tool { name, extra } if extra.is_empty() => {
            if !dialect.named_tool {
                let why = "a choice cannot name a tool; give that tool alone and choose `any`";
                return unsupported(why).map_err(|error| error.at("tool"));
            }
            let mut map = single("type", FUNCTION);
            map.set(FUNCTION, single("name", name.as_str()));
            Ok(map.into())
        }
        ToolChoice::Unknown(map) if map.contains_key("type") => Ok(map.clone().into()),
        // `{"none": {}}` and the like.
        ToolChoice::Unknown(map) => match map.iter().next() {
            Some((word, Value::Object(extra))) if map.len() == 1 && extra.is_empty() => {
                Ok(word.as_str().into())
            }
            _ => unsupported(NO_COUNTERPART),
        },
        _ => unsupported(NO_COUNTERPART),
    }
}

/// Reads `tools` and `tool_choice`.
pub(super) fn decode(
    dialect: &Dialect,
    body: &mut Object,
) -> Result<Option<ToolConfig>, DecodeError> {
    let tools = body.read("tools", |tools| elements(tools, decode_tool))?;
    let choice = body.read("tool_choice", |choice| decode_choice(dialect, choice))?;
    if tools.as_ref().is_none_or(Vec::is_empty) && choice.is_none() {
        return Ok(None);
    }
    Ok(Some(ToolConfig { tools: tools.unwrap_or_default(), choice, extra: Map::new() }))
}

fn decode_tool(value: Value) -> Result<Tool, DecodeError> {
    let tool = Object::new(value)?;
    let function = tool.get(FUNCTION).filter(|_| tool.text("type") == Some(FUNCTION));
    match function.and_then(Value::as_object) {
        // Only a plain function has a counterpart; its schema may be left out, and then it has none.
        Some(function) if function.contains_key("parameters") => {
            let function = Object::from(function.clone());
            let whole = tool.rest();
            if whole.len() > 2 {
                return Ok(Tool::Unknown(whole));
            }
            decode_spec(function).map(Tool::Spec).map_err(|error| error.at(FUNCTION))
        }
        _ => Ok(Tool::Unknown(tool.rest())),
    }
}

fn decode_spec(mut function: Object) -> Result<ToolSpec, DecodeError> {
    let name = need(function.string("name")?, "name")?;
    let description = function.string("description")?;
    let input_schema = need(function.take("parameters"), "parameters")?;
    Ok(ToolSpec { name, description, input_schema, extra: function.rest() })
}

fn decode_choice(dialect: &Dialect, value: Value) -> Result<ToolChoice, DecodeError> {
    let map = match value {
        Value::String(word) if word == "auto" => return Ok(ToolChoice::Auto(Map::new())),
        Value::String(word) if word == dialect.any_tool => return Ok(ToolChoice::Any(Map::new())),
        Value::String(word) => return Ok(ToolChoice::Unknown(single(&word, Map::new()))),
        other => Object::new(other)?.rest(),
    };
    Ok(match named(&map).filter(|_| dialect.named_tool) {
        Some(name) => ToolChoice::Tool { name, extra: Map::new() },
        None => ToolChoice::Unknown(map),
    })
}

/// The name of the function that a choice holds, and nothing beside.
fn named(choice: &Map) -> Option<String> {
    let function = choice.get(FUNCTION)?.as_object()?;
    let plain = choice.len() == 2
        && function.len() == 1
        && choice.get("type").and_then(Value::as_str) == Some(FUNCTION);
    function.get("name")?.as_str().filter(|_| plain).map(String::from)
}

const FUNCTION: &str = "function";
const NO_COUNTERPART: &str =
    "there is no counterpart; use Converse, or give it in this format in the request's `extra`";
