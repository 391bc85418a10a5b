//! The arguments of a tool call, cut in the middle of their JSON.

use async_trait::async_trait;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::change;
use super::effect::{Act, Stage};
use super::event::Event;
use super::frames::{Edit, Flow, Out, Tried, edit};
use super::stop_reason::{self, StopReason};
use crate::body::Response;

/// Arguments of which only the first half arrives. Then the stream ends, or the message does for
/// the stated reason.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CutToolInput {
    stop_reason: Option<StopReason>,
}

#[async_trait]
impl Act for CutToolInput {
    fn name(&self) -> &'static str {
        "cut_tool_input"
    }

    /// A reply in one piece has no half of arguments, but one that stops for a reason has none.
    fn stage(&self) -> Stage {
        if self.stop_reason.is_none() { Stage::Frames } else { Stage::Answer }
    }

    async fn after(&self, response: Response, _model: &str) -> Tried {
        let response = match self.stop_reason.clone() {
            Some(reason) => {
                let change =
                    move |value: &mut Value| empty(value) && stop_reason::state(value, &reason);
                match change::unary(response, &change).await {
                    Tried::Missed(response) => response,
                    struck => return struck,
                }
            }
            None => response,
        };
        let cutting = Cutting { reason: self.stop_reason.clone(), held: Vec::new(), done: false };
        edit(response, cutting)
    }
}

/// Holds the events that bring arguments until the last of them is there, and lets the first half
/// of their text go.
struct Cutting {
    reason: Option<StopReason>,
    held: Vec<(Event, usize)>,
    done: bool,
}

impl Edit for Cutting {
    fn frame(&mut self, frame: Bytes, out: &mut Out) -> Flow {
        let Some(mut event) = Event::read(&frame) else {
            self.release(out);
            out.push_back(frame);
            return Flow::Go;
        };
        let brings = with_input(&mut event.value, |text| text.chars().count());
        match brings {
            Some(_) if self.done => return Flow::Go,
            Some(length) => {
                self.held.push((event, length));
                return Flow::Go;
            }
            None => self.release(out),
        }
        match &self.reason {
            None if self.done => return Flow::End,
            Some(reason) if self.done && stop_reason::state(&mut event.value, reason) => {
                out.push_back(event.write());
            }
            _ => out.push_back(frame),
        }
        Flow::Go
    }

    fn end(&mut self, out: &mut Out) {
        self.release(out);
    }
}

impl Cutting {
    fn release(&mut self, out: &mut Out) {
        let total: usize = self.held.iter().map(|(_, length)| length).sum();
        self.done |= total > 0;
        let mut left = total / 2;
        for (mut event, length) in self.held.drain(..) {
            if length == 0 {
                out.push_back(event.write());
            } else if left > 0 {
                let kept = length.min(left);
                left -= kept;
                let first = |text: &mut String| *text = text.chars().take(kept).collect();
                with_input(&mut event.value, first);
                out.push_back(event.write());
            }
        }
    }
}

/// What `read` makes of the piece of arguments that an event brings, if it brings one.
fn with_input<T>(value: &mut Value, read: impl Fn(&mut String) -> T) -> Option<T> {
    let mut found = None;
    change::any_object(value, &mut |members| {
        if let (None, Some(text)) = (&found, input(members)) {
            found = Some(read(text));
        }
        false
    });
    found
}

/// The piece of arguments among the members of an object, as Claude, Converse and Nova, and the
/// families with OpenAI's form write it.
fn input(members: &mut Map<String, Value>) -> Option<&mut String> {
    let key = ["partial_json", "arguments", "toolUse"]
        .into_iter()
        .find(|key| members.contains_key(*key))?;
    match members.get_mut(key)? {
        Value::String(text) => Some(text),
        Value::Object(tool) => match tool.get_mut("input")? {
            Value::String(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Takes the arguments out of every tool call of a reply, as the service does with those that a
/// limit cuts. It tells whether there was a call.
fn empty(value: &mut Value) -> bool {
    change::any_object(value, &mut |members| {
        let is_call =
            members.contains_key("toolUseId") || members.get("type") == Some(&json!("tool_use"));
        if let Some(input) = members.get_mut("input").filter(|_| is_call) {
            *input = json!({});
            return true;
        }
        match members.get_mut("arguments") {
            Some(Value::String(text)) => {
                *text = text.chars().take(text.chars().count() / 2).collect();
                true
            }
            _ => false,
        }
    })
}
