//! Messages: a role and blocks of content.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use crate::Map;
use crate::block::Block;
use crate::error::DecodeError;
use crate::json::{self, Members, Object, need, serde_by_json};

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// The person, or the program that runs tools.
    User,
    /// The model.
    Assistant,
    /// Instructions in the middle of a conversation.
    System,
    /// A role that this crate does not know.
    Other(String),
}

impl Role {
    /// The word on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::System => "system",
            Self::Other(word) => word,
        }
    }

    /// Its JSON: the word.
    pub fn to_json(&self) -> Value {
        Value::from(self.as_str())
    }

    /// Reads the word; none is unknown.
    ///
    /// # Errors
    ///
    /// Where the value is not a string.
    pub fn from_json(value: Value) -> Result<Self, DecodeError> {
        json::string(value).map(Self::from)
    }
}

impl From<String> for Role {
    fn from(word: String) -> Self {
        match word.as_str() {
            "user" => Self::User,
            "assistant" => Self::Assistant,
            "system" => Self::System,
            _ => Self::Other(word),
        }
    }
}

serde_by_json!(Role);

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: Vec<Block>,
    /// Every other member of the message.
    pub extra: Map,
}

impl Message {
    /// A message of these blocks.
    pub fn new(role: Role, content: Vec<Block>) -> Self {
        Self { role, content, extra: Map::new() }
    }

    /// A user's message of one text block.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new(Role::User, vec![Block::text(text)])
    }

    /// The model's message of one text block.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::new(Role::Assistant, vec![Block::text(text)])
    }

    /// The text of all text blocks one after the other, byte for byte.
    pub fn text(&self) -> String {
        self.content.iter().flat_map(Block::texts).collect()
    }

    /// The same text without white space around it, which many models put before their answers.
    pub fn text_trimmed(&self) -> String {
        self.text().trim().into()
    }

    /// Its Converse JSON.
    pub fn to_json(&self) -> Value {
        let mut map = self.extra.clone();
        map.set("role", self.role.as_str());
        map.set("content", self.content.iter().map(Block::to_json).collect::<Vec<_>>());
        Value::Object(map)
    }

    /// Reads Converse JSON.
    ///
    /// # Errors
    ///
    /// Where a member has another shape than Converse gives it.
    pub fn from_json(value: Value) -> Result<Self, DecodeError> {
        let object = Object::new(value)?;
        need(object.get("role"), "role")?;
        Self::read(object)
    }

    /// Reads the message of a reply, which is the model's if it does not say whose it is.
    pub(crate) fn from_reply(value: Value) -> Result<Self, DecodeError> {
        Object::new(value).and_then(Self::read)
    }

    fn read(mut object: Object) -> Result<Self, DecodeError> {
        let role = object.read("role", Role::from_json)?.unwrap_or(Role::Assistant);
        let content = object.each("content", Block::from_json)?;
        Ok(Self { role, content, extra: object.rest() })
    }
}

serde_by_json!(Message);
