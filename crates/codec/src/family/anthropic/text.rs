//! Text completions, which the first Claude models take: a prompt in which the turns are marked.

use alloc::string::String;

use serde_json::Value;

use super::{DEFAULT_MAX_TOKENS, NAME};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::family::params::Params;
use crate::family::prompt::Limits;
use crate::family::speech::Keys;
use crate::invoke::{add_fields, keep_fields};
use crate::json::{Object, need, single, string};
use crate::message::Role;
use crate::model::ModelRef;
use crate::request::Request;
use crate::stop::{StopKind, StopReason};

/// Whether a request goes to the model as a prompt.
///
/// The first models take messages too, but only a request that names a version of that format
/// says that it wants them. A model whose name is hidden is taken to want what it is given.
pub(super) fn is_wanted(model: &ModelRef, request: &Request) -> bool {
    match model.model() {
        Some(model) if !is_first(model) => false,
        Some(_) => request.prompt.is_some() || !names_version(request),
        None => request.prompt.is_some(),
    }
}

/// Whether a model of this name takes text completions.
pub(super) fn is_first(model: &str) -> bool {
    FIRST.iter().any(|first| model.starts_with(first))
}

/// Whether the body is one of a text completion.
pub(super) fn is_in(body: &Object) -> bool {
    body.get(PROMPT).is_some() && body.get("messages").is_none()
}

pub(super) fn encode(request: &Request) -> Result<Map, EncodeError> {
    LIMITS.refuse_tools(request)?;
    let mut body = match LIMITS.raw(request)? {
        Some(raw) => single(PROMPT, raw),
        None => single(PROMPT, write_prompt(request)?),
    };
    PARAMS.write(&request.inference, &mut body)?;
    body.entry(PARAMS.max_tokens).or_insert_with(|| DEFAULT_MAX_TOKENS.into());
    add_fields(&mut body, request, NAME)?;
    Ok(body)
}

/// The system text, and the turns behind their marks; the last mark is for the model to go on.
fn write_prompt(request: &Request) -> Result<String, EncodeError> {
    let mut prompt = LIMITS.system(request)?.unwrap_or_default();
    for (index, turn) in LIMITS.turns(request)?.iter().enumerate() {
        let mark = match (&turn.role, index % 2) {
            (Role::User, 0) => HUMAN,
            (Role::Assistant, 1) => ASSISTANT,
            _ => return Err(LIMITS.strange_role(index)),
        };
        prompt.extend([mark, " ", &turn.text]);
    }
    prompt.push_str(ASSISTANT);
    Ok(prompt)
}

pub(super) fn decode(mut body: Object) -> Result<Request, DecodeError> {
    let mut request = Request::prompt(need(body.string(PROMPT)?, PROMPT)?);
    request.inference = PARAMS.read(&mut body)?;
    keep_fields(&mut request, body.rest());
    Ok(request)
}

/// Takes the stop reason. That the model left the word to the user is the end of its turn, and so
/// is a stop sequence that is not named.
pub(super) fn take_stop(from: &mut Object) -> Result<Option<StopReason>, DecodeError> {
    let word = from.read("stop_reason", string)?;
    let ended =
        matches!(from.get("stop"), None | Some(Value::Null)) || from.text("stop") == Some(HUMAN);
    Ok(word.map(|word| match word.as_str() {
        "stop_sequence" if ended => StopReason::mapped(StopKind::EndTurn, word),
        _ => StopReason::new(word),
    }))
}

fn names_version(request: &Request) -> bool {
    let fields = request.fields.get("additionalModelRequestFields");
    fields.is_some_and(|fields| fields.get(super::VERSION).is_some())
}

pub(super) const CHUNK: Keys =
    Keys { text: COMPLETION, take_stop, counts: None, blocked_is_counted: false };

pub(super) const COMPLETION: &str = "completion";

/// What the names of the models begin with.
const FIRST: &[&str] = &["claude-v1", "claude-v2", "claude-instant"];

const LIMITS: Limits = Limits { format: NAME, tokens: &[HUMAN, ASSISTANT], image: None };

const PARAMS: Params = Params {
    format: NAME,
    max_tokens: "max_tokens_to_sample",
    temperature: "temperature",
    top_p: "top_p",
    stop_sequences: "stop_sequences",
};

const ASSISTANT: &str = "\n\nAssistant:";
const HUMAN: &str = "\n\nHuman:";
const PROMPT: &str = "prompt";
