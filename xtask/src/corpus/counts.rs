//! Counts of tokens, read from raw JSON and headers wherever a family puts them.

use serde_json::{Map, Value};

use super::case::Case;
use super::said::Counts;

/// The counts of a whole body, and where it has none, those of the headers.
pub(crate) fn of_reply(case: &Case) -> Option<Counts> {
    let body = &case.response;
    of_members(&body["usage"], USAGE)
        .or_else(|| pair(&body["inputTextTokenCount"], &body["results"][0]["tokenCount"]))
        .or_else(|| of_members(body, LLAMA))
        .or_else(|| of_headers(case))
}

/// The counts that one or more chunks of a stream have given; later ones replace earlier ones.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    own: Map<String, Value>,
    trailer: Value,
}

impl Tally {
    /// Notes what a chunk or an event counts.
    pub(crate) fn note(&mut self, chunk: &Value) {
        let places = [&chunk["usage"], &chunk["message"]["usage"], &chunk["metadata"]["usage"]];
        for usage in places.into_iter().chain([chunk]).filter_map(Value::as_object) {
            let counts = usage.iter().filter(|(_, value)| number(value).is_some());
            self.own.extend(counts.map(|(key, value)| (key.clone(), value.clone())));
        }
        if let Some(trailer) = chunk.get("amazon-bedrock-invocationMetrics") {
            self.trailer = trailer.clone();
        }
    }

    /// The counts of the trailer, in which old ones lack the cache, and else the family's own.
    pub(crate) fn counts(self) -> Option<Counts> {
        let own = Value::Object(self.own);
        let own = [USAGE, TITAN_STREAM, LLAMA].iter().find_map(|names| of_members(&own, names));
        let Some(mut counts) = of_members(&self.trailer, TRAILER) else { return own };
        if let Some(own) = own {
            counts.cache_read = counts.cache_read.or(own.cache_read);
            counts.cache_write = counts.cache_write.or(own.cache_write);
        }
        Some(counts)
    }
}

fn of_headers(case: &Case) -> Option<Counts> {
    let count = |name: &str| {
        case.header(&format!("x-amzn-bedrock-{name}-token-count"))?.trim().parse().ok()
    };
    Some(Counts {
        input: count("input")?,
        output: count("output")?,
        cache_read: count("cache-read-input"),
        cache_write: count("cache-write-input"),
    })
}

/// The names of input, output, cache reads and cache writes, each in its spellings.
type Names = [&'static [&'static str]; 4];

fn of_members(object: &Value, [input, output, read, write]: &Names) -> Option<Counts> {
    let find = |names: &[&str]| names.iter().find_map(|name| number(object.get(name)?));
    Some(Counts {
        input: find(input)?,
        output: find(output)?,
        cache_read: find(read),
        cache_write: find(write),
    })
}

fn pair(input: &Value, output: &Value) -> Option<Counts> {
    let (input, output) = (number(input)?, number(output)?);
    Some(Counts { input, output, cache_read: None, cache_write: None })
}

/// Guardrails turn integers into floats.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().map(|number| number as u64))
}

const USAGE: &Names = &[
    &["inputTokens", "input_tokens", "prompt_tokens"],
    &["outputTokens", "output_tokens", "completion_tokens"],
    &["cacheReadInputTokens", "cacheReadInputTokenCount", "cache_read_input_tokens"],
    &["cacheWriteInputTokens", "cacheWriteInputTokenCount", "cache_creation_input_tokens"],
];
const LLAMA: &Names = &[&["prompt_token_count"], &["generation_token_count"], &[], &[]];
const TITAN_STREAM: &Names = &[&["inputTextTokenCount"], &["totalOutputTextTokenCount"], &[], &[]];
const TRAILER: &Names = &[
    &["inputTokenCount"],
    &["outputTokenCount"],
    &["cacheReadInputTokenCount"],
    &["cacheWriteInputTokenCount"],
];
