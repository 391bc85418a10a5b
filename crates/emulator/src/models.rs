//! Which model ids exist here, and what they can.

use codec::{ModelRef, catalog};

use crate::error::Refusal;

/// A model as a request names it.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) reference: ModelRef,
    /// `provider.model` without region prefix; the whole address where an ARN hides it.
    pub(crate) name: String,
}

impl Model {
    /// Finds a model. An ARN that hides its model is taken to exist.
    pub(crate) fn find(id: &str) -> Result<Self, Refusal> {
        let unknown = || Refusal::validation("The provided model identifier is invalid.");
        let reference = ModelRef::parse(id).map_err(|_| unknown())?;
        let name = match (reference.provider(), reference.model()) {
            (Some(provider), Some(model)) => format!("{provider}.{model}"),
            _ if id.starts_with("arn:") => return Ok(Self { name: id.into(), reference }),
            _ => return Err(unknown()),
        };
        if listed(KNOWN, &name) && !listed(NOT_TEXT, &name) {
            Ok(Self { reference, name })
        } else {
            Err(unknown())
        }
    }

    /// Refuses the model's own id where the service has only inference profiles of it.
    pub(crate) fn check_on_demand(&self) -> Result<(), Refusal> {
        let address = self.reference.address();
        let own = !address.starts_with("arn:") || address.contains(":foundation-model/");
        let known = catalog::find(&self.reference);
        let needs_profile = known.is_some_and(|known| known.facts.on_demand == Some(false));
        if !own || !needs_profile || self.reference.geo().is_some() {
            return Ok(());
        }
        Err(Refusal::validation(format!(
            "Invocation of model ID {address} with on-demand throughput isn\u{2019}t supported. Retry \
             your request with the ID or ARN of an inference profile that contains this model."
        )))
    }

    /// Whether an ARN hides which model it is.
    pub(crate) fn is_hidden(&self) -> bool {
        self.reference.provider().is_none()
    }

    /// The most output tokens that it gives: the limit of the longest prefix listed.
    pub(crate) fn max_tokens(&self) -> u64 {
        let listed = LIMITS.iter().filter(|(prefix, _)| self.name.starts_with(prefix));
        listed.max_by_key(|(prefix, _)| prefix.len()).map_or(NO_LIMIT_KNOWN, |(_, limit)| *limit)
    }

    /// Whether it reasons: some always do, and others where they are asked to.
    pub(crate) fn reasons(&self, asked: bool) -> bool {
        listed(ALWAYS_REASONS, &self.name)
            || asked && (self.is_hidden() || listed(REASONS, &self.name))
    }

    /// Whether it can be answered by a stream.
    pub(crate) fn streams(&self) -> bool {
        !self.name.starts_with("ai21.j2-")
    }

    /// Whether Converse takes a system prompt for it.
    pub(crate) fn takes_system(&self) -> bool {
        !listed(NO_SYSTEM, &self.name)
    }

    /// Whether Converse takes only one turn for it.
    pub(crate) fn takes_one_turn(&self) -> bool {
        listed(&["ai21.j2-", "cohere.command-light-text", "cohere.command-text"], &self.name)
    }

    /// Whether Converse takes tools for it.
    pub(crate) fn takes_tools(&self) -> bool {
        !listed(NO_SYSTEM, &self.name) && !listed(NO_TOOLS, &self.name)
    }
}

