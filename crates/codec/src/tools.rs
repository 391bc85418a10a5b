//! The tools a model may call.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::Map;
use crate::block::CachePoint;
use crate::error::DecodeError;
use crate::json::{Members, Object, need, serde_by_json, single};

/// The tools a model may call, and whether it must.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ToolConfig {
    /// The tools.
    pub tools: Vec<Tool>,
    /// Whether the model must call one; the model decides where it is absent.
    pub choice: Option<ToolChoice>,
    /// Every other member.
    pub extra: Map,
}

impl ToolConfig {
    /// Tools among which the model may choose.
    pub fn new(tools: Vec<Tool>) -> Self {
        Self { tools, choice: None, extra: Map::new() }
    }

    /// Its Converse JSON.
    pub fn to_json(&self) -> Value {
        let mut map = Map::new();
        map.set("tools", self.tools.iter().map(Tool::to_json).collect::<Vec<_>>());
        map.set_some("toolChoice", self.choice.as_ref().map(ToolChoice::to_json));
        map.extend(self.extra.clone());
        Value::Object(map)
    }

    /// Reads Converse JSON.
    ///
    /// # Errors
    ///
    /// Where a member has another shape than Converse gives it.
    pub fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let tools = object.each("tools", Tool::from_json)?;
        let choice = object.read("toolChoice", ToolChoice::from_json)?;
        Ok(Self { tools, choice, extra: object.rest() })
    }
}

serde_by_json!(ToolConfig);

/// A tool, or a mark among the tools.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Tool {
    /// A tool that the caller runs.
    Spec(ToolSpec),
    /// A mark: the tools before it may be cached.
    CachePoint(CachePoint),
    /// A tool of another kind, kept whole.
    Unknown(Map),
}

impl Tool {
    fn to_json(&self) -> Value {
        Value::Object(match self {
            Self::Spec(spec) => single("toolSpec", spec.to_json()),
            Self::CachePoint(point) => single("cachePoint", point.to_json()),
            Self::Unknown(map) => map.clone(),
        })
    }

    fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        if let Some(spec) = object.read("toolSpec", ToolSpec::from_json)? {
            return Ok(Self::Spec(spec));
        }
        match object.read("cachePoint", CachePoint::from_json)? {
            Some(point) => Ok(Self::CachePoint(point)),
            None => Ok(Self::Unknown(object.rest())),
        }
    }
}

/// A tool that the caller runs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ToolSpec {
    /// The name, of letters, digits, `_` and `-`.
    pub name: String,
    /// What it does, for the model to read.
    pub description: Option<String>,
    /// The JSON schema of its input.
    pub input_schema: Value,
    /// Every other member, such as `strict`.
    pub extra: Map,
}

impl ToolSpec {
    /// A tool without a description.
    pub fn new(name: impl Into<String>, input_schema: Value) -> Self {
        Self { name: name.into(), description: None, input_schema, extra: Map::new() }
    }

    fn to_json(&self) -> Value {
        let mut map = single("name", self.name.as_str());
        map.set_some("description", self.description.as_deref());
        map.set("inputSchema", single("json", self.input_schema.clone()));
        map.extend(self.extra.clone());
        Value::Object(map)
    }

    fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let name = need(object.string("name")?, "name")?;
        let description = object.string("description")?;
        let mut schema = need(object.object("inputSchema")?, "inputSchema")?;
        let json = schema.take("json");
        let input_schema =
            need(json, "json").map_err(|error: DecodeError| error.at("inputSchema"))?;
        Ok(Self { name, description, input_schema, extra: object.rest() })
    }
}

/// Whether the model must call a tool.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ToolChoice {
    /// The model decides. The map holds members beside the choice.
    Auto(Map),
    /// It must call one. The map holds members beside the choice.
    Any(Map),
    /// It must call this one.
    Tool {
        /// The tool's name.
        name: String,
        /// Members beside the name.
        extra: Map,
    },
    /// A choice of another kind, kept whole.
    Unknown(Map),
}

impl ToolChoice {
    fn to_json(&self) -> Value {
        Value::Object(match self {
            Self::Auto(extra) => single("auto", extra.clone()),
            Self::Any(extra) => single("any", extra.clone()),
            Self::Tool { name, extra } => {
                let mut map = single("name", name.as_str());
                map.extend(extra.clone());
                single("tool", map)
            }
            Self::Unknown(map) => map.clone(),
        })
    }

    fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        if let Some(auto) = object.object("auto")? {
            return Ok(Self::Auto(auto.rest()));
        }
        if let Some(any) = object.object("any")? {
            return Ok(Self::Any(any.rest()));
        }
        let Some(mut tool) = object.object("tool")? else {
            return Ok(Self::Unknown(object.rest()));
        };
        let name = tool.string("name").and_then(|name| need(name, "name"));
        let name = name.map_err(|error| error.at("tool"))?;
        Ok(Self::Tool { name, extra: tool.rest() })
    }
}
