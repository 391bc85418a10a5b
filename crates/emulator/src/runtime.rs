//! The operations of the runtime: the four ways to run a model, and what goes with them.

mod complete;
mod guarded;
mod options;
mod said;
mod speech;
mod target;
mod task;
mod teller;
mod unary;

use std::sync::Arc;

use hyper::HeaderMap;
use serde_json::Value;
use tokio::time::Instant;

use crate::body::{self, Response};
use crate::calls::OpenCall;
use crate::clock;
use crate::error::Refusal;
use crate::family::Copies;
use crate::ledger::Charge;
use crate::lifetime;
use crate::model::{self, Answer};
use crate::models::{Model, no_streams};
use crate::route::{RunApi, RuntimeCall};
use crate::state::State;
use crate::wire::{Meta, Wire};
use crate::{count_tokens, guardrail, single};

use self::guarded::Guarded;
use self::options::Options;
pub(crate) use self::options::{LATENCIES, TIERS};
pub(crate) use self::said::{Said, Saying, collect};
pub(crate) use self::target::Target;
pub(crate) use self::task::Task;

/// A call that was admitted. Dropping it settles its charge to what was said until then.
struct Call {
    state: Arc<State>,
    api: RunApi,
    /// The form of the answer.
    wire: &'static dyn Wire,
    /// How many answers a reply holds; a stream holds one.
    copies: Copies,
    charge: Charge,
    started: Instant,
    options: Options,
    guarded: Option<Guarded>,
    /// Members of the model's own reply that Converse was asked for.
    fields: Option<Value>,
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
            let ended = lifetime::check(&model_id, &state.settings)?;
            let mut response = body::json(&count_tokens::answer(&model_id, body)?);
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
        let ended = lifetime::check(self.target.model_id(), &self.state.settings)?;
        let mut response = self.speak(open).await?;
        lifetime::warn(&mut response, ended);
        Ok(response)
    }

    async fn speak(&self, open: OpenCall) -> Result<Response, Refusal> {
        let Self { state, api, streaming, target, headers, body } = self;
        let (api, started) = (*api, clock::now());
        let model = Model::find(target.model_id())?;
        if matches!(target, Target::Shared(_)) {
            model.check_on_demand()?;
        }
        if api == RunApi::Invoke
            && let Some(found) = single::find(&model, body)
        {
            return single::run(state, found, *streaming, target, body, open).await;
        }
        let task = Task::read(api, model, headers, body)?;
        if *streaming && !task.streams {
            return Err(no_streams());
        }
        let Task {
            request,
            mut prompt,
            model,
            wire,
            echo,
            options,
            mut copies,
            guarded: texts,
            ..
        } = task;
        let mut answer = match &state.backend {
            // The server is asked once the call is admitted.
            Some(_) => Answer::silent(prompt.input_tokens),
            None => model::answer(&prompt, state.settings.output_tokens),
        };
        let look = |answer: &mut Answer| {
            let guardrail = options.guardrail.clone()?;
            Some(Guarded::look(guardrail, &state.settings.guarded_words, &texts, answer))
        };
        let mut guarded = look(&mut answer);
        let blocked = guarded.as_ref().is_some_and(Guarded::blocked_input);
        if blocked {
            // The model is not asked, so there is nothing to charge.
            prompt.max_tokens = 0;
            copies = Copies::ONE;
        }
        let caches = !blocked && (wire.caches() || api == RunApi::Converse);
        if caches {
            state.cache.look(started, &model.name, &prompt.cache_points, &mut answer.usage);
        }
        // A stream holds one answer, whatever it was asked for.
        let answers = if *streaming { 1 } else { copies.count() };
        let (usage, most) = (&answer.usage, prompt.max_tokens.saturating_mul(answers));
        let charge = match target.admit(&state.ledger, started, &model.name, usage, most) {
            Ok(charge) => charge,
            Err(refusal) if *streaming && state.ledger.throttles_in_stream() => {
                return Ok(refusal.into_stream(api == RunApi::Invoke));
            }
            Err(refusal) => return Err(refusal),
        };
        if caches {
            state.cache.keep(started, &model.name, &prompt.cache_points);
        }
        let mut live = None;
        if let (Some(server), false) = (&state.backend, blocked) {
            let saying = server.say(&request, &prompt, &model.name, *streaming).await?;
            // A guardrail, and members of the model's own reply, need the answer as a whole.
            if *streaming && guarded.is_none() && options.paths.is_empty() {
                live = Some(saying);
            } else {
                answer = collect(saying).await?;
                guarded = look(&mut answer);
            }
        }
        if !streaming {
            answer.usage.output = answer.usage.output.saturating_mul(copies.count());
        }
        let created = clock::wall().as_second();
        let (id, name) = (state.ids.word(22), model.name.clone());
        let meta = Meta { model: name, id, created, echo, latency_ms: 0 };
        let own = || task::own_wire(&model).map(|wire| wire.reply(&answer, &meta));
        let fields = (!options.paths.is_empty()).then(own).flatten();
        let fields = fields.and_then(|own| options.fields(&own, *streaming));
        let state = Arc::clone(state);
        let call = Call {
            state,
            api,
            wire,
            copies,
            charge,
            started,
            options,
            guarded,
            fields,
            _open: open,
        };
        if *streaming {
            let prepared = || said::prepared(answer, started, Arc::clone(self.state));
            let saying = live.unwrap_or_else(prepared);
            return Ok(speech::respond(call, saying, meta));
        }
        if self.state.backend.is_none() {
            clock::sleep_until(started + self.state.settings.due(answer.usage.output)).await;
        }
        Ok(unary::respond(call, &answer, meta))
    }
}
