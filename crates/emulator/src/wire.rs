//! How an answer is written: as one reply, or as the events of a stream.

use serde_json::{Value, json};

use crate::model::{Answer, Part, Usage};

/// One form in which answers are written. Each family of models has one or two, and Converse
/// another.
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
            "inputTokenCount": metrics.usage.input,
            "outputTokenCount": metrics.usage.output,
            "invocationLatency": metrics.latency_ms,
            "firstByteLatency": metrics.first_byte_ms,
        });
        if self.caches() {
            set(&mut trailer, "cacheReadInputTokenCount", metrics.usage.cache_read);
            set(&mut trailer, "cacheWriteInputTokenCount", metrics.usage.cache_write);
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
    /// Seconds since 1970.
    pub(crate) created: i64,
    /// What a family repeats of the request.
    pub(crate) echo: Value,
    /// From the call to this reply.
    pub(crate) latency_ms: u64,
}

/// What was counted and measured over a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Metrics {
    pub(crate) usage: Usage,
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

/// The events of a stream, written as they are asked for: an open stream holds only its words.
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

/// The pieces of a block behind `before` tokens, each with the tokens said when it is out.
pub(crate) fn counted(
    before: u64,
    pieces: Vec<String>,
) -> impl Iterator<Item = (u64, String)> + Send {
    (before + 1..).zip(pieces)
}

/// The blocks of an answer, each with its index and the tokens said before it.
pub(crate) fn blocks(parts: Vec<Part>) -> impl Iterator<Item = (u64, u64, Part)> + Send {
    let mut said = 0;
    (0..).zip(parts).map(move |(index, part)| {
        let before = said;
        said += part.tokens();
        (index, before, part)
    })
}

/// A signature as models put under their reasoning: letters and digits that depend on it.
pub(crate) fn signature(meta: &Meta) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(format!("outcrop:{}", meta.id))
}
