//! Anthropic Claude: the Messages format, and the text completions of the first models.

pub(crate) mod check;
mod completion;
mod message;
pub(crate) mod messages;
mod tools;

use serde_json::{Map, Value};

use self::completion::Completion;
use self::message::Message;
use super::Family;
use crate::error::Refusal;
use crate::models::Model;
use crate::wire::Wire;

pub(super) struct Anthropic;

impl Family for Anthropic {
    fn name(&self) -> &'static str {
        "anthropic"
    }

    fn check(&self, model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
        if completion::is_in(body) {
            return completion::check(body);
        }
        check::check(model, body)
    }

    fn recognises(&self, body: &Map<String, Value>) -> bool {
        body.contains_key("anthropic_version") || body.contains_key("max_tokens_to_sample")
    }

    fn wire(&self, _model: &str, body: &Map<String, Value>) -> &'static dyn Wire {
        if completion::is_in(body) { &Completion } else { &Message }
    }

    fn last_turn<'a>(&self, raw: &'a str) -> &'a str {
        completion::last_turn(raw)
    }
}
