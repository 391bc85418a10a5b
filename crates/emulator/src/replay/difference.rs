//! Where two JSON values differ.

use serde_json::Value;

/// The first place where two values differ, and how many such places there are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// The place, such as `$.messages[0].content[0].text`.
    pub(super) path: String,
    pub(super) called: String,
    pub(super) recorded: String,
    pub(super) places: usize,
}

/// Compares what was called with what was recorded; `None` if they are equal.
pub(super) fn between(called: &Value, recorded: &Value) -> Option<Difference> {
    let mut found = None;
    compare(&mut "$".to_owned(), Some(called), Some(recorded), &mut found);
    found
}

fn compare(
    path: &mut String,
    called: Option<&Value>,
    recorded: Option<&Value>,
    found: &mut Option<Difference>,
) {
    let mut inside = |step: &str, called, recorded| {
        let length = path.len();
        path.push_str(step);
        compare(path, called, recorded, found);
        path.truncate(length);
    };
    match (called, recorded) {
        (Some(Value::Object(called)), Some(Value::Object(recorded))) => {
            let more = recorded.keys().filter(|key| !called.contains_key(*key));
            for key in called.keys().chain(more) {
                inside(&format!(".{key}"), called.get(key), recorded.get(key));
            }
        }
        (Some(Value::Array(called)), Some(Value::Array(recorded))) => {
            for at in 0..called.len().max(recorded.len()) {
                inside(&format!("[{at}]"), called.get(at), recorded.get(at));
            }
        }
        (called, recorded) => {
            let equal = match (called, recorded) {
                (Some(called), Some(recorded)) => {
                    super::key::canonical(called) == super::key::canonical(recorded)
                }
                (called, recorded) => called.is_none() && recorded.is_none(),
            };
            if equal {
                return;
            }
            let first = found.get_or_insert_with(|| Difference {
                path: path.clone(),
                called: shown(called),
                recorded: shown(recorded),
                places: 0,
            });
            first.places += 1;
        }
    }
}

/// The beginning of a value.
fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "missing".into() };
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// How many characters of a value are shown.
const LONGEST: usize = 60;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_place_is_named_and_all_are_counted() {
        let called = json!({ "a": [1, { "b": "x" }], "c": 1.0, "d": true });
        let recorded = json!({ "a": [1, { "b": "y" }, 3], "c": 1, "e": null });
        let found = between(&called, &recorded).unwrap();
        assert_eq!((found.path.as_str(), found.places), ("$.a[1].b", 4));
        assert_eq!((found.called.as_str(), found.recorded.as_str()), ("\"x\"", "\"y\""));
        assert_eq!(between(&called, &called), None);
    }

    #[test]
    fn what_is_missing_is_called_so_and_long_values_are_cut() {
        let found = between(&json!({}), &json!({ "a": "ä".repeat(100) })).unwrap();
        assert_eq!((found.path.as_str(), found.called.as_str()), ("$.a", "missing"));
        assert!(found.recorded.ends_with('…') && found.recorded.chars().count() == LONGEST + 1);
    }
}
