//! Whether two JSON bodies mean the same.

use serde_json::Value;

/// Where two bodies differ, as a path; `None` where they mean the same.
///
/// Numbers are compared by value, and a string is the same as one block of text.
pub(crate) fn difference(left: &Value, right: &Value) -> Option<String> {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let keys = left.keys().chain(right.keys().filter(|key| !left.contains_key(*key)));
            let mut keys = keys.map(|key| (key, left.get(key), right.get(key)));
            keys.find_map(|(key, left, right)| match (left, right) {
                (Some(left), Some(right)) => {
                    difference(left, right).map(|path| format!(".{key}{path}"))
                }
                (Some(_), None) => Some(format!(".{key} is lost")),
                _ => Some(format!(".{key} is added")),
            })
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(at, (left, right))| {
                difference(left, right).map(|path| format!("[{at}]{path}"))
            })
        }
        (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => None,
        (Value::String(text), Value::Array(blocks))
        | (Value::Array(blocks), Value::String(text))
            if is_just(blocks, text) =>
        {
            None
        }
        _ if left == right => None,
        _ => {
            let shown = |value: &Value| super::shorten(&value.to_string());
            Some(format!(" is {} and becomes {}", shown(left), shown(right)))
        }
    }
}

/// Whether the blocks are one block of this text, in the form of Converse or of a family.
fn is_just(blocks: &[Value], text: &str) -> bool {
    let [Value::Object(block)] = blocks else { return false };
    let typed = block.get("type").is_none_or(|kind| kind == "text");
    let members = 1 + usize::from(block.contains_key("type"));
    typed && block.len() == members && block.get("text").and_then(Value::as_str) == Some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_that_means_the_same_has_no_difference() {
        let left = json!({"content": "Hi", "n": 1, "list": [0.0, {"a": null}]});
        let right = json!({"list": [0, {"a": null}], "n": 1.0, "content": [{"type": "text", "text": "Hi"}]});
        assert_eq!(difference(&left, &right), None);
        assert_eq!(difference(&json!([{"text": "Hi"}]), &json!("Hi")), None);
    }

    #[test]
    fn every_kind_of_difference_has_a_path() {
        let base = json!({"a": [1, {"b": "x"}], "c": "Hi"});
        for (other, path) in [
            (json!({"a": [1, {"b": "y"}], "c": "Hi"}), ".a[1].b"),
            (json!({"a": [2, {"b": "x"}], "c": "Hi"}), ".a[0]"),
            (json!({"a": [1], "c": "Hi"}), ".a"),
            (json!({"a": [1, {"b": "x"}]}), ".c is lost"),
            (json!({"a": [1, {"b": "x"}], "c": "Hi", "d": null}), ".d is added"),
            (json!({"a": [1, {"b": "x"}], "c": [{"text": "Ho"}]}), ".c"),
            (json!({"a": [1, {"b": "x"}], "c": [{"text": "Hi", "cache": 1}]}), ".c"),
        ] {
            let found = difference(&base, &other).unwrap();
            assert!(found.starts_with(path), "{found}");
        }
    }
}
