//! JSON that is written many times with another text in one place.

use serde_json::Value;

/// The JSON before and behind the place of the text.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    head: String,
    tail: String,
}

impl Template {
    /// A template of JSON in which [`MARK`] stands for the text, in one string, as a whole or as a
    /// part of it.
    pub(crate) fn new(value: &Value) -> Self {
        let json = value.to_string();
        let (head, tail) = json.split_once(MARK_IN_JSON).unwrap_or((&json, ""));
        Self { head: head.into(), tail: tail.into() }
    }

    /// Adds the JSON with this text in its place.
    pub(crate) fn fill(&self, text: &str, json: &mut String) {
        json.push_str(&self.head);
        if text.bytes().all(is_plain) {
            json.push_str(text);
        } else {
            let quoted = Value::from(text).to_string();
            let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            json.push_str(inner.unwrap_or_default());
        }
        json.push_str(&self.tail);
    }
}

/// Whether a byte stands in a JSON string as it is.
const fn is_plain(byte: u8) -> bool {
    byte >= b' ' && byte != b'"' && byte != b'\\'
}

/// A character that no request, model or id brings.
pub(crate) const MARK: &str = "\u{1}";
const MARK_IN_JSON: &str = "\\u0001";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn filled(value: &Value, text: &str) -> String {
        let mut json = String::new();
        Template::new(value).fill(text, &mut json);
        json
    }

    proptest! {
        #[test]
        fn what_is_filled_in_is_what_would_have_been_written(text in any::<String>()) {
            let write = |text: &str| json!({ "a": [1, { "b": text }], "c": "d" });
            prop_assert_eq!(filled(&write(MARK), &text), write(&text).to_string());
        }

        #[test]
        fn the_text_may_be_a_part_of_a_string(text in any::<String>()) {
            let write = |text: &str| json!({ "a": format!("<b>{text}</b>") });
            prop_assert_eq!(filled(&write(MARK), &text), write(&text).to_string());
        }
    }
}