fn listed(prefixes: &[&str], name: &str) -> bool {
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// What the names of text models begin with.
const KNOWN: &[&str] = &[
    "ai21.j2-",
    "ai21.jamba",
    "amazon.nova-",
    "amazon.titan-text",
    "amazon.titan-tg1",
    "anthropic.claude",
    "cohere.command",
    "deepseek.",
    "google.gemma",
    "meta.llama",
    "minimax.",
    "mistral.",
    "moonshot.",
    "moonshotai.",
    "nvidia.nemotron",
    "openai.gpt-",
    "qwen.",
    "writer.palmyra",
    "xai.grok",
    "zai.glm",
];

/// Models of those names that do something else than text.
const NOT_TEXT: &[&str] = &[
    "amazon.nova-2-multimodal-embeddings",
    "amazon.nova-2-sonic",
    "amazon.nova-canvas",
    "amazon.nova-reel",
    "amazon.nova-sonic",
];

const NO_SYSTEM: &[&str] = &[
    "ai21.j2-",
    "amazon.titan-",
    "cohere.command-light-text",
    "cohere.command-text",
    "mistral.mistral-7b",
    "mistral.mixtral",
];

const NO_TOOLS: &[&str] = &[
    "ai21.jamba-instruct",
    "anthropic.claude-instant",
    "anthropic.claude-v",
    "deepseek.r1",
    "meta.llama2",
    "meta.llama3-8b",
    "meta.llama3-70b",
];

const ALWAYS_REASONS: &[&str] = &["deepseek.r1", "moonshot.kimi-k2-thinking", "openai.gpt-oss"];

/// What the names of models begin with that reason where they are asked to.
const REASONS: &[&str] = &[
    "amazon.nova-2-",
    "anthropic.claude-3-7",
    "anthropic.claude-fable",
    "anthropic.claude-haiku",
    "anthropic.claude-opus",
    "anthropic.claude-sonnet",
    "deepseek.",
    "minimax.",
    "mistral.magistral",
    "moonshot",
    "nvidia.",
    "openai.",
    "qwen.",
    "xai.",
    "zai.",
];

/// The most output tokens, by prefix.
const LIMITS: &[(&str, u64)] = &[
    ("amazon.nova-", 10_000),
    ("amazon.nova-2-", 65_535),
    ("amazon.titan-text-express", 8192),
    ("amazon.titan-text-lite", 4096),
    ("amazon.titan-text-premier", 3072),
    ("amazon.titan-tg1", 4096),
    ("anthropic.claude-", 64_000),
    ("anthropic.claude-3-", 4096),
    ("anthropic.claude-3-5-", 8192),
    ("anthropic.claude-3-7-", 64_000),
    ("anthropic.claude-instant", 4096),
    ("anthropic.claude-opus-4-1", 32_000),
    ("anthropic.claude-opus-4-2", 32_000),
    ("anthropic.claude-opus-4-6", 128_000),
    ("anthropic.claude-opus-4-7", 128_000),
    ("anthropic.claude-opus-4-8", 128_000),
    ("anthropic.claude-v", 4096),
    ("cohere.command", 4000),
    ("meta.llama", 8192),
    ("meta.llama2", 2048),
    ("meta.llama3-8b", 2048),
    ("meta.llama3-70b", 2048),
];

const NO_LIMIT_KNOWN: u64 = 131_072;

#[cfg(test)]
mod tests {
    use super::*;

    fn name(id: &str) -> Option<String> {
        Model::find(id).ok().map(|model| model.name)
    }

    #[test]
    fn ids_profiles_and_arns_name_the_same_model() {
        let base = "anthropic.claude-3-haiku-20240307-v1:0";
        let arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.";
        for id in
            [base.into(), format!("us.{base}"), format!("global.{base}"), format!("{arn}{base}")]
        {
            assert_eq!(name(&id).as_deref(), Some(base), "{id}");
        }
    }

    #[test]
    fn an_arn_that_hides_its_model_is_taken_to_exist() {
        let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123";
        assert_eq!(name(arn).as_deref(), Some(arn));
    }

    #[test]
    fn what_is_no_text_model_does_not_exist() {
        for id in [
            "",
            "claude",
            "no.such-model",
            "anthropic.clod-v9",
            "amazon.nova-canvas-v1:0",
            "us.acme.brain-v1",
            "arn:aws:bedrock:us-east-1::foundation-model/acme.brain-v1",
        ] {
            assert_eq!(name(id), None, "{id}");
        }
    }

    #[test]
    fn the_longest_prefix_gives_the_limit() {
        let limit = |id| Model::find(id).unwrap().max_tokens();
        assert_eq!(limit("us.anthropic.claude-3-5-haiku-20241022-v1:0"), 8192);
        assert_eq!(limit("anthropic.claude-opus-4-20250514-v1:0"), 32_000);
        assert_eq!(limit("anthropic.claude-sonnet-4-5-20250929-v1:0"), 64_000);
        assert_eq!(limit("qwen.qwen3-32b-v1:0"), NO_LIMIT_KNOWN);
    }
}
