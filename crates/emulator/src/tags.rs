//! Tags of jobs and provisioned throughputs: a name and a value each.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::body::{self, Response};
use crate::constraint::{self, Constraint};
use crate::control::members::{self, Form};
use crate::error::{Kind, Refusal};
use crate::route::TagCall;
use crate::state::State;

/// The tags of all resources, by their ARNs.
#[derive(Debug, Default)]
pub(crate) struct Tags(Mutex<HashMap<String, BTreeMap<String, String>>>);

/// A key and its value.
pub(crate) type Tag = (String, String);

/// Answers an operation on tags.
pub(crate) fn answer(state: &State, call: TagCall, body: &[u8]) -> Result<Response, Refusal> {
    let body = &members::read(body)?;
    let arn = members::formed(body, "resourceARN", &ARN)?;
    let exists = || state.jobs.has(&arn) || state.provisioned.has(&arn);
    let value = match call {
        TagCall::Tag => {
            let tags = if body["tags"].is_null() {
                return Err(constraint::missing("tags"));
            } else {
                read(body, "tags")?
            };
            found(exists(), &arn)?;
            state.tags.put(&arn, tags)?;
            json!({})
        }
        TagCall::Untag => {
            let keys = keys(body)?;
            found(exists(), &arn)?;
            state.tags.remove(&arn, &keys);
            json!({})
        }
        TagCall::List => {
            found(exists(), &arn)?;
            json!({ "tags": state.tags.list(&arn) })
        }
    };
    Ok(body::json(&value))
}

/// Reads the tags of a request; without the member there are none.
pub(crate) fn read(body: &Value, key: &str) -> Result<Vec<Tag>, Refusal> {
    let Some(list) = list(body, key)? else { return Ok(Vec::new()) };
    let mut tags: Vec<Tag> = Vec::with_capacity(list.len());
    for (at, tag) in (1..).zip(list) {
        let name = |part| format!("{key}.{at}.member.{part}");
        let part = |part| tag[part].as_str().ok_or_else(|| constraint::missing(&name(part)));
        let (word, value) = (part("key")?, part("value")?);
        KEY.check(&name("key"), word)?;
        VALUE.check(&name("value"), value)?;
        if word.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
            return Err(Refusal::validation(
                "aws: prefixed tag key names are not allowed for external use.",
            ));
        }
        if tags.iter().any(|(known, _)| known == word) {
            return Err(Refusal::validation(format!("The tag key {word} is given twice.")));
        }
        tags.push((word.into(), value.into()));
    }
    Ok(tags)
}

impl Tags {
    /// Adds tags to a resource, in place of those with the same keys; all of them or none.
    pub(crate) fn put(&self, arn: &str, tags: Vec<Tag>) -> Result<(), Refusal> {
        let mut all = self.all();
        let mut of_resource = all.get(arn).cloned().unwrap_or_default();
        of_resource.extend(tags);
        if of_resource.len() > MOST {
            return Err(too_many(arn));
        }
        if !of_resource.is_empty() {
            all.insert(arn.into(), of_resource);
        }
        Ok(())
    }

    /// Forgets all tags of a resource.
    pub(crate) fn forget(&self, arn: &str) {
        self.all().remove(arn);
    }

    fn remove(&self, arn: &str, keys: &[String]) {
        if let Some(tags) = self.all().get_mut(arn) {
            tags.retain(|key, _| !keys.contains(key));
        }
    }

    fn list(&self, arn: &str) -> Vec<Value> {
        let all = self.all();
        let tags = all.get(arn).into_iter().flatten();
        tags.map(|(key, value)| json!({ "key": key, "value": value })).collect()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, BTreeMap<String, String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses more tags than a new resource may have.
pub(crate) fn check_count(resource: &str, tags: &[Tag]) -> Result<(), Refusal> {
    if tags.len() > MOST { Err(too_many(resource)) } else { Ok(()) }
}

fn keys(body: &Value) -> Result<Vec<String>, Refusal> {
    let list = list(body, "tagKeys")?.ok_or_else(|| constraint::missing("tagKeys"))?;
    let mut keys = Vec::with_capacity(list.len());
    for (at, key) in (1..).zip(list) {
        let name = format!("tagKeys.{at}.member");
        let key = key.as_str().ok_or_else(|| constraint::missing(&name))?;
        KEY.check(&name, key)?;
        keys.push(key.into());
    }
    Ok(keys)
}

/// A list of no more than a request may bring.
fn list<'a>(body: &'a Value, key: &str) -> Result<Option<&'a Vec<Value>>, Refusal> {
    match &body[key] {
        Value::Null => Ok(None),
        Value::Array(list) if list.len() <= MOST_AT_ONCE => Ok(Some(list)),
        other => Err(constraint::invalid(key, other, Constraint::LengthAtMost(MOST_AT_ONCE))),
    }
}

fn found(exists: bool, arn: &str) -> Result<(), Refusal> {
    if exists {
        return Ok(());
    }
    Err(Refusal::new(
        Kind::NotFound,
        format!("The specified resource Amazon Resource Name (ARN) was not found: {arn}"),
    ))
}

fn too_many(resource: &str) -> Refusal {
    let message = format!(
        "The request contains more tags than can be associated with a resource ({MOST} tags per \
         resource)."
    );
    Refusal::new(Kind::TooManyTags, message).about(resource)
}

fn is_tag_text(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "._:/=+@-".contains(c))
}

const KEY: Form = Form { length: 1..=128, pattern: r"[a-zA-Z0-9\s._:/=+@-]*", fits: is_tag_text };
const VALUE: Form = Form { length: 0..=256, pattern: r"[a-zA-Z0-9\s._:/=+@-]*", fits: is_tag_text };
const ARN: Form = Form {
    length: 20..=1011,
    pattern: "arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:([0-9]{12}|):.+",
    fits: |arn| arn.starts_with("arn:aws") && arn.split(':').nth(2) == Some("bedrock"),
};
/// The most tags of a resource.
const MOST: usize = 50;
const MOST_AT_ONCE: usize = 200;
