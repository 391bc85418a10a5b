//! From the body of a call to what the model is to do, with all checks on the way.

use codec::{Api, DecodeError, Request};
use hyper::HeaderMap;
use serde_json::{Map, Value};

use super::options::Options;
use crate::converse::{self, Converse};
use crate::error::Refusal;
use crate::family::{Copies, FAMILIES, Family};
use crate::guardrail;
use crate::model::Prompt;
use crate::models::{Model, not_for_this, unknown};
use crate::prompt;
use crate::route::RunApi;
use crate::wire::Wire;

/// A call that has passed all checks.
pub(crate) struct Task {
    /// All that was asked.
    pub(crate) request: Request,
    pub(crate) prompt: Prompt,
    pub(crate) model: Model,
    /// The form of the answer.
    pub(crate) wire: &'static dyn Wire,
    /// What a reply repeats of the request.
    pub(crate) echo: Value,
    /// It can be answered by a stream.
    pub(crate) streams: bool,
    /// What it asks for beside an answer.
    pub(crate) options: Options,
    /// How many answers it wants.
    pub(crate) copies: Copies,
    /// The texts that a guardrail looks at.
    pub(crate) guarded: Vec<String>,
}

impl Task {
    /// Reads and checks a call.
    pub(crate) fn read(
        api: RunApi,
        model: Model,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, Refusal> {
        if !model.speaks() {
            return Err(not_for_this());
        }
        let members: Map<String, Value> =
            serde_json::from_slice(body).map_err(|_| Refusal::not_json())?;
        let task = match api {
            RunApi::Invoke => Self::invoke(model, &members, headers, body),
            RunApi::Converse => Self::converse(model, &members, body),
        }?;
        let limit = task.model.max_tokens();
        if task.prompt.max_tokens > limit {
            return Err(Refusal::validation(format!(
                "The maximum tokens you requested exceeds the model limit of {limit}. Try again \
                 with a maximum tokens value that is lower than {limit}."
            )));
        }
        Ok(task)
    }

    fn invoke(
        model: Model,
        members: &Map<String, Value>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, Refusal> {
        let family = family(&model, members)?;
        family.check(&model, members)?;
        let reference = model.reference.clone().with_family(family.name());
        let reference = reference.map_err(|error| Refusal::validation(error.to_string()))?;
        let request = codec::decode_request(&reference, Api::Invoke, body).map_err(malformed)?;
        let limit = model.max_tokens();
        let default = family.default_max_tokens().map_or(limit, |default| default.min(limit));
        let mut prompt = prompt::read(&request, |raw| family.last_turn(raw), default);
        prompt.reasons = model.reasons(prompt.reasons);
        let wire = family.wire(&model.name, members);
        let streams = if model.is_hidden() { family.streams() } else { model.streams() };
        let options = Options::of_invoke(headers, members)?;
        let (echo, guarded) = (family.echo(members), guardrail::texts(&request));
        let copies = Copies::read(family.several(), members);
        Ok(Self { request, prompt, model, wire, echo, streams, options, copies, guarded })
    }

    fn converse(model: Model, members: &Map<String, Value>, body: &[u8]) -> Result<Self, Refusal> {
        converse::check(&model, members)?;
        let request = codec::decode_request(&model.reference, Api::Converse, body);
        let request: Request = request.map_err(malformed)?;
        let mut prompt = prompt::read(&request, |raw| raw, model.max_tokens());
        prompt.reasons = model.reasons(prompt.reasons);
        let streams = model.streams();
        let options = Options::of_converse(members)?;
        let (echo, guarded) = (Value::Null, guardrail::texts(&request));
        let copies = Copies::ONE;
        Ok(Self {
            request,
            prompt,
            model,
            wire: &Converse,
            echo,
            streams,
            options,
            copies,
            guarded,
        })
    }
}

/// The form of the model's own replies, for a call of Converse that asks for members of them.
pub(super) fn own_wire(model: &Model) -> Option<&'static dyn Wire> {
    let name = model.reference.family()?.name();
    let family = FAMILIES.iter().find(|family| family.name() == name)?;
    Some(family.wire(&model.name, &Map::new()))
}

/// The family that the model's id shows, or its body where an ARN hides it.
fn family(model: &Model, body: &Map<String, Value>) -> Result<&'static dyn Family, Refusal> {
    let shown = model.reference.family().map(|family| family.name());
    let mut families = FAMILIES.iter().copied();
    let found = match shown {
        Some(name) => families.find(|family| family.name() == name),
        None if model.is_hidden() => families.find(|family| family.recognises(body)),
        None => None,
    };
    found.ok_or_else(unknown)
}

fn malformed(error: DecodeError) -> Refusal {
    Refusal::malformed(&error.to_string())
}
