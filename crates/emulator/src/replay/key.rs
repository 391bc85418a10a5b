//! What an exchange is found by: the operation, the model and the body.

use std::fmt::Write as _;

use serde_json::Value;

use crate::redact;

/// What a call asks for, in a form in which two calls that ask for the same are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Subject {
    /// What AWS calls the operation.
    pub(super) operation: String,
    /// The model without region and account, or the path where there is no model in it.
    pub(super) target: String,
}

impl Subject {
    pub(super) fn new(operation: &str, target: &str) -> Self {
        Self { operation: operation.into(), target: normal(target) }
    }
}

/// The name of a model: the id in the ARN of a foundation model or of a profile that AWS made, and
/// for other ARNs the resource without region and account. Anything else stays as it is.
fn normal(target: &str) -> String {
    let Some(arn) = target.strip_prefix("arn:") else { return target.into() };
    let Some(resource) = arn.splitn(5, ':').nth(4) else { return target.into() };
    let shared = ["foundation-model/", "inference-profile/"];
    let id = shared.iter().find_map(|kind| resource.strip_prefix(kind));
    id.unwrap_or(resource).into()
}

/// A body in a form that does not depend on the order of members, on white space, on whether a
/// whole number has a point, or on accounts in ARNs. What is not JSON is compared as text.
pub(super) fn canonical(body: &Value) -> String {
    let mut out = String::new();
    write(body, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (key, value) in members {
                text(key, out);
                out.push(':');
                write(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::String(string) => text(&redact::accounts(string), out),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT => {
                // Writing to a string cannot fail.
                let _ = write!(out, "{float:.0}");
            }
            _ => out.push_str(&number.to_string()),
        },
        Value::Null | Value::Bool(_) => out.push_str(&value.to_string()),
    }
}

fn text(string: &str, out: &mut String) {
    out.push_str(&Value::from(string).to_string());
}

/// Up to here a float holds every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        let read = |text| serde_json::from_str::<Value>(text).unwrap();
        canonical(&read(one)) == canonical(&read(other))
    }

    #[test]
    fn bodies_are_compared_as_json() {
        assert!(same(r#"{"a":1,"b":[2.0,"x"]}"#, "{ \"b\" : [2, \"x\"], \"a\": 1.0 }"));
        assert!(same(r#""\u00e9""#, r#""é""#));
        assert!(same("-0.0", "-0.0") && same("1e3", "1000"));
        let accounts = [111_122_223_333_u64, 444_455_556_666];
        let [one, other] = accounts.map(|account| format!(r#""arn:aws:bedrock:x:{account}:g/1""#));
        assert!(same(&one, &other));
        for (one, other) in [("1", "1.5"), ("[1,2]", "[2,1]"), ("null", "{}"), ("\"1\"", "1")] {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn an_arn_names_what_its_resource_is() {
        let id = "amazon.nova-lite-v1:0";
        assert_eq!(normal(id), id);
        assert_eq!(normal(&format!("arn:aws:bedrock:us-east-1::foundation-model/{id}")), id);
        let profile = format!("arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.{id}");
        assert_eq!(normal(&profile), format!("eu.{id}"));
        let own = |account| format!("arn:aws:bedrock:x:{account}:application-inference-profile/q");
        assert_eq!(normal(&own("111122223333")), normal(&own("444455556666")));
        assert_ne!(normal(&own("1")), "q");
    }
}
