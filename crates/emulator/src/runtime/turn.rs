//! A task and its answer, on the way to a reply: the same for a call and for a record of a batch.

use serde_json::Value;

use super::extras::Extras;
use super::{Guarded, Saying, Task, collect, task};
use crate::backend::Server;
use crate::error::Refusal;
use crate::family::Copies;
use crate::model::{self, Answer};
use crate::route::RunApi;
use crate::settings::Settings;
use crate::wire::{Meta, Wire};

/// A task, and its answer as far as it is known.
pub(crate) struct Turn<'a> {
    pub(crate) task: Task,
    pub(crate) answer: Answer,
    guarded: Option<Guarded>,
    settings: &'a Settings,
    /// What answers in place of the model inside.
    server: Option<&'a Server>,
}

impl<'a> Turn<'a> {
    /// Has the model inside answer. A model server is asked later, so that nothing but the length
    /// of the input is known of its answer.
    pub(crate) fn new(task: Task, settings: &'a Settings, server: Option<&'a Server>) -> Self {
        let answer = match server {
            Some(_) => Answer::silent(task.prompt.input_tokens),
            None => model::answer(&task.prompt, settings.output_tokens),
        };
        let mut turn = Self { task, answer, guarded: None, settings, server };
        turn.guard();
        if turn.is_blocked() {
            // The model is not asked, so there is nothing to charge.
            turn.task.prompt.max_tokens = 0;
            turn.task.copies = Copies::ONE;
        }
        turn
    }

    /// Whether a guardrail keeps the model from being asked.
    pub(crate) fn is_blocked(&self) -> bool {
        self.guarded.as_ref().is_some_and(Guarded::blocked_input)
    }

    /// Has the model server answer, where there is one. The answer comes back as it is said if
    /// `streaming` and nothing needs it whole.
    pub(crate) async fn ask(&mut self, streaming: bool) -> Result<Option<Saying>, Refusal> {
        let Some(server) = self.server.filter(|_| !self.is_blocked()) else { return Ok(None) };
        let Task { request, prompt, model, options, .. } = &self.task;
        let saying = server.say(request, prompt, &model.name, streaming).await?;
        // A guardrail, and members of the model's own reply, need the answer as a whole.
        if streaming && self.guarded.is_none() && options.paths.is_empty() {
            return Ok(Some(saying));
        }
        self.answer = collect(saying).await?;
        self.guard();
        Ok(None)
    }

    /// Counts an answer that is not streamed as often as it is given.
    pub(crate) fn count_copies(&mut self) {
        let output = &mut self.answer.usage.output;
        *output = output.saturating_mul(self.task.copies.count());
    }

    /// What the reply says besides the answer.
    pub(crate) fn meta(&mut self, id: String, created: i64) -> Meta {
        let echo = std::mem::take(&mut self.task.echo);
        Meta { model: self.task.model.name.clone(), id, created, echo, latency_ms: 0 }
    }

    /// Parts the answer from what was asked for beside it.
    pub(crate) fn part(self, api: RunApi, meta: &Meta, streaming: bool) -> Parted {
        let Self { task, answer, guarded, .. } = self;
        let Task { model, wire, options, copies, .. } = task;
        let own = || task::own_wire(&model).map(|wire| wire.reply(&answer, meta));
        let fields = (!options.paths.is_empty()).then(own).flatten();
        let fields = fields.and_then(|own| options.fields(&own, streaming));
        Parted { wire, answer, extras: Extras { api, copies, options, guarded, fields } }
    }

    /// Lets the guardrail that is asked for look at the texts of the task and at the answer.
    fn guard(&mut self) {
        if let Some((guardrail, texts)) = self.task.guarded() {
            let words = &self.settings.guarded_words;
            self.guarded = Some(Guarded::look(guardrail, words, &texts, &mut self.answer));
        }
    }
}

/// An answer, and all that is needed to write it.
pub(crate) struct Parted {
    /// The form of the answer.
    pub(crate) wire: &'static dyn Wire,
    pub(crate) answer: Answer,
    pub(crate) extras: Extras,
}

impl Parted {
    /// The reply in one piece.
    pub(crate) fn reply(&self, meta: &Meta) -> Value {
        let mut reply = self.wire.reply(&self.answer, meta);
        self.extras.complete(&mut reply);
        reply
    }
}
