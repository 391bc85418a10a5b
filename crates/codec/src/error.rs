//! The errors of encoding and decoding. Each says where in the JSON it happened.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::{format, vec::Vec};

use serde_json::Value;
use thiserror::Error;

use crate::capability::Capability;

/// A request cannot be written in the format asked for.
///
/// Paths are those of the neutral request, which is Converse JSON.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The model's address hides its family, and InvokeModel needs one.
    #[error(
        "the model family of {address} is not known, and InvokeModel bodies differ by family; \
         give the family ({}) or use Converse", known.join(", ")
    )]
    UnknownFamily {
        /// The address as given.
        address: String,
        /// The families that can be given.
        known: Vec<&'static str>,
    },
    /// The model is not known for this operation, whose bodies differ by family.
    #[error(
        "no family for {operation} is known at {address}; give one of {}, or use a model of one",
        known.join(", ")
    )]
    OtherOperation {
        /// The address as given.
        address: String,
        /// What was asked of it.
        operation: &'static str,
        /// The families that can be given.
        known: Vec<&'static str>,
    },
    /// The format has no place for something that the request holds.
    #[error("{format} cannot express ${path}{}: {why}", named(path))]
    Unsupported {
        /// The format: `converse`, or a family's name.
        format: &'static str,
        /// The path below `$`.
        path: String,
        /// What stands in the way, and what to do.
        why: &'static str,
    },
    /// The format needs something that the request lacks.
    #[error("{format} needs ${path}")]
    Missing {
        /// The format: `converse`, or a family's name.
        format: &'static str,
        /// The path below `$`.
        path: String,
    },
    /// The text of a message holds a token of the family's prompt template.
    #[error("${path} holds {token}, a token of the prompt template of {format}; remove it")]
    TemplateToken {
        /// The family's name.
        format: &'static str,
        /// The path below `$`.
        path: String,
        /// The token.
        token: &'static str,
    },
    /// A tool call that was cut off cannot be sent back.
    #[error("${path} is a tool call that was cut off; drop it or ask for the reply again")]
    IncompleteToolUse {
        /// The path below `$`.
        path: String,
    },
    /// A number is infinite or not a number.
    #[error("${path} is not a finite number")]
    NotFinite {
        /// The path below `$`.
        path: String,
    },
    /// A member of `extra` or of `additionalModelRequestFields` is in the encoded body already.
    #[error("the extra member ${path} is in the encoded body already; set it in one place")]
    Collision {
        /// The path in the encoded body, below `$`.
        path: String,
    },
}

impl EncodeError {
    /// Where in the neutral request it happened, such as `.messages[0].content`; `None` where the
    /// error is about no part of it.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::UnknownFamily { .. } | Self::OtherOperation { .. } => None,
            Self::Unsupported { path, .. }
            | Self::Missing { path, .. }
            | Self::TemplateToken { path, .. }
            | Self::IncompleteToolUse { path }
            | Self::NotFinite { path }
            | Self::Collision { path } => Some(path),
        }
    }

    /// What the format lacks, where it is something that a request can do without or that has a
    /// name.
    pub fn capability(&self) -> Option<Capability> {
        match self {
            Self::Unsupported { path, .. } => Capability::of_path(path),
            _ => None,
        }
    }

    pub(crate) fn unsupported(format: &'static str, why: &'static str) -> Self {
        Self::Unsupported { format, path: String::new(), why }
    }

    /// The same error, one member further in.
    pub(crate) fn at(mut self, key: &str) -> Self {
        if let Some(path) = self.path_mut() {
            prepend_key(path, key);
        }
        self
    }

    /// The same error inside a block of this kind; blocks without a known kind have no name.
    pub(crate) fn at_kind(self, kind: &str) -> Self {
        if kind.is_empty() { self } else { self.at(kind) }
    }

    /// The same error, one element further in.
    pub(crate) fn at_index(mut self, index: usize) -> Self {
        if let Some(path) = self.path_mut() {
            *path = format!("[{index}]{path}");
        }
        self
    }

    fn path_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::UnknownFamily { .. } | Self::OtherOperation { .. } => None,
            Self::Unsupported { path, .. }
            | Self::Missing { path, .. }
            | Self::TemplateToken { path, .. }
            | Self::IncompleteToolUse { path }
            | Self::NotFinite { path }
            | Self::Collision { path } => Some(path),
        }
    }
}

/// Bytes or JSON that are not what the format says.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes are not JSON.
    #[error("not JSON at line {line}, column {column}: {message}")]
    Syntax {
        /// The line, from 1; 0 where the input was empty.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the JSON parser said.
        message: String,
    },
    /// A value has another type than the format says.
    #[error("${path} should be {expected} and is {found}")]
    Shape {
        /// The path below `$`.
        path: String,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A member that the format requires is not there.
    #[error("${path} is missing")]
    Missing {
        /// The path below `$`.
        path: String,
    },
    /// A string that should be base64 and is not.
    #[error("${path} is not base64")]
    Base64 {
        /// The path below `$`.
        path: String,
    },
    /// A reply is longer than the limit that was set for it.
    #[error("the reply is longer than the limit set for it")]
    TooLong,
    /// Content arrived for a message that was already over.
    #[error("content arrived after the end of the message")]
    AfterEnd,
    /// The model's address hides its family, and InvokeModel bodies differ by family.
    #[error("the model family of {address} is not known; give it ({})", known.join(", "))]
    UnknownFamily {
        /// The address as given.
        address: String,
        /// The families that can be given.
        known: Vec<&'static str>,
    },
}

impl DecodeError {
    /// Where in the JSON it happened, such as `.content[0].text`; `None` where the error is about no
    /// part of it.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Shape { path, .. } | Self::Missing { path } | Self::Base64 { path } => Some(path),
            Self::Syntax { .. } | Self::TooLong | Self::AfterEnd | Self::UnknownFamily { .. } => {
                None
            }
        }
    }

    pub(crate) fn shape(expected: &'static str, found: &Value) -> Self {
        let found = match found {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        Self::Shape { path: String::new(), expected, found }
    }

    pub(crate) fn missing(key: &str) -> Self {
        Self::Missing { path: String::new() }.at(key)
    }

    pub(crate) fn base64() -> Self {
        Self::Base64 { path: String::new() }
    }

    /// The same error, one member further in.
    pub(crate) fn at(mut self, key: &str) -> Self {
        if let Some(path) = self.path_mut() {
            prepend_key(path, key);
        }
        self
    }

    /// The same error, one element further in.
    pub(crate) fn at_index(mut self, index: usize) -> Self {
        if let Some(path) = self.path_mut() {
            *path = format!("[{index}]{path}");
        }
        self
    }

    fn path_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Shape { path, .. } | Self::Missing { path } | Self::Base64 { path } => Some(path),
            Self::Syntax { .. } | Self::TooLong | Self::AfterEnd | Self::UnknownFamily { .. } => {
                None
            }
        }
    }
}

impl From<serde_json::Error> for DecodeError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let mut message = alloc::string::ToString::to_string(&error);
        if let Some(at) = message.rfind(" at line ") {
            message.truncate(at);
        }
        Self::Syntax { line, column, message }
    }
}

fn prepend_key(path: &mut String, key: &str) {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    *path = if !key.is_empty() && key.chars().all(plain) {
        ".".to_owned() + key + path
    } else {
        format!("[{key:?}]{path}")
    };
}

/// The capability that a path is about, in brackets behind it.
fn named(path: &str) -> String {
    Capability::of_path(path).map(|capability| format!(" ({capability})")).unwrap_or_default()
}
