//! The check of a body against the fields that a model takes, with the service's wording.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::error::Refusal;

/// A field that a body may have.
pub(crate) struct Field {
    name: &'static str,
    form: Form,
    required: bool,
}

/// What a field may hold.
pub(crate) enum Form {
    Text,
    /// A text that is not blank.
    Filled,
    Array,
    Object,
    /// True or false.
    Switch,
    Integer(RangeInclusive<u64>),
    Number(RangeInclusive<f64>),
}

impl Field {
    pub(crate) const fn required(name: &'static str, form: Form) -> Self {
        Self { name, form, required: true }
    }

    /// Whether this is the field's name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    pub(crate) const fn optional(name: &'static str, form: Form) -> Self {
        Self { name, form, required: false }
    }
}

/// What is wrong with an object at the JSON pointer `at`.
pub(crate) fn violations(at: &str, object: &Map<String, Value>, fields: &[Field]) -> Vec<String> {
    let known = |key: &String| fields.iter().any(|field| field.name == key);
    let extra = object.keys().filter(|key| !known(key));
    let extra = extra.map(|key| format!("{at}: extraneous key [{key}] is not permitted"));
    let wrong = fields.iter().filter_map(|field| {
        let name = field.name;
        match object.get(name) {
            Some(value) => Some(format!("{at}/{name}: {}", field.form.violation(value)?)),
            None if field.required => Some(format!("{at}: required key [{name}] not found")),
            None => None,
        }
    });
    extra.chain(wrong).collect()
}

/// The refusal of a body with these faults; `Ok` if there are none.
pub(crate) fn malformed(violations: &[String]) -> Result<(), Refusal> {
    let what = match violations {
        [] => return Ok(()),
        [one] => one.clone(),
        many => format!("{} schema violations found", many.len()),
    };
    Err(Refusal::malformed(&what))
}

impl Form {
    fn violation(&self, value: &Value) -> Option<String> {
        match (self, value) {
            (Self::Filled, Value::String(text)) if text.trim().is_empty() => {
                Some("expected minLength: 1, actual: 0".into())
            }
            (Self::Text | Self::Filled, Value::String(_))
            | (Self::Array, Value::Array(_))
            | (Self::Object, Value::Object(_))
            | (Self::Switch, Value::Bool(_)) => None,
            (Self::Integer(range), Value::Number(_)) => match value.as_u64() {
                Some(number) if range.contains(&number) => None,
                Some(number) if number > *range.end() => {
                    Some(format!("{number} is not less or equal to {}", range.end()))
                }
                _ => Some(format!("{value} is not greater or equal to {}", range.start())),
            },
            (Self::Number(range), Value::Number(_)) => match value.as_f64() {
                Some(number) if range.contains(&number) => None,
                Some(number) if number > *range.end() => {
                    Some(format!("{number} is not less or equal to {}", range.end()))
                }
                _ => Some(format!("{value} is not greater or equal to {}", range.start())),
            },
            _ => Some(format!("expected type: {}, found: {}", self.name(), type_name(value))),
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Text | Self::Filled => "String",
            Self::Array => "JSONArray",
            Self::Object => "JSONObject",
            Self::Switch => "Boolean",
            Self::Integer(_) => "Integer",
            Self::Number(_) => "Number",
        }
    }
}

const fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(_) => "Number",
        Value::String(_) => "String",
        Value::Array(_) => "JSONArray",
        Value::Object(_) => "JSONObject",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELDS: &[Field] = &[
        Field::required("prompt", Form::Filled),
        Field::optional("length", Form::Integer(1..=2048)),
        Field::optional("heat", Form::Number(0.0..=1.0)),
    ];

    fn refused(body: Value) -> Option<String> {
        let found = violations("#", body.as_object().unwrap(), FIELDS);
        let message = malformed(&found).err()?.message;
        let message = message.strip_prefix("Malformed input request: ").unwrap();
        Some(message.strip_suffix(", please reformat your input and try again.").unwrap().into())
    }

    #[test]
    fn each_fault_has_the_service_s_words() {
        let cases = [
            (json!({ "prompt": "x", "length": 3, "heat": 0.5 }), None),
            (json!({}), Some("#: required key [prompt] not found")),
            (json!({ "prompt": "x", "y": 1 }), Some("#: extraneous key [y] is not permitted")),
            (json!({ "prompt": 1 }), Some("#/prompt: expected type: String, found: Number")),
            (json!({ "prompt": " " }), Some("#/prompt: expected minLength: 1, actual: 0")),
            (
                json!({ "prompt": "x", "length": 9000 }),
                Some("#/length: 9000 is not less or equal to 2048"),
            ),
            (
                json!({ "prompt": "x", "length": 0 }),
                Some("#/length: 0 is not greater or equal to 1"),
            ),
            (json!({ "prompt": "x", "heat": 1.5 }), Some("#/heat: 1.5 is not less or equal to 1")),
            (json!({ "y": 1, "z": 2 }), Some("3 schema violations found")),
        ];
        for (body, expected) in cases {
            assert_eq!(refused(body.clone()).as_deref(), expected, "{body}");
        }
    }
}
