//! What a guardrail makes of a call: an answer that is blocked, and a trace that says why.

use serde_json::{Value, json};

use crate::guardrail::{BLOCKED_INPUT, BLOCKED_OUTPUT, Guardrail, Look};
use crate::model::{Answer, Part, Stop, Usage, tokens};
use crate::wire::set;

/// What a guardrail saw.
#[derive(Debug)]
pub(crate) struct Guarded {
    guardrail: Guardrail,
    input: Look,
    /// `None` where the input was blocked: the model was not asked.
    output: Option<Look>,
    /// What the model said before it was blocked.
    said: Option<String>,
}

impl Guarded {
    /// Looks at the texts of a request, and at the answer unless the request is blocked. Puts the
    /// message of the guardrail in place of an answer that is blocked.
    pub(crate) fn look(
        guardrail: Guardrail,
        words: &[String],
        texts: &[String],
        answer: &mut Answer,
    ) -> Self {
        let input = Look::at(texts.iter().map(String::as_str), words);
        if input.blocks() {
            *answer = message(BLOCKED_INPUT, Usage::default());
            return Self { guardrail, input, output: None, said: None };
        }
        let said = answer.text();
        let output = Look::at([said.as_str()], words);
        let blocked = output.blocks();
        if blocked {
            *answer = message(BLOCKED_OUTPUT, answer.usage);
        }
        Self { guardrail, input, output: Some(output), said: blocked.then_some(said) }
    }

    /// Whether the model was not asked.
    pub(crate) fn blocked_input(&self) -> bool {
        self.input.blocks()
    }

    fn intervened(&self) -> bool {
        self.input.blocks() || self.output.as_ref().is_some_and(Look::blocks)
    }

    /// Marks an event of Converse's stream, or a reply, which has the members of all.
    pub(crate) fn mark_converse(&self, value: &mut Value) {
        if self.intervened() && value.get("stopReason").is_some() {
            set(value, "stopReason", "guardrail_intervened");
        }
        if self.guardrail.traced && value.get("metrics").is_some() {
            let mut trace = self.reason();
            set(&mut trace, "inputAssessment", self.by_id(self.input.assessment(&self.guardrail)));
            if let Some(output) = &self.output {
                let assessments = json!([output.assessment(&self.guardrail)]);
                set(&mut trace, "outputAssessments", self.by_id(assessments));
            }
            set(value, "trace", json!({ "guardrail": trace }));
        }
    }

    /// Marks a model's own reply.
    pub(crate) fn mark_reply(&self, value: &mut Value) {
        self.mark_own(value);
        if self.blocked_input() {
            without_counts(value);
        }
    }

    /// Marks a model's own reply, or the last event of its stream.
    fn mark_own(&self, value: &mut Value) {
        self.mark_piece(value);
        if self.guardrail.traced {
            let mut trace = self.reason();
            set(&mut trace, "input", self.by_id(self.input.assessment(&self.guardrail)));
            if let Some(output) = &self.output {
                let outputs = json!([self.by_id(output.assessment(&self.guardrail))]);
                set(&mut trace, "outputs", outputs);
            }
            set(value, "amazon-bedrock-trace", json!({ "guardrail": trace }));
        }
    }

    /// Marks an event of a model's own stream: those that bring text, and the last.
    pub(crate) fn mark_event(&self, value: &mut Value, is_last: bool) {
        if is_last {
            self.mark_own(value);
        } else if !QUIET.iter().any(|key| value.get(key).is_some()) {
            self.mark_piece(value);
        }
        if self.blocked_input() {
            without_counts(value);
        }
    }

    fn mark_piece(&self, value: &mut Value) {
        let action = if self.intervened() { "INTERVENED" } else { "NONE" };
        set(value, "amazon-bedrock-guardrailAction", action);
    }

    /// Why, and what the model would have said.
    fn reason(&self) -> Value {
        let reason = if self.intervened() { "Guardrail blocked." } else { "No action." };
        let mut trace = json!({ "actionReason": reason });
        if let Some(said) = &self.said {
            set(&mut trace, "modelOutput", json!([said]));
        }
        trace
    }

    fn by_id(&self, value: Value) -> Value {
        json!({ self.guardrail.id.as_str(): value })
    }
}

/// Takes out of a model's own reply or event what only a model that was asked has.
fn without_counts(value: &mut Value) {
    let Some(members) = value.as_object_mut() else { return };
    members.remove("amazon-bedrock-invocationMetrics");
    if members.contains_key("generation") {
        for key in ["generation_token_count", "prompt_token_count", "stop_reason"] {
            members.remove(key);
        }
    }
    if members.get("type").is_some_and(|kind| kind == "message_delta") {
        members.remove("usage");
    }
    for pointer in ["/id", "/message/id"] {
        let id = value.pointer_mut(pointer).filter(|id| id.as_str().is_some_and(is_message));
        if let Some(id) = id {
            let tail = id.as_str().and_then(|id| id.rsplit('_').next()).unwrap_or_default();
            *id = format!("bedrock-guardrails-{tail}").into();
        }
    }
}

fn is_message(id: &str) -> bool {
    id.starts_with("msg_")
}

/// An answer of one text.
fn message(text: &str, usage: Usage) -> Answer {
    let pieces = tokens::pieces(text).collect();
    Answer { parts: vec![Part::Text(pieces)], stop: Stop::EndTurn, usage }
}

/// Members of events that bring no text and are not marked.
const QUIET: [&str; 5] =
    ["type", "messageStart", "contentBlockStart", "contentBlockStop", "messageStop"];
