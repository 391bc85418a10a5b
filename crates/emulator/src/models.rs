//! Which models exist here, and what they can.
//!
//! The catalogue says so. What it does not know is in the tables below, which hold nothing that it
//! does know; tests hold them to that.

#[cfg(test)]
mod tests;

use codec::catalog::{self, Facts, Modality, Sampling};
use codec::{ModelRef, embed, image, rerank};

use crate::error::Refusal;

/// A model as a request names it.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) reference: ModelRef,
    /// `provider.model` without region prefix; the whole address where an ARN hides it.
    pub(crate) name: String,
    facts: &'static Facts,
}

impl Model {
    /// Finds a model: one that the catalogue lists, behind a geography or an ARN too. An ARN that
    /// hides its model, or names one of the account's own, is taken to exist.
    pub(crate) fn find(id: &str) -> Result<Self, Refusal> {
        let reference = ModelRef::parse(id).map_err(|_| unknown())?;
        let listed = catalog::find(&reference);
        let facts = listed.map_or_else(|| catalog::facts(&reference), |entry| &entry.facts);
        let name = match (reference.provider(), reference.model()) {
            (Some(provider), Some(model)) => format!("{provider}.{model}"),
            _ if HIDING.iter().any(|kind| id.contains(kind)) => {
                return Ok(Self { name: id.into(), reference, facts });
            }
            _ => return Err(unknown()),
        };
        let exists = listed.is_some() || is_any(UNLISTED, &name) || is_own(id);
        let geo_exists = reference.geo().is_none_or(|geo| GEOS.contains(&geo));
        if exists && geo_exists { Ok(Self { reference, name, facts }) } else { Err(unknown()) }
    }

    /// What the catalogue knows of it, or of its family.
    pub(crate) const fn facts(&self) -> &'static Facts {
        self.facts
    }

    /// Whether a text names it: as the request does, or by its own id.
    pub(crate) fn is(&self, text: &str) -> bool {
        text == self.reference.address() || text == self.name
    }

    /// Refuses the model's own id where the service has only inference profiles of it.
    pub(crate) fn check_on_demand(&self) -> Result<(), Refusal> {
        let address = self.reference.address();
        let own = !address.starts_with("arn:") || address.contains(":foundation-model/");
        if !own || self.facts.on_demand != Some(false) || self.reference.geo().is_some() {
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

    /// Whether it answers in words, as far as its address shows.
    pub(crate) fn speaks(&self) -> bool {
        match self.facts.output {
            [] => self.other_family().is_none() && !is_any(UNLISTED, &self.name),
            output => output.contains(&Modality::Text),
        }
    }

    /// The codec's family of a model that gives embeddings, scores or images.
    pub(crate) fn other_family(&self) -> Option<&'static str> {
        let model = &self.reference;
        embed::family(model).or_else(|| rerank::family(model)).or_else(|| image::family(model))
    }

    /// The most output tokens that it gives.
    pub(crate) fn max_tokens(&self) -> u64 {
        let listed = MAX_TOKENS.iter().find(|(prefix, _)| self.name.starts_with(prefix));
        let listed = listed.map_or(NO_LIMIT_KNOWN, |(_, limit)| *limit);
        self.facts.max_output.map_or(listed, u64::from)
    }

    /// Whether it reads such content.
    pub(crate) fn reads(&self, kind: Modality) -> bool {
        self.facts.input.is_empty() || self.facts.input.contains(&kind)
    }

    /// Whether it reasons: some always do, and others where they are asked to.
    pub(crate) fn reasons(&self, asked: bool) -> bool {
        is_any(ALWAYS_REASONS, &self.name)
            || asked && (self.is_hidden() || is_any(REASONS, &self.name))
    }

    /// Whether it can be answered by a stream.
    pub(crate) fn streams(&self) -> bool {
        self.facts.streaming != Some(false)
    }

    /// Whether Converse takes a system prompt for it.
    pub(crate) fn takes_system(&self) -> bool {
        self.facts.system_prompt != Some(false)
    }

    /// Whether Converse takes only one turn for it.
    pub(crate) fn takes_one_turn(&self) -> bool {
        is_any(ONE_TURN, &self.name)
    }

    /// Whether Converse takes tools for it.
    pub(crate) fn takes_tools(&self) -> bool {
        self.facts.tools != Some(false)
    }

    /// Whether Converse takes this choice of tools for it: `auto`, `any` or `tool`.
    pub(crate) fn takes_choice(&self, choice: &str) -> bool {
        let listed = CHOICES.iter().find(|(prefix, _)| self.name.starts_with(prefix));
        listed.is_none_or(|(_, taken)| taken.contains(&choice))
    }

    /// Which of temperature and `topP` it takes, where that is known.
    pub(crate) fn sampling(&self) -> Option<Sampling> {
        self.facts.sampling
    }

    /// Whether it takes marks up to which a prompt may be cached.
    pub(crate) fn caches(&self) -> bool {
        self.facts.prompt_caching != Some(false)
    }

    /// Whether two turns of one role may follow each other, as recordings show.
    pub(crate) fn merges_turns(&self) -> bool {
        is_any(MERGES_TURNS, &self.name)
    }

    /// Whether Converse takes the assistant's turn first for it, as a recording shows.
    pub(crate) fn takes_assistant_first(&self) -> bool {
        is_any(ASSISTANT_FIRST, &self.name)
    }

    /// Whether it takes turns of the system's between the others.
    pub(crate) fn takes_system_later(&self) -> bool {
        is_any(SYSTEM_LATER, &self.name)
    }

    /// Whether it counts tokens without an answer.
    pub(crate) fn counts(&self) -> bool {
        self.name.starts_with("anthropic.") && !is_any(NO_COUNT, &self.name)
    }
}

