//! How an answer is written: as one reply, or as the events of a stream.

use serde_json::{Value, json};

use crate::model::Answer;

/// One form in which answers are written. Each family of models has one, and Converse another.
pub(crate) trait Wire: Sync {
    /// The body of a unary reply.
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value;

    /// The events of a stream, in order.
    fn stream(&self, answer: Answer, meta: &Meta) -> Chunks;

    /// Whether the counters of this form include cached tokens.
    fn caches(&self) -> bool {
        false
    }

    /// Adds to the last event of a stream what is known only when it is sent.
    fn close(&self, last: &mut Value, metrics: &Metrics) {
        let mut trailer = json!({
            "inputTokenCount": metrics.input_tokens,
            "outputTokenCount": metrics.output_tokens,
            "invocationLatency": metrics.latency_ms,
            "firstByteLatency": metrics.first_byte_ms,
        });
        if self.caches() {
            set(&mut trailer, "cacheReadInputTokenCount", 0);
            set(&mut trailer, "cacheWriteInputTokenCount", 0);
        }
        set(last, "amazon-bedrock-invocationMetrics", trailer);
    }
}

/// What a reply says besides the answer.
#[derive(Debug, Clone)]
pub(crate) struct Meta {
    /// The model id without its region prefix.
    pub(crate) model: String,
    /// Letters and digits, different for each call: the tail of message and tool ids.
    pub(crate) id: String,
    /// From the call to this reply.
    pub(crate) latency_ms: u64,
}

/// What was counted and measured over a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Metrics {
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) latency_ms: u64,
    pub(crate) first_byte_ms: u64,
}

/// One event of a stream.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chunk {
    /// The event type of its frame.
    pub(crate) event: &'static str,
    pub(crate) value: Value,
    /// How many tokens the model has said once this event is out.
    pub(crate) tokens: u64,
}

pub(crate) type Chunks = Box<dyn Iterator<Item = Chunk> + Send>;

impl Chunk {
    pub(crate) const fn new(event: &'static str, tokens: u64, value: Value) -> Self {
        Self { event, value, tokens }
    }

    /// An event of InvokeModelWithResponseStream, where all have one type.
    pub(crate) const fn native(tokens: u64, value: Value) -> Self {
        Self::new("chunk", tokens, value)
    }
}

/// Sets a member of a JSON object; what is no object stays as it is.
pub(crate) fn set(object: &mut Value, key: &str, value: impl Into<Value>) {
    if let Value::Object(members) = object {
        members.insert(key.into(), value.into());
    }
}

/// The pieces of a block, each with the number of tokens said when it is out.
pub(crate) fn counted(pieces: Vec<String>) -> impl Iterator<Item = (u64, String)> + Send {
    (1..).zip(pieces)
}
