//! From the body of a call to what the model is to do, with all checks on the way.

use codec::{Api, DecodeError, ModelRef, Request};
use hyper::HeaderMap;
use serde_json::{Map, Value};

use super::options::Options;
use crate::converse::{self, Converse};
use crate::error::Refusal;
use crate::family::{Copies, FAMILIES, Family};
use crate::guardrail::{self, Guardrail};
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
    /// Whether its body asks for a stream, where it says so.
    pub(crate) asks_to_stream: Option<bool>,
    /// What it asks for beside an answer.
    pub(crate) options: Options,
    /// How many answers it wants.
    pub(crate) copies: Copies,
}

impl Task {
    /// Reads and checks a call whose body has these members.
    pub(crate) fn read(
        api: RunApi,
        model: Model,
        headers: &HeaderMap,
        members: Map<String, Value>,
    ) -> Result<Self, Refusal> {
        if !model.speaks() {
            return Err(not_for_this());
        }
        let task = match api {
            RunApi::Invoke => Self::invoke(model, members, headers),
            RunApi::Converse => Self::converse(model, members),
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
        members: Map<String, Value>,
        headers: &HeaderMap,
    ) -> Result<Self, Refusal> {
        let family = family(&model, &members)?;
        family.check(&model, &members)?;
        let reference = model.reference.clone().with_family(family.name());
        let reference = reference.map_err(|error| Refusal::validation(error.to_string()))?;
        let wire = family.wire(&model.name, &members);
        let options = Options::of_invoke(headers, &members)?;
        let (echo, asks_to_stream) = (family.echo(&members), family.asks_to_stream(&members));
        let copies = Copies::read(family.several(), &members);
        let request = decode(&reference, Api::Invoke, members)?;
        let limit = model.max_tokens();
        let default = family.default_max_tokens().map_or(limit, |default| default.min(limit));
        let mut prompt = prompt::read(&request, |raw| family.last_turn(raw), default);
        prompt.reasons = model.reasons(prompt.reasons);
        let streams = if model.is_hidden() { family.streams() } else { model.streams() };
        Ok(Self { request, prompt, model, wire, echo, streams, asks_to_stream, options, copies })
    }

    fn converse(model: Model, members: Map<String, Value>) -> Result<Self, Refusal> {
        converse::check(&model, &members)?;
        let options = Options::of_converse(&members)?;
        let request = decode(&model.reference, Api::Converse, members)?;
        let mut prompt = prompt::read(&request, |raw| raw, model.max_tokens());
        prompt.reasons = model.reasons(prompt.reasons);
        let streams = model.streams();
        let (wire, echo, copies) = (&Converse, Value::Null, Copies::ONE);
        let asks_to_stream = None;
        Ok(Self { request, prompt, model, wire, echo, streams, asks_to_stream, options, copies })
    }

    /// The guardrail that is asked for, and the texts that it looks at.
    pub(super) fn guarded(&self) -> Option<(Guardrail, Vec<String>)> {
        let guardrail = self.options.guardrail.clone()?;
        Some((guardrail, guardrail::texts(&self.request)))
    }
}

/// The members of a body, which is a JSON object.
pub(crate) fn members(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::not_json())
}

fn decode(model: &ModelRef, api: Api, members: Map<String, Value>) -> Result<Request, Refusal> {
    let request = codec::decode_request_value(model, api, Value::Object(members));
    request.map_err(|error: DecodeError| Refusal::malformed(&error.to_string()))
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
