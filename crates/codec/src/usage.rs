//! Token counts: four counters, and where they were read.

use core::num::NonZeroU64;

use serde_json::Value;

use crate::Map;
use crate::error::DecodeError;
use crate::json::{Members, Object, count, need, serde_by_json};

/// Tokens read and written for one reply.
///
/// The four counters do not overlap: `input_tokens` excludes what the cache gave or took.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Usage {
    /// Input tokens, without those of the cache.
    pub input_tokens: u64,
    /// Output tokens.
    pub output_tokens: u64,
    /// Input tokens read from the cache; `None` where the service does not say.
    pub cache_read_input_tokens: Option<u64>,
    /// Input tokens written to the cache; `None` where the service does not say.
    pub cache_write_input_tokens: Option<u64>,
    /// Where the counts were read.
    pub source: UsageSource,
    /// Every other member of the usage object.
    pub extra: Map,
}

/// Where token counts were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsageSource {
    /// The reply's body, or an event of its stream.
    Body,
    /// The `X-Amzn-Bedrock-…-Token-Count` headers.
    Headers,
    /// The `amazon-bedrock-invocationMetrics` of the last chunk of a stream.
    Trailer,
}

impl Usage {
    /// Counts that came in a body, without cache tokens.
    pub fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Self {
            input_tokens,
            output_tokens,
            cache_read_input_tokens: None,
            cache_write_input_tokens: None,
            source: UsageSource::Body,
            extra: Map::new(),
        }
    }

    /// The sum of the four counters, which is Converse's `totalTokens`.
    pub fn total(&self) -> u64 {
        self.input_tokens
            .saturating_add(self.output_tokens)
            .saturating_add(self.cache_read_input_tokens.unwrap_or(0))
            .saturating_add(self.cache_write_input_tokens.unwrap_or(0))
    }

    /// All tokens of the prompt: new ones, and those that the cache gave or took.
    pub fn total_prompt(&self) -> u64 {
        self.total().saturating_sub(self.output_tokens)
    }

    /// All tokens that have a price, which is each counter at a rate of its own. Cache reads are
    /// among them, although no quota counts them.
    pub fn billable(&self) -> u64 {
        self.total()
    }

    /// What the reply counts against the tokens-per-minute quota once it is settled: input, cache
    /// writes, and output times the model's burndown rate. Cache reads are free.
    ///
    /// [`catalog::burndown`](crate::catalog::burndown) has the rate.
    pub fn quota_charge(&self, burndown: NonZeroU64) -> u64 {
        self.input_tokens
            .saturating_add(self.cache_write_input_tokens.unwrap_or(0))
            .saturating_add(self.output_tokens.saturating_mul(burndown.get()))
    }

    /// Its Converse JSON.
    pub fn to_json(&self) -> Value {
        let mut map = Map::new();
        map.set("inputTokens", self.input_tokens);
        map.set("outputTokens", self.output_tokens);
        map.set("totalTokens", self.total());
        map.set_some("cacheReadInputTokens", self.cache_read_input_tokens);
        map.set_some("cacheWriteInputTokens", self.cache_write_input_tokens);
        map.extend(self.extra.clone());
        Value::Object(map)
    }

    /// Reads Converse JSON. Numbers may be floats or strings.
    ///
    /// A `totalTokens` that is not the sum of the counters is kept in `extra`.
    ///
    /// # Errors
    ///
    /// Where the value is not an object, or lacks the input or output count.
    pub fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let input = need(object.count("inputTokens")?, "inputTokens")?;
        let output = need(object.count("outputTokens")?, "outputTokens")?;
        let mut usage = Self::new(input, output);
        usage.cache_read_input_tokens = object.count("cacheReadInputTokens")?;
        usage.cache_write_input_tokens = object.count("cacheWriteInputTokens")?;
        if let Some(total) = object.take("totalTokens")
            && count(&total) != Some(usage.total())
        {
            object.put("totalTokens", total);
        }
        usage.extra = object.rest();
        Ok(usage)
    }

    /// Takes the counts for input and output, under these names. `None`, and nothing taken, where
    /// one is missing or cannot be understood.
    pub(crate) fn take_pair(object: &mut Object, input: &str, output: &str) -> Option<Self> {
        if !object.has_count(input) || !object.has_count(output) {
            return None;
        }
        Some(Self::new(object.lenient_count(input)?, object.lenient_count(output)?))
    }

    /// Takes the counts for input, output, cache reads and cache writes, under these names. `None`
    /// where input or output is missing or cannot be understood.
    pub(crate) fn take_members(
        object: &mut Object,
        [input, output, read, write]: [&str; 4],
        source: UsageSource,
    ) -> Option<Self> {
        let mut usage = Self::take_pair(object, input, output)?;
        usage.cache_read_input_tokens = object.lenient_count(read);
        usage.cache_write_input_tokens = object.lenient_count(write);
        usage.source = source;
        Some(usage)
    }

    /// Reads usage from `object[key]`. Counts that cannot be understood are no reason to lose a
    /// reply: they stay in the object as they came, and there is no usage.
    pub(crate) fn take(
        object: &mut Object,
        key: &str,
        read: impl FnOnce(Value) -> Result<Self, DecodeError>,
    ) -> Option<Self> {
        let value = object.take(key)?;
        match read(value.clone()) {
            Ok(usage) => Some(usage),
            Err(_) => {
                object.put(key, value);
                None
            }
        }
    }
}

serde_by_json!(Usage);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_count_each_counter_as_its_use_demands() {
        let mut usage = Usage::new(3, 7);
        usage.cache_read_input_tokens = Some(100);
        usage.cache_write_input_tokens = Some(50);
        let charge = usage.quota_charge(NonZeroU64::new(5).unwrap());
        assert_eq!((usage.total_prompt(), usage.billable(), charge), (153, 160, 3 + 50 + 35));
    }
}
