//! Other token counts than the model's.

use async_trait::async_trait;
use hyper::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::change;
use super::effect::{Act, Stage};
use super::frames::Tried;
use crate::body::Response;
use crate::error::insert;

/// The counts to state; those that are not given stay as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Counters {
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
}

#[async_trait]
impl Act for Counters {
    fn name(&self) -> &'static str {
        "usage"
    }

    fn stage(&self) -> Stage {
        Stage::Answer
    }

    async fn after(&self, response: Response, _model: &str) -> Tried {
        let counters = *self;
        let mut tried = change::apply(response, move |value| counters.state(value)).await;
        if let Tried::Struck(response) = &mut tried {
            self.head(response.headers_mut());
        }
        tried
    }
}

impl Counters {
    fn state(&self, value: &mut Value) -> bool {
        change::any_object(value, &mut |members| self.set(members))
    }

    fn set(&self, members: &mut Map<String, Value>) -> bool {
        let mut changed = false;
        for (count, names) in self.rows() {
            for name in names {
                if let (Some(stated), Some(count)) = (counter(members, name), count) {
                    *stated = count.into();
                    changed = true;
                }
            }
        }
        if changed {
            let known = NAMES.into_iter().flatten().filter_map(|name| members.get(*name)?.as_u64());
            let sum: u64 = known.fold(0, u64::saturating_add);
            for name in TOTALS {
                if let Some(total) = counter(members, name) {
                    *total = sum.into();
                }
            }
        }
        changed
    }

    /// The counters that InvokeModel puts into headers.
    fn head(&self, headers: &mut HeaderMap) {
        for ((count, _), name) in self.rows().into_iter().zip(HEADERS) {
            if let (true, Some(count)) = (headers.contains_key(name), count) {
                insert(headers, name, &count.to_string());
            }
        }
    }

    /// Each counter with the names that it has.
    fn rows(&self) -> [(Option<u64>, &'static [&'static str]); 4] {
        let [input, output, read, write] = NAMES;
        [
            (self.input, input),
            (self.output, output),
            (self.cache_read, read),
            (self.cache_write, write),
        ]
    }
}

/// A count among the members of an object.
fn counter<'a>(members: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Value> {
    members.get_mut(name).filter(|value| value.is_number())
}

/// What families call tokens of input and of output, and those read from and written to a cache.
const NAMES: [&[&str]; 4] = [
    &[
        "inputTokens",
        "input_tokens",
        "inputTokenCount",
        "inputTextTokenCount",
        "prompt_tokens",
        "prompt_token_count",
    ],
    &[
        "outputTokens",
        "output_tokens",
        "outputTokenCount",
        "totalOutputTextTokenCount",
        "completion_tokens",
        "generation_token_count",
    ],
    &["cacheReadInputTokens", "cacheReadInputTokenCount", "cache_read_input_tokens"],
    &["cacheWriteInputTokens", "cacheWriteInputTokenCount", "cache_creation_input_tokens"],
];

const TOTALS: [&str; 2] = ["totalTokens", "total_tokens"];

const HEADERS: [&str; 4] = [
    "x-amzn-bedrock-input-token-count",
    "x-amzn-bedrock-output-token-count",
    "x-amzn-bedrock-cache-read-input-token-count",
    "x-amzn-bedrock-cache-write-input-token-count",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_family_s_counts_are_found_and_added_up() {
        let counters =
            Counters { input: Some(3), cache_read: Some(100), cache_write: Some(50), output: None };
        for (before, after) in [
            (
                json!({ "usage": { "inputTokens": 8, "outputTokens": 2, "totalTokens": 10,
                    "cacheReadInputTokens": 0, "cacheWriteInputTokens": 0 } }),
                json!({ "usage": { "inputTokens": 3, "outputTokens": 2, "totalTokens": 155,
                    "cacheReadInputTokens": 100, "cacheWriteInputTokens": 50 } }),
            ),
            (
                json!({ "message": { "usage": { "input_tokens": 8, "output_tokens": 1,
                    "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0 } } }),
                json!({ "message": { "usage": { "input_tokens": 3, "output_tokens": 1,
                    "cache_read_input_tokens": 100, "cache_creation_input_tokens": 50 } } }),
            ),
            (
                json!({ "usage": { "prompt_tokens": 8, "completion_tokens": 2, "total_tokens": 10 } }),
                json!({ "usage": { "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 } }),
            ),
        ] {
            let mut value = before;
            assert!(counters.state(&mut value));
            assert_eq!(value, after);
        }
        assert!(!counters.state(&mut json!({ "input": { "inputTokens": 1 }, "inputTokens": "x" })));
    }
}
