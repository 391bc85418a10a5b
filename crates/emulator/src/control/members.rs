//! The members of a request, and what the service says of those that are not as it wants them.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::constraint::{Constraint, invalid, missing};
use crate::error::Refusal;

/// The form of a text.
pub(crate) struct Form {
    /// The lengths that it may have.
    pub(crate) length: RangeInclusive<usize>,
    /// The pattern as the service writes it.
    pub(crate) pattern: &'static str,
    /// Whether a text is of that pattern.
    pub(crate) fits: fn(&str) -> bool,
}

/// The body of a request, which is an object; no body at all is an empty one.
pub(crate) fn read(body: &[u8]) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice::<Map<String, Value>>(body)
        .map(Value::Object)
        .map_err(|error| Refusal::validation(format!("The body is not JSON: {error}")))
}

/// A text that must be there.
pub(crate) fn text<'a>(body: &'a Value, key: &str) -> Result<&'a str, Refusal> {
    body[key].as_str().ok_or_else(|| missing(key))
}

/// A text of some form that must be there.
pub(crate) fn formed(body: &Value, key: &str, form: &Form) -> Result<String, Refusal> {
    let value = text(body, key)?;
    form.check(key, value)?;
    Ok(value.into())
}

/// A text of some form that may be there.
pub(crate) fn optional(body: &Value, key: &str, form: &Form) -> Result<Option<String>, Refusal> {
    match body[key] {
        Value::Null => Ok(None),
        _ => formed(body, key, form).map(Some),
    }
}

/// One of a few words, which may be there.
pub(crate) fn one_of(
    body: &Value,
    key: &str,
    words: &[&'static str],
) -> Result<Option<&'static str>, Refusal> {
    match &body[key] {
        Value::Null => Ok(None),
        given => word(key, given.as_str().unwrap_or_default(), words).map(Some),
    }
}

/// A whole number, which may be there.
pub(crate) fn whole(
    body: &Value,
    key: &str,
    range: RangeInclusive<u64>,
) -> Result<Option<u64>, Refusal> {
    match &body[key] {
        Value::Null => Ok(None),
        given => number(key, given, given.as_i64(), range).map(Some),
    }
}

/// The one of these words that was given.
pub(crate) fn word(
    key: &str,
    given: &str,
    words: &[&'static str],
) -> Result<&'static str, Refusal> {
    let known = words.iter().copied().find(|word| *word == given);
    known.ok_or_else(|| invalid(key, given, Constraint::OneOf(words)))
}

/// The number that was given, if it is within the range.
pub(crate) fn number(
    key: &str,
    given: impl Display,
    read: Option<i64>,
    range: RangeInclusive<u64>,
) -> Result<u64, Refusal> {
    let (low, high) = range.into_inner();
    match read.map(u64::try_from) {
        Some(Ok(value)) if value > high => Err(invalid(key, given, Constraint::ValueAtMost(high))),
        Some(Ok(value)) if value >= low => Ok(value),
        _ => Err(invalid(key, given, Constraint::ValueAtLeast(low))),
    }
}

impl Form {
    /// Refuses a text that is not of this form.
    pub(crate) fn check(&self, key: &str, value: &str) -> Result<(), Refusal> {
        let (least, most) = (*self.length.start(), *self.length.end());
        let length = value.chars().count();
        let constraint = if length < least {
            Constraint::LengthAtLeast(least)
        } else if length > most {
            Constraint::LengthAtMost(most)
        } else if !(self.fits)(value) {
            Constraint::Pattern(self.pattern)
        } else {
            return Ok(());
        };
        Err(invalid(key, value, constraint))
    }
}

/// Letters and digits, with hyphens between them: the tokens that make requests idempotent.
pub(crate) const CLIENT_TOKEN: Form = Form {
    length: 1..=256,
    pattern: "[a-zA-Z0-9]{1,256}(-*[a-zA-Z0-9]){0,256}",
    fits: |token| {
        let edge = |c: char| c.is_ascii_alphanumeric();
        token.starts_with(edge)
            && token.ends_with(edge)
            && token.chars().all(|c| edge(c) || c == '-')
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn why(refused: Result<impl Sized, Refusal>) -> String {
        let message = refused.err().unwrap().message;
        let (_, constraint) = message.split_once("failed to satisfy constraint: ").unwrap();
        constraint.into()
    }

    #[test]
    fn each_constraint_has_the_service_s_words() {
        let body = json!({ "text": "-a", "long": "a".repeat(257), "empty": "", "number": 7 });
        let form = |key| why(formed(&body, key, &CLIENT_TOKEN));
        assert_eq!(form("none"), "Member must not be null");
        assert_eq!(form("empty"), "Member must have length greater than or equal to 1");
        assert_eq!(form("long"), "Member must have length less than or equal to 256");
        assert!(form("text").starts_with("Member must satisfy regular expression pattern: [a-z"));
        assert_eq!(
            why(one_of(&body, "text", &["Good", "Bad"])),
            "Member must satisfy enum value set: [Good, Bad]"
        );
        assert_eq!(
            why(whole(&body, "number", 8..=9)),
            "Member must have value greater than or equal to 8"
        );
        assert_eq!(
            why(whole(&body, "number", 1..=6)),
            "Member must have value less than or equal to 6"
        );
        assert_eq!(whole(&body, "number", 7..=7), Ok(Some(7)));
        assert_eq!(whole(&body, "none", 7..=7), Ok(None));
    }

    #[test]
    fn a_body_is_an_object_or_nothing() {
        assert_eq!(read(b""), Ok(json!({})));
        assert!(read(b"[]").is_err() && read(b"{").is_err());
    }
}
