//! Models that answer in one piece and not in words: embeddings, rerank, images.

mod cohere_embed;
mod embed;
mod image;
mod nova_embed;
mod png;
pub(crate) mod rerank;
mod titan_embed;

use std::sync::Arc;

use codec::{DecodeError, ModelRef};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value};

use crate::body::{self, Response};
use crate::calls::OpenCall;
use crate::clock;
use crate::error::{Refusal, insert};
use crate::model::Usage;
use crate::models::{Model, no_streams};
use crate::runtime::Target;
use crate::state::State;

/// A kind of such models.
trait Single: Sync {
    /// The names of the codec's families of this kind.
    fn families(&self) -> &'static [&'static str];

    /// The family whose body this is: how an ARN that hides its model is told.
    fn recognises(&self, body: &Map<String, Value>) -> Option<&'static str>;

    /// Answers a body, or refuses it as the service would.
    fn answer(&self, asked: &Asked<'_>) -> Result<Said, Refusal>;
}

/// What a model is asked.
struct Asked<'a> {
    model: &'a ModelRef,
    /// The model, without the prefix of its region.
    name: &'a str,
    body: &'a [u8],
    members: &'a Map<String, Value>,
}

/// An answer.
pub(crate) struct Said {
    pub(crate) body: Value,
    /// The input tokens, where the service tells them.
    pub(crate) input_tokens: Option<u64>,
}

/// A model of such a kind.
pub(crate) struct Found {
    kind: &'static dyn Single,
    model: ModelRef,
    name: String,
}

/// The kind of a model that does not answer in words. Where an ARN hides the model, the form of the
/// body tells: a body of Titan with nothing but `inputText` is taken for an embedding.
pub(crate) fn find(model: &Model, members: &Map<String, Value>) -> Option<Found> {
    let (family, reference) = if model.is_hidden() {
        let family = SINGLES.iter().find_map(|kind| kind.recognises(members))?;
        (family, model.reference.clone().with_family(family).ok()?)
    } else {
        (model.other_family()?, model.reference.clone())
    };
    let kind = SINGLES.iter().copied().find(|kind| kind.families().contains(&family))?;
    Some(Found { kind, model: reference, name: model.name.clone() })
}

impl Found {
    /// Answers a body, which has these members.
    pub(crate) fn answer(
        &self,
        body: &[u8],
        members: &Map<String, Value>,
    ) -> Result<Said, Refusal> {
        self.kind.answer(&Asked { model: &self.model, name: &self.name, body, members })
    }
}

/// Answers a call, which is `open` until the answer is out.
pub(crate) async fn run(
    state: &Arc<State>,
    found: Found,
    streaming: bool,
    target: &Target,
    body: &[u8],
    members: &Map<String, Value>,
    open: OpenCall,
) -> Result<Response, Refusal> {
    let started = clock::now();
    if streaming {
        return Err(no_streams());
    }
    let said = found.answer(body, members)?;
    let usage = Usage { input: said.input_tokens.unwrap_or(0), ..Usage::default() };
    let _charge = target.admit(&state.ledger, started, &found.name, &usage, 0)?;
    clock::sleep_until(started + state.settings.due(0)).await;
    let mut response = hyper::Response::new(body::full(said.body.to_string()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(tokens) = said.input_tokens {
        insert(headers, "x-amzn-bedrock-input-token-count", &tokens.to_string());
    }
    let latency = clock::millis_since(started);
    insert(headers, "x-amzn-bedrock-invocation-latency", &latency.to_string());
    drop(open);
    Ok(response)
}

/// The refusal of a member that is not one of the words or numbers taken.
fn not_taken(at: &str, given: &str) -> Refusal {
    Refusal::malformed(&format!("#/{at}: {given} is not a valid enum value"))
}

fn missing(member: &str) -> Refusal {
    Refusal::malformed(&format!("#: required key [{member}] not found"))
}

fn unreadable(error: DecodeError) -> Refusal {
    Refusal::malformed(&error.to_string())
}

/// The one table of kinds. Where an ARN hides the model, the first that recognises the body answers.
static SINGLES: &[&dyn Single] = &[
    &titan_embed::TitanEmbed,
    &nova_embed::NovaEmbed,
    &cohere_embed::CohereEmbed,
    &rerank::Rerank,
    &image::Image,
];
