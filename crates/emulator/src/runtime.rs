//! The operations of the runtime: the four ways to run a model, and what goes with them.

mod said;
mod speech;
mod target;
mod task;
mod teller;
mod unary;

use std::sync::Arc;

use tokio::time::Instant;

use crate::body::{self, Response};
use crate::calls::OpenCall;
use crate::clock;
use crate::error::Refusal;
use crate::ledger::Charge;
use crate::lifetime;
use crate::model;
use crate::models::{Model, no_streams};
use crate::route::{RunApi, RuntimeCall};
use crate::state::State;
use crate::wire::{Meta, Wire};
use crate::{count_tokens, guardrail, single};

pub(crate) use self::said::{Said, Saying};
pub(crate) use self::target::Target;
pub(crate) use self::task::Task;

/// A call that was admitted. Dropping it settles its charge to what was said until then.
struct Call {
    state: Arc<State>,
    api: RunApi,
    /// The form of the answer.
    wire: &'static dyn Wire,
    charge: Charge,
    started: Instant,
    _open: OpenCall,
}

/// Answers an operation of the runtime.
pub(crate) async fn answer(
    state: &Arc<State>,
    call: RuntimeCall,
    body: &[u8],
) -> Result<Response, Refusal> {
    let value = match call {
        RuntimeCall::Run { api, streaming, model_id } => {
            return run(state, api, streaming, &model_id, body, state.calls.open()).await;
        }
        RuntimeCall::CountTokens(model_id) => count_tokens::answer(&model_id, body),
        RuntimeCall::ApplyGuardrail { id, version } => {
            guardrail::answer(&id, &version, &state.settings.guarded_words, body)
        }
        RuntimeCall::Rerank => single::rerank::agent(body),
    };
    value.map(|value| body::json(&value))
}

/// Runs a model by a call that is `open` until the answer is out.
async fn run(
    state: &Arc<State>,
    api: RunApi,
    streaming: bool,
    model_id: &str,
    body: &[u8],
    open: OpenCall,
) -> Result<Response, Refusal> {
    let target = Target::find(state, model_id, clock::now())?;
    let ended = lifetime::check(target.model_id(), state.settings.eol_enforced)?;
    let mut response = speak(state, api, streaming, &target, body, open).await?;
    if let Some(end) = ended {
        lifetime::warn(response.headers_mut(), end);
    }
    Ok(response)
}

async fn speak(
    state: &Arc<State>,
    api: RunApi,
    streaming: bool,
    target: &Target,
    body: &[u8],
    open: OpenCall,
) -> Result<Response, Refusal> {
    let started = clock::now();
    let model = Model::find(target.model_id())?;
    if matches!(target, Target::Shared(_)) {
        model.check_on_demand()?;
    }
    if api == RunApi::Invoke
        && let Some(found) = single::find(&model, body)
    {
        return single::run(state, found, streaming, target, body, open).await;
    }
    let Task { prompt, model, wire, echo, streams } = Task::read(api, model, body)?;
    if streaming && !streams {
        return Err(no_streams());
    }
    let mut answer = model::answer(&prompt, state.settings.output_tokens);
    if wire.caches() || api == RunApi::Converse {
        state.cache.look(started, &model.name, &prompt.cache_points, &mut answer.usage);
    }
    let (usage, most) = (&answer.usage, prompt.max_tokens);
    let charge = match target.admit(&state.ledger, started, &model.name, usage, most) {
        Ok(charge) => charge,
        Err(refusal) if streaming && state.ledger.throttles_in_stream() => {
            return Ok(refusal.into_stream());
        }
        Err(refusal) => return Err(refusal),
    };
    let call = Call { state: Arc::clone(state), api, wire, charge, started, _open: open };
    let created = clock::wall().as_second();
    let meta = Meta { model: model.name, id: state.ids.word(22), created, echo, latency_ms: 0 };
    Ok(if streaming {
        let saying = said::prepared(answer, started, Arc::clone(state));
        speech::respond(call, saying, meta)
    } else {
        unary::respond(call, &answer, meta).await
    })
}
