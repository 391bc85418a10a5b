//! Answers with what was recorded: a folder of exchanges, found by operation, model and body.
//!
//! Exchanges that ask for the same are answered in the order of their files, and the last of them
//! again afterwards. One whose body was not stored answers any body of its operation and model that
//! no other exchange has.

mod answer;
mod difference;
mod key;
mod read;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use self::answer::Recorded;
use self::difference::Difference;
use self::key::{Subject, canonical};
pub use self::read::{ExchangeFault, ReplayError, Replayed};
use crate::body::Response;
use crate::error::{Kind, Refusal};
use crate::route::RuntimeCall;
use crate::state::State;

/// The exchanges of a folder.
#[derive(Debug)]
pub(crate) struct Replay {
    subjects: HashMap<Subject, Takes>,
    pub(crate) replayed: Replayed,
}

/// All exchanges with one operation and model.
#[derive(Debug, Default)]
struct Takes {
    by_body: HashMap<String, Turns>,
    /// Those whose body was not stored.
    any_body: Option<Turns>,
}

/// The answers to one call, in turn.
#[derive(Debug, Default)]
struct Turns {
    /// What was asked; `null` where it was not stored.
    body: Value,
    answers: Vec<Recorded>,
    next: AtomicUsize,
}

impl Replay {
    /// Answers a call to `path`.
    pub(crate) fn answer(
        &self,
        state: &State,
        call: &RuntimeCall,
        path: &str,
        body: &[u8],
    ) -> Result<Response, Refusal> {
        let open = state.calls.open();
        let decoded;
        let target = match call.model() {
            Some(model) => model,
            None => {
                decoded = read::path(path);
                &decoded
            }
        };
        let recorded = self.find(call.name(), target, body)?;
        Ok(recorded.respond(open, &state.settings))
    }

    /// The recorded answer to a call of `operation`. `target` is its model, or its path where it
    /// names none.
    fn find(&self, operation: &str, target: &str, body: &[u8]) -> Result<&Recorded, Refusal> {
        let subject = Subject::new(operation, target);
        let body = read_body(body);
        let takes = self.subjects.get(&subject);
        let turns = takes
            .and_then(|takes| takes.by_body.get(&canonical(&body)).or(takes.any_body.as_ref()));
        turns.and_then(Turns::next).ok_or_else(|| {
            let nearest = match takes {
                Some(takes) => takes.nearest(&body),
                None => self.others(&subject),
            };
            Refusal::new(
                Kind::NotFound,
                format!(
                    "No recorded exchange answers {operation} of {target} with this body. {nearest}"
                ),
            )
        })
    }

    /// Begins anew with the first answer to each call.
    pub(crate) fn restart(&self) {
        let takes = self.subjects.values();
        for turns in takes.flat_map(|takes| takes.by_body.values().chain(&takes.any_body)) {
            turns.next.store(0, Ordering::Relaxed);
        }
    }

    fn add(&mut self, subject: Subject, body: Option<Value>, recorded: Recorded) {
        let takes = self.subjects.entry(subject).or_default();
        let turns = match &body {
            Some(body) => takes.by_body.entry(canonical(body)).or_default(),
            None => takes.any_body.get_or_insert_default(),
        };
        turns.body = body.unwrap_or_default();
        turns.answers.push(recorded);
    }

    /// What the recordings hold beside a subject that they do not.
    fn others(&self, subject: &Subject) -> String {
        let mut near: Vec<&Subject> = self.subjects.keys().collect();
        near.retain(|other| other.target == subject.target);
        if near.is_empty() {
            near = self.subjects.keys().collect();
            near.retain(|other| other.operation == subject.operation);
        }
        near.sort_unstable();
        let mut text = match near.first() {
            Some(first) if first.target == subject.target => {
                "Of this model the recordings hold".to_owned()
            }
            Some(_) => "Of this operation the recordings hold".to_owned(),
            None => return "The recordings hold neither this operation nor this model.".to_owned(),
        };
        for (at, other) in near.iter().take(NAMED).enumerate() {
            let name =
                if other.target == subject.target { &other.operation } else { &other.target };
            // Writing to a string cannot fail.
            let _ = write!(text, "{}{name}", if at == 0 { " " } else { ", " });
        }
        match near.len().saturating_sub(NAMED) {
            0 => text + ".",
            more => format!("{text} and {more} more."),
        }
    }
}

impl Takes {
    /// Which of the exchanges differs least from a body, and where first.
    fn nearest(&self, body: &Value) -> String {
        let recorded = self.by_body.values().filter_map(|turns| {
            let Difference { path, called, recorded, places } =
                difference::between(body, &turns.body)?;
            let name = turns.answers.first()?.name.as_str();
            Some((places, name, path, called, recorded))
        });
        match recorded.min() {
            Some((places, name, path, called, recorded)) => format!(
                "The nearest of {} with this operation and model is {name}, which differs in \
                 {places} place{}, the first at {path}: {called} in the call, {recorded} in the \
                 recording.",
                self.by_body.len(),
                if places == 1 { "" } else { "s" },
            ),
            None => "There is no other body with this operation and model.".into(),
        }
    }
}

impl Turns {
    fn next(&self) -> Option<&Recorded> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        self.answers.get(turn).or_else(|| self.answers.last())
    }
}

/// The body as JSON; one that is not JSON as text.
fn read_body(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into())
}

/// How many others a refusal names.
const NAMED: usize = 5;
