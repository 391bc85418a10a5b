//! What a model is asked.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use crate::Map;
use crate::block::Block;
use crate::converse;
use crate::error::DecodeError;
use crate::json::{Members, Object, merge, serde_by_json};
use crate::message::Message;
use crate::tools::ToolConfig;

/// A request: messages, or a raw prompt for families that take one, and how to answer.
///
/// # Examples
///
/// ```
/// use outcrop_codec::{self as codec, Api, ModelRef, Request};
///
/// let model = ModelRef::parse("us.amazon.nova-lite-v1:0")?;
/// let request = Request::user("Name three rivers.").with_max_tokens(100);
/// let body = codec::encode(&model, Api::Invoke, &request)?;
/// assert_eq!(codec::decode_request(&model, Api::Invoke, &body)?, request);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// A raw prompt, sent verbatim. Only prompt-only families take it, and then without messages.
    pub prompt: Option<String>,
    /// The conversation.
    pub messages: Vec<Message>,
    /// Instructions to the model: text, guarded text and cache points.
    pub system: Vec<Block>,
    /// Limits and sampling.
    pub inference: Inference,
    /// The tools that the model may call.
    pub tools: Option<ToolConfig>,
    /// Every other member of a Converse request, such as `additionalModelRequestFields`,
    /// `guardrailConfig` or `serviceTier`.
    pub fields: Map,
    /// The escape hatch: members merged last into the encoded body. One that is there already is
    /// an error.
    pub extra: Map,
}

/// Limits and sampling. What is absent is left to the model.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Inference {
    /// The most tokens to generate. Where a family's payload must have a limit and this is absent,
    /// [`Capabilities::default_max_tokens`](crate::Capabilities::default_max_tokens) is written.
    pub max_tokens: Option<u32>,
    /// The randomness, from 0 to 1.
    pub temperature: Option<f64>,
    /// The share of likely tokens to draw from, from 0 to 1.
    pub top_p: Option<f64>,
    /// Texts at which to stop.
    pub stop_sequences: Vec<String>,
    /// Every other member of `inferenceConfig`, such as Nova's `topK`.
    pub extra: Map,
}

impl Request {
    /// A request of one user message.
    #[must_use]
    pub fn user(text: impl Into<String>) -> Self {
        Self::new(vec![Message::user(text)])
    }

    /// A request of these messages.
    #[must_use]
    pub fn new(messages: Vec<Message>) -> Self {
        Self { messages, ..Self::default() }
    }

    /// A raw prompt, which prompt-only families take verbatim.
    #[must_use]
    pub fn prompt(raw: impl Into<String>) -> Self {
        Self { prompt: Some(raw.into()), ..Self::default() }
    }

    /// Adds a system text.
    #[must_use]
    pub fn with_system(mut self, text: impl Into<String>) -> Self {
        self.system.push(Block::text(text));
        self
    }

    /// Adds a message.
    #[must_use]
    pub fn with_message(mut self, message: Message) -> Self {
        self.messages.push(message);
        self
    }

    /// Sets the most tokens to generate.
    #[must_use]
    pub fn with_max_tokens(mut self, max_tokens: u32) -> Self {
        self.inference.max_tokens = Some(max_tokens);
        self
    }

    /// Sets the randomness, from 0 to 1.
    #[must_use]
    pub fn with_temperature(mut self, temperature: f64) -> Self {
        self.inference.temperature = Some(temperature);
        self
    }

    /// Sets the share of likely tokens to draw from, from 0 to 1.
    #[must_use]
    pub fn with_top_p(mut self, top_p: f64) -> Self {
        self.inference.top_p = Some(top_p);
        self
    }

    /// Adds a text at which to stop.
    #[must_use]
    pub fn with_stop_sequence(mut self, text: impl Into<String>) -> Self {
        self.inference.stop_sequences.push(text.into());
        self
    }

    /// Sets the tools.
    #[must_use]
    pub fn with_tools(mut self, tools: ToolConfig) -> Self {
        self.tools = Some(tools);
        self
    }

    /// Sets another member of the Converse request, such as `additionalModelRequestFields`.
    #[must_use]
    pub fn with_field(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.fields.insert(key.into(), value.into());
        self
    }

    /// Sets a member to be merged last into the encoded body.
    #[must_use]
    pub fn with_extra(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(key.into(), value.into());
        self
    }

    /// Its JSON: a Converse request body, with a raw prompt as the member `prompt`.
    ///
    /// Unlike [`encode`](crate::encode) it refuses nothing: a tool call that was cut off is written
    /// as `incompleteToolUse`. The members of `extra` are joined to the rest.
    pub fn to_json(&self) -> Value {
        let mut body = converse::request::write(self);
        body.set_some(PROMPT, self.prompt.as_deref());
        merge(&mut body, self.extra.clone());
        Value::Object(body)
    }

    /// Reads what [`Request::to_json`] writes.
    ///
    /// # Errors
    ///
    /// Where a member has another shape than Converse gives it.
    pub fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let prompt = object.string(PROMPT)?;
        let mut request = converse::request::decode(object.rest().into())?;
        request.prompt = prompt;
        Ok(request)
    }

    /// Reads a Converse request body.
    ///
    /// # Errors
    ///
    /// Where the bytes are not JSON, or a member has another shape than Converse gives it.
    pub fn from_converse(body: &[u8]) -> Result<Self, DecodeError> {
        converse::request::decode(serde_json::from_slice(body)?)
    }
}

serde_by_json!(Request);

const PROMPT: &str = "prompt";
