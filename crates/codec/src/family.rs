//! Model families: whose payloads InvokeModel passes through.

mod anthropic;
mod chat;
mod command;
mod command_r;
mod deepseek;
mod generations;
mod jurassic;
mod llama;
mod mistral;
mod nova;
mod params;
mod prompt;
mod prompted;
mod speech;
mod titan;
mod two_forms;

use core::fmt;

use crate::format::Format;
use crate::model::ModelRef;

/// A family of models that share one payload format for InvokeModel.
pub trait Family: Format {
    /// The name, by which a caller gives the family where an ARN hides it.
    fn name(&self) -> &'static str;

    /// Whether a model of this provider, without its geography, belongs to the family.
    fn claims(&self, provider: &str, model: &str) -> bool;

    /// What the family's own payload can express.
    fn capabilities(&self) -> Capabilities;

    /// What it can express for this model, which may be less than the family can, or more.
    fn capabilities_of(&self, _model: &ModelRef) -> Capabilities {
        self.capabilities()
    }
}

impl fmt::Debug for dyn Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Family({})", self.name())
    }
}

/// What a family can do. All but `converse` is about its own payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Its models can be called by Converse.
    pub converse: bool,
    /// It streams.
    pub streams: bool,
    /// It takes messages, not only a prompt.
    pub messages: bool,
    /// It takes a raw prompt, verbatim.
    pub prompt: bool,
    /// It takes a system text.
    pub system: bool,
    /// It takes tools.
    pub tools: bool,
    /// It takes images.
    pub images: bool,
    /// It takes documents.
    pub documents: bool,
    /// It takes stop sequences.
    pub stop_sequences: bool,
    /// The limit on output tokens that is written where a request has none, for a family whose
    /// payload must have one.
    pub default_max_tokens: Option<u32>,
}

impl Capabilities {
    /// Converse and streams, and nothing else.
    pub(crate) const LEAST: Self = Self {
        converse: true,
        streams: true,
        messages: false,
        prompt: false,
        system: false,
        tools: false,
        images: false,
        documents: false,
        stop_sequences: false,
        default_max_tokens: None,
    };
}

/// The families. A new one is a file and a line here; nothing else knows them by name.
pub static FAMILIES: &[&dyn Family] = &[
    &anthropic::Anthropic,
    &nova::Nova,
    &llama::Llama,
    &titan::Titan,
    &mistral::MISTRAL,
    &deepseek::DEEPSEEK,
    &chat::OPENAI,
    &chat::QWEN,
    &chat::WRITER,
    &chat::KIMI,
    &chat::MINIMAX,
    &chat::GLM,
    &chat::GEMMA,
    &chat::NEMOTRON,
    &chat::JAMBA,
    &command::Command,
    &command_r::CommandR,
    &jurassic::Jurassic,
];