/// Whether an ARN shows a name and is not of the catalogue's model itself.
pub(crate) fn is_own(id: &str) -> bool {
    OWN.iter().any(|kind| id.contains(kind))
}

/// The refusal of what names no model.
pub(crate) fn unknown() -> Refusal {
    Refusal::validation("The provided model identifier is invalid.")
}

/// The refusal of a stream by a model that answers in one piece.
pub(crate) fn no_streams() -> Refusal {
    Refusal::validation("The model is unsupported for streaming")
}

/// The refusal of a model by an operation that is for others.
pub(crate) fn not_for_this() -> Refusal {
    Refusal::validation(
        "This action doesn't support the model that you provided. Try again with a supported text \
         or chat model.",
    )
}

fn is_any(prefixes: &[&str], name: &str) -> bool {
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// The kinds of ARNs that show a name and are not of the catalogue's models themselves.
const OWN: &[&str] = &[":custom-model/", ":default-prompt-router/"];

/// The kinds of ARNs that hide their model.
const HIDING: &[&str] = &[
    ":application-inference-profile/",
    ":custom-model-deployment/",
    ":custom-model/",
    ":endpoint/",
    ":imported-model/",
    ":prompt/",
    ":prompt-router/",
    ":provisioned-model/",
];

/// The geographies of inference profiles. The catalogue names only those that it has seen of each
/// model.
const GEOS: &[&str] =
    &["amer", "apac", "au", "ca", "eu", "global", "in", "jp", "sa", "us", "us-gov"];

/// What the names of models begin with that the catalogue does not list. None answers in words.
const UNLISTED: &[&str] = &[
    "amazon.nova-2-sonic",
    "amazon.nova-reel",
    "amazon.nova-sonic",
    "luma.ray",
    "stability.",
    "twelvelabs.marengo",
];

/// Models that take one message of the user and no more.
const ONE_TURN: &[&str] = &["ai21.j2-", "cohere.command-light-text", "cohere.command-text"];

/// The choices of tools that models take which do not take all.
const CHOICES: &[(&str, &[&str])] = &[
    ("ai21.jamba", &[]),
    ("cohere.command-r", &[]),
    ("meta.llama", &["auto"]),
    ("mistral.mistral-large-2", &["auto", "any"]),
    ("mistral.mistral-small-2", &["auto", "any"]),
];

const MERGES_TURNS: &[&str] = &[
    "amazon.titan-text",
    "anthropic.claude-3-5",
    "anthropic.claude-3-7",
    "anthropic.claude-fable",
    "anthropic.claude-haiku",
    "anthropic.claude-opus",
    "anthropic.claude-sonnet",
];

const ASSISTANT_FIRST: &[&str] = &["anthropic.claude-sonnet-4-5"];

/// The first of these is recorded; the others are newer.
const SYSTEM_LATER: &[&str] = &[
    "anthropic.claude-opus-4-8",
    "anthropic.claude-fable-5",
    "anthropic.claude-haiku-5",
    "anthropic.claude-opus-5",
    "anthropic.claude-sonnet-5",
];

/// Models of Anthropic's that cannot count.
const NO_COUNT: &[&str] = &[
    "anthropic.claude-3-haiku",
    "anthropic.claude-3-opus",
    "anthropic.claude-3-sonnet",
    "anthropic.claude-instant",
    "anthropic.claude-v",
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
    "zai.",
];

/// The most output tokens of models whose entry in the catalogue does not say it.
const MAX_TOKENS: &[(&str, u64)] = &[
    ("amazon.titan-tg1", 4096),
    ("anthropic.claude-3-7-sonnet", 64_000),
    ("anthropic.claude-opus-4", 32_000),
    ("anthropic.claude-sonnet-4-2", 64_000),
    ("meta.llama3-", 8192),
];

const NO_LIMIT_KNOWN: u64 = 131_072;
