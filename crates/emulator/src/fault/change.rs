//! JSON of an answer, changed wherever it comes: in one piece, or in the events of a stream.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::{Map, Value};

use super::event::Event;
use super::frames::{Edit, Flow, Out, Tried, edit};
use crate::body::{self, Response};

/// A change of what an answer says. It tells whether anything is changed.
pub(super) trait Change: Fn(&mut Value) -> bool + Send + 'static {}

impl<T: Fn(&mut Value) -> bool + Send + 'static> Change for T {}

/// Changes what a response says, if it says anything of the kind.
pub(super) async fn apply(response: Response, change: impl Change) -> Tried {
    match unary(response, &change).await {
        Tried::Missed(response) => edit(response, Changing(change)),
        struck => struck,
    }
}

/// Changes a reply in one piece.
pub(super) async fn unary(response: Response, change: &impl Change) -> Tried {
    let kind = response.headers().get(CONTENT_TYPE);
    let is_json = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !is_json || response.status() != StatusCode::OK {
        return Tried::Missed(response);
    }
    let (mut head, body) = response.into_parts();
    // A body that fails on the way is one that another fault has broken off.
    let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        return Tried::Missed(Response::from_parts(head, body::full(Bytes::new())));
    };
    let changed = serde_json::from_slice::<Value>(&body).ok().and_then(|mut value| {
        let changed = change(&mut value);
        changed.then(|| value.to_string())
    });
    match changed {
        Some(changed) => {
            head.headers.remove(CONTENT_LENGTH);
            Tried::Struck(Response::from_parts(head, body::full(changed)))
        }
        None => Tried::Missed(Response::from_parts(head, body::full(body))),
    }
}

/// Calls `visit` with every object in a value, but not with those in what a model or a person
/// wrote. It tells whether any call did.
pub(super) fn any_object(
    value: &mut Value,
    visit: &mut dyn FnMut(&mut Map<String, Value>) -> bool,
) -> bool {
    match value {
        Value::Object(members) => {
            let mut changed = visit(members);
            for (key, member) in members {
                if !WRITTEN.contains(&key.as_str()) {
                    changed |= any_object(member, visit);
                }
            }
            changed
        }
        Value::Array(items) => {
            let changed = items.iter_mut().map(|item| any_object(item, visit));
            changed.fold(false, |one, other| one | other)
        }
        _ => false,
    }
}

struct Changing<C>(C);

impl<C: Change> Edit for Changing<C> {
    fn frame(&mut self, frame: Bytes, out: &mut Out) -> Flow {
        let changed = Event::read(&frame).and_then(|mut event| {
            let changed = (self.0)(&mut event.value);
            changed.then(|| event.write())
        });
        out.push_back(changed.unwrap_or(frame));
        Flow::Go
    }
}

/// The members that hold what was written, where any name may mean anything.
const WRITTEN: [&str; 2] = ["input", "parameters"];
