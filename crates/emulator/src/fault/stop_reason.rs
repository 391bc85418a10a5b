//! Another stop reason than the model's.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::change;
use super::effect::{Act, Stage};
use super::frames::Tried;
use crate::body::Response;

/// The stop reason to state, in the words of Converse.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct StopReason(String);

#[async_trait]
impl Act for StopReason {
    fn name(&self) -> &'static str {
        "stop_reason"
    }

    fn stage(&self) -> Stage {
        Stage::Answer
    }

    async fn after(&self, response: Response, _model: &str) -> Tried {
        let reason = self.clone();
        change::apply(response, move |value| state(value, &reason)).await
    }
}

/// Whether a stop reason is stated.
pub(super) fn is_stated(value: &Value) -> bool {
    change::any_object(&mut value.clone(), &mut |members| slot(members).is_some())
}

/// Puts this reason in place of the one that is stated, and tells whether there was one.
pub(super) fn state(value: &mut Value, StopReason(reason): &StopReason) -> bool {
    change::any_object(value, &mut |members| match slot(members) {
        Some(stated) => {
            *stated = translate(reason, stated).into();
            true
        }
        None => false,
    })
}

/// The text of a stop reason among the members of an object.
fn slot(members: &mut Map<String, Value>) -> Option<&mut String> {
    let key =
        KEYS.into_iter().find(|key| members.get(*key).is_some_and(|value| !value.is_null()))?;
    match members.get_mut(key)? {
        Value::String(reason) => Some(reason),
        Value::Object(inner) => match inner.get_mut("reason")? {
            Value::String(reason) => Some(reason),
            _ => None,
        },
        _ => None,
    }
}

/// The reason in the vocabulary of the one that it stands in for.
fn translate<'a>(reason: &'a str, stated: &str) -> &'a str {
    let has = |words: &[(&str, &str)]| words.iter().any(|(_, word)| *word == stated);
    let words = VOCABULARIES.into_iter().find(|words| has(words)).unwrap_or_default();
    words.iter().find(|(ours, _)| *ours == reason).map_or(reason, |(_, theirs)| theirs)
}

/// Where families state why they stopped.
const KEYS: [&str; 5] =
    ["stopReason", "stop_reason", "finish_reason", "finishReason", "completionReason"];

/// The words of Converse, each with another family's.
const VOCABULARIES: [&[(&str, &str)]; 4] = [
    &[("end_turn", "stop"), ("max_tokens", "length"), ("tool_use", "tool_calls")],
    &[("end_turn", "COMPLETE"), ("max_tokens", "MAX_TOKENS")],
    &[("end_turn", "FINISH"), ("max_tokens", "LENGTH")],
    &[("end_turn", "endoftext"), ("max_tokens", "length")],
];

impl From<&str> for StopReason {
    fn from(reason: &str) -> Self {
        Self(reason.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_family_s_reason_is_found_and_put_into_its_words() {
        for (before, after) in [
            (json!({ "stopReason": "end_turn" }), json!({ "stopReason": "max_tokens" })),
            (
                json!({ "type": "message_delta", "delta": { "stop_reason": "tool_use" } }),
                json!({ "type": "message_delta", "delta": { "stop_reason": "max_tokens" } }),
            ),
            (
                json!({ "messageStop": { "stopReason": "end_turn" } }),
                json!({ "messageStop": { "stopReason": "max_tokens" } }),
            ),
            (
                json!({ "choices": [{ "finish_reason": "tool_calls" }] }),
                json!({ "choices": [{ "finish_reason": "length" }] }),
            ),
            (
                json!({ "generations": [{ "finish_reason": "COMPLETE" }] }),
                json!({ "generations": [{ "finish_reason": "MAX_TOKENS" }] }),
            ),
            (
                json!({ "results": [{ "completionReason": "FINISH" }] }),
                json!({ "results": [{ "completionReason": "LENGTH" }] }),
            ),
            (
                json!({ "completions": [{ "finishReason": { "reason": "endoftext" } }] }),
                json!({ "completions": [{ "finishReason": { "reason": "length" } }] }),
            ),
        ] {
            let mut value = before.clone();
            assert!(is_stated(&value));
            assert!(state(&mut value, &"max_tokens".into()), "{before}");
            assert_eq!(value, after);
        }
    }

    #[test]
    fn what_states_none_stays_as_it_is() {
        for value in [
            json!({ "message": { "stop_reason": null } }),
            json!({ "content": [{ "type": "tool_use", "input": { "stopReason": "fire" } }] }),
            json!(["stopReason"]),
        ] {
            let mut changed = value.clone();
            assert!(!state(&mut changed, &"max_tokens".into()));
            assert_eq!(changed, value);
        }
    }

    #[test]
    fn a_reason_that_is_in_no_vocabulary_is_stated_as_it_is() {
        let mut value = json!({ "finish_reason": "stop" });
        state(&mut value, &"model_context_window_exceeded".into());
        assert_eq!(value["finish_reason"], "model_context_window_exceeded");
    }
}
