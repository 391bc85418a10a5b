//! The shape of OpenAI's chat completions, which many families share.

mod table;
mod wire;

use serde_json::{Map, Value};

use super::{Family, Several};
use crate::error::Refusal;
use crate::models::Model;
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::Wire;

pub(super) use self::table::{GEMMA, GLM, JAMBA, KIMI, MINIMAX, NEMOTRON, OPENAI, QWEN, WRITER};
pub(super) use self::wire::{Chat, Envelope, Thoughts};

/// A family that speaks this shape and nothing else.
pub(super) struct ChatFamily {
    name: &'static str,
    wire: &'static Chat,
    /// Its models take stop sequences.
    stops: bool,
    default_max_tokens: Option<u64>,
}

impl Family for ChatFamily {
    fn name(&self) -> &'static str {
        self.name
    }

    fn check(&self, model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
        let named = body.get("model").and_then(Value::as_str);
        if let Some(named) = named.filter(|named| !model.is(named)) {
            let what = format!("#/model: {named} is not the model of the request's path");
            return malformed(&[what]);
        }
        if !self.stops && body.contains_key("stop") {
            return malformed(&["#: extraneous key [stop] is not permitted".into()]);
        }
        check(body)
    }

    fn recognises(&self, body: &Map<String, Value>) -> bool {
        body.contains_key("messages")
    }

    fn wire(&self, _model: &str, _body: &Map<String, Value>) -> &'static dyn Wire {
        self.wire
    }

    fn asks_to_stream(&self, body: &Map<String, Value>) -> Option<bool> {
        body.get("stream")?.as_bool()
    }

    fn several(&self) -> Option<&'static Several> {
        Some(&Several { asked: "n", list: "choices" })
    }

    fn default_max_tokens(&self) -> Option<u64> {
        self.default_max_tokens
    }
}

/// The members that have one form in every dialect, the roles, and that there is something to say.
pub(super) fn check(body: &Map<String, Value>) -> Result<(), Refusal> {
    let known: Map<String, Value> = body
        .iter()
        .filter(|(key, value)| BODY.iter().any(|field| field.is(key)) && !value.is_null())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    malformed(&violations("#", &known, BODY))?;
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    if messages.is_empty() {
        return malformed(&["#/messages: expected minimum item count: 1, found: 0".into()]);
    }
    let stray = messages.iter().enumerate().find_map(|(at, message)| {
        let role = message["role"].as_str().unwrap_or_default();
        let known = ["system", "developer", "user", "assistant", "tool"].contains(&role);
        (!known).then(|| format!("#/messages/{at}/role: {role} is not a valid enum value"))
    });
    stray.map_or(Ok(()), |stray| malformed(&[stray]))
}

const BODY: &[Field] = &[
    Field::required("messages", Form::Array),
    Field::optional("max_tokens", Form::Integer(1..=u64::MAX)),
    Field::optional("max_completion_tokens", Form::Integer(1..=u64::MAX)),
    Field::optional("temperature", Form::Number(0.0..=2.0)),
    Field::optional("top_p", Form::Number(0.0..=1.0)),
    Field::optional("tools", Form::Array),
    Field::optional("n", Form::Integer(1..=16)),
    Field::optional("model", Form::Text),
    Field::optional("stream", Form::Switch),
];
