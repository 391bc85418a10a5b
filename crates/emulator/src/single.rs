//! Models that answer in one piece and not in words: embeddings, rerank, images.

mod cohere_embed;
mod image;
mod nova_embed;
mod png;
pub(crate) mod rerank;
mod titan_embed;

use std::sync::Arc;

use codec::ModelRef;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value};

use crate::body::{self, Response};
use crate::calls::OpenCall;
use crate::clock;
use crate::error::{Refusal, insert};
use crate::model::Usage;
use crate::route::RunApi;
use crate::runtime::Target;
use crate::state::State;

/// A kind of such models.
trait Single: Sync {
    /// Whether a model, without the prefix of its region, is of this kind.
    fn claims(&self, name: &str) -> bool;

    /// Answers a body, or refuses it as the service would.
    fn answer(&self, name: &str, body: &Map<String, Value>) -> Result<Said, Refusal>;
}

/// An answer.
struct Said {
    body: Value,
    /// The input tokens, where the service tells them.
    input_tokens: Option<u64>,
}

/// A model of such a kind.
pub(crate) struct Found {
    kind: &'static dyn Single,
    name: String,
}

/// The kind of a model, if it is not one that answers in words.
pub(crate) fn find(model_id: &str) -> Option<Found> {
    let model = ModelRef::parse(model_id).ok()?;
    let name = format!("{}.{}", model.provider()?, model.model()?);
    let kind = SINGLES.iter().copied().find(|kind| kind.claims(&name))?;
    Some(Found { kind, name })
}

/// Answers a call, which is `open` until the answer is out.
pub(crate) async fn run(
    state: &Arc<State>,
    Found { kind, name }: Found,
    api: RunApi,
    streaming: bool,
    target: &Target,
    body: &[u8],
    open: OpenCall,
) -> Result<Response, Refusal> {
    let started = clock::now();
    if api == RunApi::Converse {
        return Err(Refusal::validation(
            "This action doesn't support the model that you provided. Try again with a supported \
             text or chat model.",
        ));
    }
    if streaming {
        return Err(Refusal::validation("The model is unsupported for streaming."));
    }
    let body: Map<String, Value> = serde_json::from_slice(body).map_err(|_| {
        Refusal::validation("Malformed input request, please reformat your input and try again.")
    })?;
    let said = kind.answer(&name, &body)?;
    let usage = Usage { input: said.input_tokens.unwrap_or(0), ..Usage::default() };
    let _charge = target.admit(&state.ledger, started, &name, &usage, 0)?;
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

/// The one table of kinds.
static SINGLES: &[&dyn Single] = &[
    &titan_embed::TitanEmbed,
    &nova_embed::NovaEmbed,
    &cohere_embed::CohereEmbed,
    &rerank::Rerank,
    &image::Image,
];
