//! The four ways to run a model.

mod speech;
mod task;
mod unary;

use std::sync::Arc;

use crate::body::Response;
use crate::calls::OpenCall;
use crate::clock;
use crate::error::Refusal;
use crate::model;
use crate::route::RunApi;
use crate::state::State;
use crate::wire::Meta;

pub(crate) use self::task::Task;

/// Answers a runtime call; `call` is open until the answer is out.
pub(crate) async fn run(
    state: &Arc<State>,
    api: RunApi,
    streaming: bool,
    model_id: &str,
    body: &[u8],
    call: OpenCall,
) -> Result<Response, Refusal> {
    let started = clock::now();
    let Task { prompt, model, wire } = Task::read(api, model_id, body)?;
    let charge = state.ledger.admit(
        started,
        model_id,
        &model.name,
        prompt.input_tokens,
        prompt.max_tokens,
    )?;
    let answer = model::answer(&prompt);
    let meta = Meta { model: model.name, id: state.ids.word(22), latency_ms: 0 };
    if streaming {
        let padding = state.ids.draw();
        Ok(speech::respond(state, api, wire, answer, &meta, charge, call, started, padding))
    } else {
        unary::respond(state, api, wire, &answer, meta, charge, started).await
    }
}
