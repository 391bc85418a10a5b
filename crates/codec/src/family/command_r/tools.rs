//! Tools of Command R: parameters with a Python type each, in place of a JSON schema.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::NAME;
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object, need, single};
use crate::tools::{Tool, ToolChoice, ToolConfig, ToolSpec};

/// Writes the tools.
pub(super) fn encode(config: &ToolConfig) -> Result<Vec<Map>, EncodeError> {
    if let Some(key) = config.extra.keys().next() {
        return unsupported("there is no counterpart").map_err(at(key));
    }
    match &config.choice {
        None => {}
        Some(ToolChoice::Auto(extra)) if extra.is_empty() => {}
        Some(_) => {
            let why = "the model always decides; leave the choice out";
            return unsupported(why).map_err(at("toolChoice"));
        }
    }
    let encode = |(index, tool): (usize, &Tool)| {
        match tool {
            Tool::Spec(spec) => encode_spec(spec).map_err(at("toolSpec")),
            Tool::Unknown(map) if map.contains_key("name") => Ok(map.clone()),
            Tool::CachePoint(_) => unsupported("nothing can be cached").map_err(at("cachePoint")),
            Tool::Unknown(_) => unsupported("there is no counterpart"),
        }
        .map_err(|error| error.at_index(index).at("tools"))
    };
    config.tools.iter().enumerate().map(encode).collect()
}

fn encode_spec(spec: &ToolSpec) -> Result<Map, EncodeError> {
    let mut map = spec.extra.clone();
    map.set("name", spec.name.as_str());
    map.set_some("description", spec.description.as_deref());
    let definitions = encode_schema(&spec.input_schema);
    let definitions = definitions.map_err(|error| error.at("json").at("inputSchema"))?;
    map.set_some(DEFINITIONS, definitions);
    Ok(map)
}

/// Writes a schema as definitions of its properties. It must be one of an object.
fn encode_schema(schema: &Value) -> Result<Option<Map>, EncodeError> {
    let Some(schema) = schema.as_object() else { return unsupported(NOT_A_SCHEMA) };
    if schema.get(TYPE).and_then(Value::as_str) != Some("object") {
        return unsupported(NOT_A_SCHEMA).map_err(at(TYPE));
    }
    refuse_others(schema, &[TYPE, PROPERTIES, REQUIRED])?;
    let required = schema.get(REQUIRED).and_then(Value::as_array);
    let is_required = |name: &str| {
        required.is_some_and(|required| required.iter().any(|one| one.as_str() == Some(name)))
    };
    let Some(properties) = schema.get(PROPERTIES).and_then(Value::as_object) else {
        return Ok(None);
    };
    let mut definitions = Map::new();
    for (name, property) in properties {
        let definition = encode_property(property);
        let mut definition = definition.map_err(|error| error.at(name).at(PROPERTIES))?;
        definition.set(REQUIRED, is_required(name));
        definitions.set(name, definition);
    }
    Ok(Some(definitions))
}

fn encode_property(property: &Value) -> Result<Map, EncodeError> {
    let Some(property) = property.as_object() else { return unsupported(NOT_A_SCHEMA) };
    refuse_others(property, &[TYPE, DESCRIPTION, ITEMS])?;
    let mut definition = single(TYPE, encode_type(property)?);
    definition.set_some(DESCRIPTION, property.get(DESCRIPTION).cloned());
    Ok(definition)
}

fn encode_type(schema: &Map) -> Result<String, EncodeError> {
    let Some(kind) = schema.get(TYPE).and_then(Value::as_str) else {
        return unsupported("a parameter has one type, which is a word").map_err(at(TYPE));
    };
    let word = TYPES.iter().find(|(json, _)| *json == kind).map_or(kind, |(_, python)| python);
    let Some(items) = schema.get(ITEMS) else { return Ok(word.to_owned()) };
    let Some(items) = items.as_object().filter(|_| kind == "array") else {
        return unsupported(NOT_A_SCHEMA).map_err(at(ITEMS));
    };
    refuse_others(items, &[TYPE, ITEMS]).map_err(at(ITEMS))?;
    Ok(format!("{word}[{}]", encode_type(items).map_err(at(ITEMS))?))
}

fn refuse_others(schema: &Map, known: &[&str]) -> Result<(), EncodeError> {
    match schema.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => {
            unsupported("a parameter has only a type, a description and whether it is required")
                .map_err(at(key))
        }
        None => Ok(()),
    }
}

/// Reads a tool. One that would be written otherwise than it came is kept whole.
pub(super) fn decode(value: Value) -> Result<Tool, DecodeError> {
    let whole = Object::new(value.clone())?.rest();
    let spec = decode_spec(Object::new(value)?)?;
    match encode_spec(&spec) {
        Ok(written) if written == whole => Ok(Tool::Spec(spec)),
        _ => Ok(Tool::Unknown(whole)),
    }
}

fn decode_spec(mut tool: Object) -> Result<ToolSpec, DecodeError> {
    let name = need(tool.string("name")?, "name")?;
    let description = tool.string(DESCRIPTION)?;
    let mut schema = single(TYPE, "object");
    if let Some(definitions) = tool.object(DEFINITIONS)? {
        decode_definitions(definitions.rest(), &mut schema);
    }
    Ok(ToolSpec { name, description, input_schema: schema.into(), extra: tool.rest() })
}

fn decode_definitions(definitions: Map, schema: &mut Map) {
    let mut required: Vec<Value> = Vec::new();
    let mut properties = Map::new();
    for (name, mut definition) in definitions {
        if let Some(definition) = definition.as_object_mut() {
            if definition.remove(REQUIRED) == Some(Value::Bool(true)) {
                required.push(name.as_str().into());
            }
            if let Some(word) = definition.get(TYPE).and_then(Value::as_str) {
                let types = decode_type(word);
                definition.extend(types);
            }
        }
        properties.insert(name, definition);
    }
    schema.set(PROPERTIES, properties);
    if !required.is_empty() {
        schema.set(REQUIRED, required);
    }
}

/// A schema of a type such as `str` or `list[str]`. A type that is not known stays as it is.
fn decode_type(word: &str) -> Map {
    let items = word.strip_prefix("list[").and_then(|rest| rest.strip_suffix(']'));
    if let Some(items) = items.filter(|items| !items.contains('[')) {
        let mut schema = single(TYPE, "array");
        schema.set(ITEMS, decode_type(items));
        return schema;
    }
    let known = TYPES.iter().find(|(_, python)| *python == word);
    single(TYPE, known.map_or(word, |(json, _)| json))
}

fn unsupported<T>(why: &'static str) -> Result<T, EncodeError> {
    Err(EncodeError::unsupported(NAME, why))
}

fn at(key: &str) -> impl FnOnce(EncodeError) -> EncodeError {
    move |error| error.at(key)
}

/// The types of JSON schemas, and Python's names for them.
const TYPES: &[(&str, &str)] = &[
    ("string", "str"),
    ("integer", "int"),
    ("number", "float"),
    ("boolean", "bool"),
    ("array", "list"),
    ("object", "dict"),
];

const NOT_A_SCHEMA: &str = "the input is an object, and its properties have simple types";
const DEFINITIONS: &str = "parameter_definitions";
const DESCRIPTION: &str = "description";
const ITEMS: &str = "items";
const PROPERTIES: &str = "properties";
const REQUIRED: &str = "required";
const TYPE: &str = "type";
