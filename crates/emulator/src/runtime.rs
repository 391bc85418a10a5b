//! The operations of the runtime: the four ways to run a model, and what goes with them.

mod extras;
mod framer;
mod guarded;
mod options;
mod said;
mod speech;
mod target;
mod task;
mod teller;
mod turn;
mod unary;

use std::sync::Arc;

use hyper::HeaderMap;
use tokio::time::Instant;

use crate::body::{self, Response};
use crate::calls::OpenCall;
use crate::clock;
use crate::error::Refusal;
use crate::ledger::Charge;
use crate::lifetime;
use crate::models::{Model, no_streams};
use crate::route::{RunApi, RuntimeCall};
use crate::state::State;
use crate::wire::Wire;
use crate::{count_tokens, guardrail, single};

use self::extras::Extras;
use self::guarded::Guarded;
pub(crate) use self::options::{LATENCIES, TIERS};
pub(crate) use self::said::{Said, Saying, collect};
pub(crate) use self::target::Target;
pub(crate) use self::task::{Task, members};
pub(crate) use self::turn::{Parted, Turn};

/// A call that was admitted. Dropping it settles its charge to what was said until then.
struct Call {
    state: Arc<State>,
    /// The form of the answer.
    wire: &'static dyn Wire,
    extras: Extras,
    charge: Charge,
    started: Instant,
    _open: OpenCall,
}

/// Answers an operation of the runtime.
pub(crate) async fn answer(
    state: &Arc<State>,
    call: RuntimeCall,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Refusal> {
    let value = match call {
        RuntimeCall::Run { api, streaming, model_id } => {
            let target = Target::find(state, &model_id, clock::now())?;
            let run = Run { state, api, streaming, target, headers, body };
            return run.answer(state.calls.open()).await;
        }
        RuntimeCall::CountTokens(model_id) => {
            let model = Model::find(&model_id)?;
            let ended = lifetime::check(&model, &state.settings)?;
            let mut response = body::json(&count_tokens::answer(model, body)?);
            lifetime::warn(&mut response, ended);
            return Ok(response);
        }
        RuntimeCall::ApplyGuardrail { id, version } => {
            guardrail::answer(&id, &version, &state.settings.guarded_words, body)
        }
        RuntimeCall::Rerank => single::rerank::agent(body),
    };
    value.map(|value| body::json(&value))
}

/// A call to run a model.
struct Run<'a> {
    state: &'a Arc<State>,
    api: RunApi,
    streaming: bool,
    target: Target,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl Run<'_> {
    /// Answers the call, which is `open` until the answer is out.
    async fn answer(&self, open: OpenCall) -> Result<Response, Refusal> {
        let model = Model::find(self.target.model_id())?;
        let ended = lifetime::check(&model, &self.state.settings)?;
        let mut response = self.speak(model, open).await?;
        lifetime::warn(&mut response, ended);
        Ok(response)
    }

    async fn speak(&self, model: Model, open: OpenCall) -> Result<Response, Refusal> {
        let Self { state, api, streaming, target, headers, body } = self;
        let (api, streaming, started) = (*api, *streaming, clock::now());
        if matches!(target, Target::Shared(_)) {
            model.check_on_demand()?;
        }
        let members = members(body)?;
        if api == RunApi::Invoke
            && let Some(found) = single::find(&model, &members)
        {
            return single::run(state, found, streaming, target, body, &members, open).await;
        }
        let task = Task::read(api, model, headers, members)?;
        if streaming && !task.streams {
            return Err(no_streams());
        }
        if let Some(asked) = task.asks_to_stream.filter(|asked| *asked != streaming) {
            let what = format!("#/stream: {asked} does not agree with the operation");
            return Err(Refusal::malformed(&what));
        }
        let mut turn = Turn::new(task, &state.settings, state.source.server());
        let caches = !turn.is_blocked() && (turn.task.wire.caches() || api == RunApi::Converse);
        if caches {
            let Turn { task, answer, .. } = &mut turn;
            let points = &task.prompt.cache_points;
            state.cache.look(started, &task.model.name, points, &mut answer.usage);
        }
        let Task { prompt, model, copies, .. } = &turn.task;
        // A stream holds one answer, whatever it was asked for.
        let answers = if streaming { 1 } else { copies.count() };
        let (usage, most) = (&turn.answer.usage, prompt.max_tokens.saturating_mul(answers));
        let charge = match target.admit(&state.ledger, started, &model.name, usage, most) {
            Ok(charge) => charge,
            Err(refusal) if streaming && state.ledger.throttles_in_stream() => {
                return Ok(refusal.into_stream(api == RunApi::Invoke));
            }
            Err(refusal) => return Err(refusal),
        };
        if caches {
            state.cache.keep(started, &model.name, &prompt.cache_points);
        }
        // A model server is asked once the call is admitted.
        let live = turn.ask(streaming).await?;
        if !streaming {
            turn.count_copies();
        }
        let meta = turn.meta(state.ids.word(22), clock::wall().as_second());
        let Parted { wire, answer, extras } = turn.part(api, &meta, streaming);
        let call = Call { state: Arc::clone(state), wire, extras, charge, started, _open: open };
        if streaming {
            let prepared = || said::prepared(answer, started, Arc::clone(state));
            return Ok(speech::respond(call, live.unwrap_or_else(prepared), meta));
        }
        if state.source.server().is_none() {
            clock::sleep_until(started + state.settings.due(answer.usage.output)).await;
        }
        Ok(unary::respond(call, &answer, meta))
    }
}
