//! Requests made to fit: what a format cannot express is left out, with a warning for each part.

mod path;
#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde_json::Value;

use self::path::{Original, Step, steps, value_at};
use crate::capability::Capability;
use crate::error::EncodeError;
use crate::format::{Api, encode, finite};
use crate::json::single;
use crate::model::ModelRef;
use crate::request::Request;

/// Something that [`lossy`] left out or wrote otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// Where it was in the request as given, below `$`.
    pub path: String,
    /// What the format lacks.
    pub capability: Capability,
    /// What became of it.
    pub loss: Loss,
    /// What stood in the way.
    pub why: &'static str,
}

/// What became of a part that a format cannot express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Loss {
    /// It is left out.
    LeftOut,
    /// Its text is kept as plain text.
    BecameText,
    /// Its text stands at the beginning of the first message.
    Moved,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let loss = match self.loss {
            Loss::LeftOut => "is left out",
            Loss::BecameText => "becomes plain text",
            Loss::Moved => "goes into the first message",
        };
        write!(f, "${} ({}) {loss}: {}", self.path, self.capability, self.why)
    }
}

/// The request as far as the format can express it, and what it lost.
///
/// | what the format lacks | what becomes of it |
/// |---|---|
/// | tools, one tool of a kind that it lacks, tool choice, the status of a result | left out |
/// | images, documents, videos, audio, reasoning, cache points | left out |
/// | stop sequences, further members of `inferenceConfig` | left out |
/// | members that only Converse has, such as `guardrailConfig` | left out |
/// | citations, search results, guarded text | their text is kept |
/// | a system text | goes into the first message |
///
/// Everything else stays an error: tool calls and results in the conversation, roles and turns that
/// the format has no place for, and a message of which nothing would be left.
///
/// # Errors
///
/// Where something else keeps the request from being written.
///
/// # Examples
///
/// ```
/// use outcrop_codec::{Api, ModelRef, Request, ToolConfig, encode, lossy};
///
/// let model = ModelRef::parse("amazon.titan-text-lite-v1")?;
/// let request = Request::user("Hi").with_tools(ToolConfig::new(vec![]));
/// assert!(encode(&model, Api::Invoke, &request).is_err());
/// let (request, warnings) = lossy(&model, Api::Invoke, &request)?;
/// assert_eq!(warnings[0].path, ".toolConfig");
/// encode(&model, Api::Invoke, &request)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lossy(
    model: &ModelRef,
    api: Api,
    request: &Request,
) -> Result<(Request, Vec<Warning>), EncodeError> {
    finite(request.inference.temperature, "temperature")?;
    finite(request.inference.top_p, "topP")?;
    let mut request = request.clone();
    let mut original = Original::default();
    let mut warnings = Vec::new();
    loop {
        let Err(error) = encode(model, api, &request) else { return Ok((request, warnings)) };
        let EncodeError::Unsupported { path, why, .. } = &error else { return Err(error) };
        let found = steps(path);
        let Some((capability, target)) = target(&found) else { return Err(error) };
        let extra = core::mem::take(&mut request.extra);
        let mut json = request.to_json();
        let path = original.path(&target);
        let Some(loss) = lose(&mut json, capability, &target, &mut original) else {
            return Err(error);
        };
        let Ok(smaller) = Request::from_json(json) else { return Err(error) };
        warnings.push(Warning { path, capability, loss, why });
        request = Request { extra, ..smaller };
    }
}

/// What the path is about, and where that begins: the innermost member that stands for something
/// that can be done without.
fn target(path: &[Step]) -> Option<(Capability, Vec<Step>)> {
    for end in (0..path.len()).rev() {
        let upto = path.get(..=end)?;
        match upto {
            [Step::Key(first), Step::Key(_)] if first == "inferenceConfig" => {
                let key = path.get(end).and_then(Step::key).and_then(Capability::of_member);
                return Some((key.unwrap_or(Capability::Parameters), upto.to_vec()));
            }
            [Step::Key(config), Step::Key(tools), Step::Index(_)]
                if config == "toolConfig" && tools == "tools" =>
            {
                return Some((Capability::Tools, upto.to_vec()));
            }
            // The calls and results of a conversation are its content.
            [.., Step::Key(key)] if key == "toolUse" || key == "toolResult" => return None,
            [.., Step::Key(key)] => {
                let Some(capability) = Capability::of_member(key) else { continue };
                let block = matches!(upto, [.., Step::Index(_), Step::Key(_)]);
                let end = if block { end } else { end + 1 };
                return Some((capability, path.get(..end)?.to_vec()));
            }
            _ => {}
        }
    }
    None
}

/// Takes the target out of the request, or writes it otherwise; `None` where that cannot be done.
fn lose(
    json: &mut Value,
    capability: Capability,
    target: &[Step],
    original: &mut Original,
) -> Option<Loss> {
    let (last, parents) = target.split_last()?;
    match capability {
        Capability::System if target.len() == 1 => return move_system(json),
        Capability::Citations | Capability::SearchResults | Capability::GuardContent => {
            let block = value_at(json, target)?;
            let text = text_of(block)?;
            *block = single("text", text).into();
            return Some(Loss::BecameText);
        }
        _ => {}
    }
    match last {
        Step::Key(key) => {
            value_at(json, parents)?.as_object_mut()?.remove(key)?;
        }
        Step::Index(index) => {
            let list = value_at(json, parents)?.as_array_mut()?;
            // A message of which nothing is left says nothing.
            if list.len() < 2 && parents.first().and_then(Step::key) == Some("messages") {
                return None;
            }
            if *index >= list.len() {
                return None;
            }
            list.remove(*index);
            let emptied = list.is_empty();
            original.note(parents, *index);
            if emptied {
                let key = parents.first().and_then(Step::key)?;
                json.as_object_mut()?.remove(key);
            }
        }
    }
    Some(Loss::LeftOut)
}

/// The texts in a block that is made of them.
fn text_of(block: &Value) -> Option<String> {
    let (_, inner) = block.as_object()?.iter().next()?;
    if let Some(text) = inner.pointer("/text/text").and_then(Value::as_str) {
        return Some(text.into());
    }
    let content = inner.get("content")?.as_array()?;
    let texts = content.iter().map(|part| part.get("text").and_then(Value::as_str));
    texts.collect::<Option<Vec<_>>>().map(|texts| texts.concat())
}

/// Puts the system text in front of the first message, which must begin with a text.
fn move_system(json: &mut Value) -> Option<Loss> {
    let system = json.as_object_mut()?.remove("system")?;
    let texts = system.as_array()?.iter().map(|block| block.get("text").and_then(Value::as_str));
    let mut text = texts.collect::<Option<Vec<_>>>()?.join("\n\n");
    let first = json.pointer_mut("/messages/0/content/0/text")?;
    text.push_str("\n\n");
    text.push_str(first.as_str()?);
    *first = text.into();
    Some(Loss::Moved)
}
