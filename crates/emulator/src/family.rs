//! The families of models that InvokeModel knows, one file each.

pub(crate) mod anthropic;
mod chat;
mod command;
mod command_r;
mod deepseek;
mod jurassic;
mod llama;
mod mistral;
mod nova;
mod several;
mod titan;

use serde_json::{Map, Value};

pub(crate) use self::several::{Copies, Several};
use crate::error::Refusal;
use crate::models::Model;
use crate::wire::Wire;

/// A family's own request and reply format.
pub(crate) trait Family: Sync {
    /// The name by which the codec knows it.
    fn name(&self) -> &'static str;

    /// Refuses a body that the service would refuse.
    fn check(&self, model: &Model, body: &Map<String, Value>) -> Result<(), Refusal>;

    /// Whether a body is one of this family's: how an ARN that hides its model is told.
    fn recognises(&self, body: &Map<String, Value>) -> bool;

    /// The form in which a body is answered.
    fn wire(&self, model: &str, body: &Map<String, Value>) -> &'static dyn Wire;

    /// The limit on output tokens where the request gives none; the model's own by default.
    fn default_max_tokens(&self) -> Option<u64> {
        None
    }

    /// The turn to answer in a raw prompt, without the marks of its template.
    fn last_turn<'a>(&self, raw: &'a str) -> &'a str {
        raw
    }

    /// Whether it answers by streams.
    fn streams(&self) -> bool {
        true
    }

    /// Whether a body asks for a stream, where it may say so and has to agree with the operation.
    fn asks_to_stream(&self, _body: &Map<String, Value>) -> Option<bool> {
        None
    }

    /// Where it is asked for several answers, if it gives them.
    fn several(&self) -> Option<&'static Several> {
        None
    }

    /// What a reply repeats of the request.
    fn echo(&self, _body: &Map<String, Value>) -> Value {
        Value::Null
    }
}

/// The one table of families: a new one is a file and a line here. Where an ARN hides the model,
/// the first that recognises the body answers.
pub(crate) static FAMILIES: &[&dyn Family] = &[
    &anthropic::Anthropic,
    &nova::Nova,
    &llama::Llama,
    &titan::Titan,
    &command_r::CommandR,
    &jurassic::Jurassic,
    &command::Command,
    &mistral::Mistral,
    &chat::OPENAI,
    &chat::QWEN,
    &chat::WRITER,
    &chat::KIMI,
    &chat::MINIMAX,
    &chat::GLM,
    &chat::GEMMA,
    &chat::NEMOTRON,
    &chat::JAMBA,
    &deepseek::DeepSeek,
];
