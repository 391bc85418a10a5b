//! What a choice says: in a message, in a piece of one, or as a bare text.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use crate::Map;
use crate::error::DecodeError;
use crate::family::chat::content::decode_other;
use crate::json::{Object, elements, merge, need, string};
use crate::message::Role;
use crate::stop::{StopKind, StopReason};

/// The choices of a body or a chunk.
pub(super) struct Choices {
    /// The name under which they come.
    pub(super) key: &'static str,
    pub(super) first: Option<Choice>,
    /// The alternatives to it, as they came.
    pub(super) others: Vec<Value>,
}

/// What a choice says.
#[derive(Default)]
pub(super) struct Choice {
    pub(super) role: Option<Role>,
    pub(super) reasoning: Option<String>,
    pub(super) content: Vec<Content>,
    /// The content is a text that continues a prompt.
    pub(super) prompted: bool,
    pub(super) calls: Vec<Call>,
    pub(super) stop: Option<StopReason>,
    /// It says that there is no stop reason yet, rather than saying nothing of it.
    pub(super) goes_on: bool,
    /// Every other member.
    pub(super) rest: Map,
}

/// A piece of content.
pub(super) enum Content {
    Text(String),
    /// A part of another kind.
    Part(Map),
}

/// A tool call, or a piece of one.
pub(super) struct Call {
    /// Its number among the calls of the message.
    pub(super) number: u64,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    /// A piece of the JSON text of its arguments.
    pub(super) arguments: String,
    /// Every other member.
    pub(super) extra: Map,
}

/// Takes the choices out of a body.
pub(super) fn take_choices(body: &mut Object) -> Result<Choices, DecodeError> {
    let key = KEYS.into_iter().find(|key| body.get(key).is_some()).unwrap_or(CHOICES);
    let mut choices = Choices { key, first: None, others: Vec::new() };
    let listed = body.read(key, |list| elements(list, Object::new))?.unwrap_or_default();
    for (position, mut choice) in listed.into_iter().enumerate() {
        // Where choices have no index, their order is one.
        let index = match choice.lenient_count("index") {
            Some(index) => {
                choice.put("index", index.into());
                usize::try_from(index).unwrap_or(usize::MAX)
            }
            None => position,
        };
        if index == 0 && choices.first.is_none() {
            let read = Choice::read(choice).map_err(|error| error.at_index(position).at(key));
            choices.first = Some(read?);
        } else {
            choices.others.push(choice.rest().into());
        }
    }
    Ok(choices)
}

impl Choice {
    fn read(mut choice: Object) -> Result<Self, DecodeError> {
        let mut read = Self::default();
        choice.skip("index");
        for key in STOPS {
            read.goes_on |= choice.get(key).is_some_and(Value::is_null);
            choice.skip_null(key);
            // What stands beside a reason under the other name is something else.
            if read.stop.is_none() {
                read.stop = choice.read(key, stop_reason)?;
            }
        }
        if let Some(text) = choice.string("text")? {
            read.prompted = true;
            read.content.push(Content::Text(text));
        }
        for key in MESSAGES {
            if let Some(message) = choice.object(key)? {
                read.hear(message).map_err(|error| error.at(key))?;
            }
        }
        merge(&mut read.rest, choice.rest());
        Ok(read)
    }

    fn hear(&mut self, mut message: Object) -> Result<(), DecodeError> {
        self.role = message.read("role", Role::from_json)?;
        for key in REASONING {
            message.skip_null(key);
            match (&self.reasoning, message.text(key)) {
                (None, Some(_)) => self.reasoning = message.string(key)?,
                (Some(known), Some(again)) if known == again => message.skip(key),
                _ => {}
            }
        }
        self.content.extend(message.read("content", read_content)?.unwrap_or_default());
        let calls = message.each("tool_calls", Object::new)?;
        for (position, call) in calls.into_iter().enumerate() {
            let read = Call::read(position, call);
            self.calls.push(read.map_err(|error| error.at_index(position).at("tool_calls"))?);
        }
        merge(&mut self.rest, message.rest());
        Ok(())
    }
}

impl Call {
    fn read(position: usize, mut call: Object) -> Result<Self, DecodeError> {
        let number = call.lenient_count("index");
        let id = call.string("id")?.filter(|id| !id.is_empty());
        if call.text("type") == Some(FUNCTION) {
            call.skip("type");
        }
        let (mut name, mut arguments) = (None, String::new());
        if let Some(mut function) = call.object(FUNCTION)? {
            let given = function.string("name").map_err(|error| error.at(FUNCTION))?;
            name = given.filter(|name| !name.is_empty());
            arguments = match function.take("arguments") {
                Some(Value::String(text)) => text,
                Some(other) => other.to_string(),
                None => arguments,
            };
            let rest = function.rest();
            if !rest.is_empty() {
                call.put(FUNCTION, rest.into());
            }
        }
        let number = number.or_else(|| u64::try_from(position).ok()).unwrap_or_default();
        Ok(Self { number, id, name, arguments, extra: call.rest() })
    }
}

/// Reads a text, a part that stands alone, or parts.
fn read_content(value: Value) -> Result<Vec<Content>, DecodeError> {
    match value {
        Value::String(text) => Ok(vec![Content::Text(text)]),
        Value::Object(part) => read_part(part.into()).map(|part| vec![part]),
        parts => elements(parts, |part| read_part(Object::new(part)?)),
    }
}

fn read_part(mut part: Object) -> Result<Content, DecodeError> {
    let plain = match part.text("type") {
        Some(kind) => kind == "text" && part.len() == 2,
        None => part.len() == 1,
    };
    match part.text("text").is_some() {
        true if plain => need(part.string("text")?, "text").map(Content::Text),
        _ => decode_other(part.rest()).map(Content::Part),
    }
}

fn stop_reason(value: Value) -> Result<StopReason, DecodeError> {
    string(value).map(|word| {
        let kind = match word.as_str() {
            "stop" => StopKind::EndTurn,
            "length" => StopKind::MaxTokens,
            "tool_calls" | "function_call" => StopKind::ToolUse,
            "content_filter" => StopKind::ContentFiltered,
            "model_length" => StopKind::ModelContextWindowExceeded,
            _ => return StopReason::new(word),
        };
        StopReason::mapped(kind, word)
    })
}

const CHOICES: &str = "choices";
const FUNCTION: &str = "function";

/// The names of the list of choices; the second is that of Mistral's first models.
const KEYS: [&str; 2] = [CHOICES, "outputs"];
/// The names of what a choice says; either comes in streams.
const MESSAGES: [&str; 2] = ["delta", "message"];
/// The names of reasoning that is beside the content.
const REASONING: [&str; 2] = ["reasoning_content", "reasoning"];
/// The names of the stop reason, of which the first is OpenAI's.
const STOPS: [&str; 2] = ["finish_reason", "stop_reason"];
