//! JSON that stays text.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde_json::Value;
use serde_json::value::RawValue;

use super::error::LineError;

/// One JSON value as it was written, on one line.
///
/// It was checked to be JSON, and nothing more: numbers of any length, the order of members and
/// spaces stay as they were. Only line breaks between tokens become spaces, so that it fits in a line.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RawJson(String);

impl RawJson {
    /// Checks that the text is one JSON value.
    ///
    /// # Errors
    ///
    /// [`LineError::NotUtf8`] and [`LineError::Syntax`].
    pub fn parse(text: impl Into<Vec<u8>>) -> Result<Self, LineError> {
        let text = String::from_utf8(text.into())
            .map_err(|error| LineError::NotUtf8 { at: error.utf8_error().valid_up_to() })?;
        Ok(serde_json::from_str::<&RawValue>(&text)?.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as bytes, which is what the decoders of replies take.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The value as a tree.
    ///
    /// # Errors
    ///
    /// [`LineError::Syntax`] where it is nested deeper than 128 levels, a number is too large or a
    /// text holds half a character: text may hold these, a tree may not.
    pub fn to_value(&self) -> Result<Value, LineError> {
        Ok(serde_json::from_str(&self.0)?)
    }
}

impl From<&RawValue> for RawJson {
    fn from(value: &RawValue) -> Self {
        let text = value.get();
        // JSON has no bare line break inside a string, so each of them is only a space.
        if text.contains(BREAKS) { Self(text.replace(BREAKS, " ")) } else { Self(text.to_owned()) }
    }
}

impl From<&Value> for RawJson {
    fn from(value: &Value) -> Self {
        Self(value.to_string())
    }
}

impl fmt::Display for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What sort of value a JSON text is, for messages.
pub(super) fn sort(text: &str) -> &'static str {
    match text.trim_start().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

const BREAKS: [char; 2] = ['\n', '\r'];
