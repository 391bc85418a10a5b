//! What a call asks for beside an answer, and how the answer shows it.

use hyper::HeaderMap;
use serde_json::{Map, Value, json};

use crate::constraint::{self, Constraint};
use crate::error::{Refusal, insert};
use crate::guardrail::Guardrail;
use crate::json::at;
use crate::wire::set;

/// What a call asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Options {
    pub(crate) guardrail: Option<Guardrail>,
    /// `standard` or `optimized`.
    latency: Option<String>,
    /// The service tier.
    tier: Option<String>,
    /// Members of the model's own reply that are wanted, as JSON pointers.
    pub(crate) paths: Vec<String>,
}

impl Options {
    /// Reads the members of a body of Converse, which has been checked.
    pub(super) fn of_converse(body: &Map<String, Value>) -> Result<Self, Refusal> {
        let member = |key: &str| body.get(key).unwrap_or(&Value::Null);
        let word = |value: &Value| value.as_str().map(str::to_owned);
        let paths = member("additionalModelResponseFieldPaths").as_array();
        Ok(Self {
            guardrail: Guardrail::in_config(member("guardrailConfig"))?,
            latency: word(&member("performanceConfig")["latency"]),
            tier: word(&member("serviceTier")["type"]),
            paths: paths.into_iter().flatten().filter_map(word).collect(),
        })
    }

    /// Reads the headers of InvokeModel.
    pub(super) fn of_invoke(
        headers: &HeaderMap,
        body: &Map<String, Value>,
    ) -> Result<Self, Refusal> {
        let header = |name| headers.get(name)?.to_str().ok().map(str::to_owned);
        let guardrail = Guardrail::in_headers(headers)?;
        if guardrail.is_none() && body.contains_key("amazon-bedrock-guardrailConfig") {
            return Err(Refusal::validation(
                "amazon-bedrock-guardrailConfig is in the body, and no guardrail is in the \
                 headers.",
            ));
        }
        let options =
            Self { guardrail, latency: header(LATENCY), tier: header(TIER), paths: vec![] };
        options.check()?;
        Ok(options)
    }

    /// The words in the headers are among those known. Those in a body are checked with it.
    fn check(&self) -> Result<(), Refusal> {
        let known: [(_, _, &[&str]); 2] = [
            (&self.latency, "performanceConfigLatency", LATENCIES),
            (&self.tier, "serviceTier", TIERS),
        ];
        for (given, place, words) in known {
            if let Some(given) = given.as_deref().filter(|given| !words.contains(given)) {
                return Err(constraint::invalid(place, given, Constraint::OneOf(words)));
            }
        }
        Ok(())
    }

    /// Says in a reply of Converse, or the last event of its stream, what was served.
    pub(crate) fn served(&self, body: &mut Value) {
        if let Some(latency) = &self.latency {
            set(body, "performanceConfig", json!({ "latency": latency }));
        }
        if let Some(tier) = &self.tier {
            set(body, "serviceTier", json!({ "type": tier }));
        }
    }

    /// Says in the headers of InvokeModel what was served.
    pub(crate) fn served_in(&self, headers: &mut HeaderMap) {
        for (name, value) in [(LATENCY, &self.latency), (TIER, &self.tier)] {
            if let Some(value) = value {
                insert(headers, name, value);
            }
        }
    }

    /// The members of the model's own reply that are wanted; `None` where none is there. A stream
    /// leaves out those that are null.
    pub(crate) fn fields(&self, own: &Value, streaming: bool) -> Option<Value> {
        let mut fields = json!({});
        let is_there =
            |path: &&String| own.pointer(path).is_some_and(|value| !(streaming && value.is_null()));
        for path in self.paths.iter().filter(is_there) {
            put(&mut fields, path.split('/').skip(1), at(own, path));
        }
        fields.as_object().is_some_and(|fields| !fields.is_empty()).then_some(fields)
    }
}

/// Sets a member of members, which are made on the way.
fn put<'a>(into: &mut Value, mut path: impl Iterator<Item = &'a str>, value: &Value) {
    let Some(key) = path.next() else {
        *into = value.clone();
        return;
    };
    if !into.is_object() {
        *into = json!({});
    }
    if let Some(members) = into.as_object_mut() {
        put(members.entry(key).or_insert(Value::Null), path, value);
    }
}

/// The speeds that can be asked for.
pub(crate) const LATENCIES: &[&str] = &["standard", "optimized"];
/// The tiers that can be asked for.
pub(crate) const TIERS: &[&str] = &["priority", "default", "flex", "reserved"];
const LATENCY: &str = "x-amzn-bedrock-performanceconfig-latency";
const TIER: &str = "x-amzn-bedrock-service-tier";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_the_place_that_they_have_in_the_model_s_reply() {
        let own = json!({ "stop_sequence": null, "usage": { "a": 1, "b": 2 }, "x": [7] });
        let fields = |paths: &[&str]| {
            let paths = paths.iter().map(|path| (*path).to_owned()).collect();
            Options { paths, ..Options::default() }.fields(&own, false)
        };
        assert_eq!(fields(&["/stop_sequence"]), Some(json!({ "stop_sequence": null })));
        let two = json!({ "usage": { "b": 2 }, "x": { "0": 7 } });
        assert_eq!(fields(&["/usage/b", "/x/0", "/none"]), Some(two));
        assert_eq!(fields(&["test", "/none"]), None);
        assert_eq!(fields(&[]), None);
        let options = Options { paths: vec!["/stop_sequence".into()], ..Options::default() };
        assert_eq!(options.fields(&own, true), None);
    }
}
