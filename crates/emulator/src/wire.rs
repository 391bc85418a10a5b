//! How an answer is written: as one reply, or as the events of a stream.

use serde_json::{Value, json};

use crate::model::{Answer, Part, Usage};

/// One form in which answers are written. Each family of models has one or two, and Converse
/// another.
pub(crate) trait Wire: Sync {
    /// The body of a unary reply.
    fn reply(&self, answer: &Answer, meta: &Meta) -> Value;

    /// The events of a stream that one step of the answer makes.
    fn step(&self, step: Step<'_>, at: At, meta: &Meta) -> Vec<Chunk>;

    /// Whether the last piece of an answer comes with its end, and not as a step of its own.
    fn keeps_last(&self) -> bool {
        false
    }

    /// Whether each piece of a block makes one event, and these differ by their text alone.
    fn repeats(&self) -> bool {
        false
    }

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

/// One thing that a model does in an answer that is written as a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'a> {
    /// It has read its input, which is counted.
    Start(Usage),
    /// It begins a block.
    Open(&'a Part),
    /// It says a piece of a block.
    Piece(&'a Part, &'a str),
    /// A block is whole.
    Close(&'a Part),
    /// The answer is whole.
    End(&'a Answer),
}

/// Where in an answer a step is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    /// The number of the block, from 0.
    pub(crate) index: u64,
    /// How many tool calls there were before the block.
    pub(crate) calls: u64,
    /// The tokens of the input.
    pub(crate) input: u64,
    /// The tokens said before the block.
    pub(crate) before: u64,
    /// The tokens said once the step is done.
    pub(crate) tokens: u64,
}

impl At {
    pub(crate) const START: Self = Self { index: 0, calls: 0, input: 0, before: 0, tokens: 0 };

    /// Whether a piece is the first of its block.
    pub(crate) const fn is_first(self) -> bool {
        self.before + 1 == self.tokens
    }
}

/// One event of a stream.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chunk {
    /// The event type of its frame.
    pub(crate) event: &'static str,
    pub(crate) value: Value,
}

impl Chunk {
    pub(crate) const fn new(event: &'static str, value: Value) -> Self {
        Self { event, value }
    }

    /// An event of InvokeModelWithResponseStream, where all have one type.
    pub(crate) const fn native(value: Value) -> Self {
        Self::new("chunk", value)
    }
}

/// Sets a member of a JSON object; what is no object stays as it is.
pub(crate) fn set(object: &mut Value, key: &str, value: impl Into<Value>) {
    if let Value::Object(members) = object {
        members.insert(key.into(), value.into());
    }
}

/// Adds a member behind the others to a JSON object that is written out. Key and text are plain:
/// nothing in them is written otherwise in JSON.
pub(crate) fn add(object: &mut String, key: &str, text: &str) {
    if object.pop() == Some('}') {
        let comma = if object.ends_with('{') { "" } else { "," };
        for part in [comma, "\"", key, "\":\"", text, "\"}"] {
            object.push_str(part);
        }
    }
}

/// The tail of the id of a tool call in the block of this number: no two calls of an answer share
/// one.
pub(crate) fn call_id(meta: &Meta, index: u64) -> String {
    match index {
        0 => meta.id.clone(),
        _ => format!("{}{index}", meta.id),
    }
}

/// A signature as models put under their reasoning: letters and digits that depend on it.
pub(crate) fn signature(meta: &Meta) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(format!("outcrop:{}", meta.id))
}
