//! What is known of a model or a family, and where it is known from.

use super::Date;

/// A model that the catalogue lists.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Model {
    /// The model id, without a geography.
    pub id: &'static str,
    /// The name for people.
    pub name: &'static str,
    /// The provider, which the id begins with.
    pub provider: &'static str,
    /// The catalogue's family; `None` where it has none.
    pub family: Option<&'static str>,
    /// What is known, with what holds of the family where the model's own entry is silent.
    pub facts: Facts,
}

/// A family that the catalogue lists: the codec's families, and those of embeddings, rerankers and
/// images.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct FamilyFacts {
    /// The name, as `--family` takes it.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// What holds of its models unless they say otherwise.
    pub facts: Facts,
}

/// What is known. `None`, or an empty list of modalities, is unknown and not a no.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Facts {
    /// The context window, in tokens.
    pub context_window: Option<u32>,
    /// The most tokens of one reply.
    pub max_output: Option<u32>,
    /// What it reads.
    pub input: &'static [Modality],
    /// What it gives.
    pub output: &'static [Modality],
    /// It takes tools.
    pub tools: Option<bool>,
    /// It streams.
    pub streaming: Option<bool>,
    /// It takes a system text.
    pub system_prompt: Option<bool>,
    /// It takes cache points.
    pub prompt_caching: Option<bool>,
    /// Which of temperature and top_p it takes.
    pub sampling: Option<Sampling>,
    /// It runs in batch jobs.
    pub batch: Option<bool>,
    /// The fewest records of a batch job.
    pub min_batch_records: Option<u32>,
    /// The most records of a batch job.
    pub max_batch_records: Option<u32>,
    /// The prefixes of the inference profiles that are known, such as `us`.
    pub geos: &'static [&'static str],
    /// Whether the bare id works, without a profile, in some region at least.
    pub on_demand: Option<bool>,
    /// The day from which it is legacy.
    pub legacy: Option<Date>,
    /// The day from which requests fail.
    pub end_of_life: Option<Date>,
    /// List prices.
    pub prices: Option<Prices>,
    /// Where each group of facts is from.
    pub sources: &'static [(Topic, &'static Source)],
}

impl Facts {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        context_window: None,
        max_output: None,
        input: &[],
        output: &[],
        tools: None,
        streaming: None,
        system_prompt: None,
        prompt_caching: None,
        sampling: None,
        batch: None,
        min_batch_records: None,
        max_batch_records: None,
        geos: &[],
        on_demand: None,
        legacy: None,
        end_of_life: None,
        prices: None,
        sources: &[],
    };

    /// Where the facts on a topic are from.
    pub fn source(&self, topic: Topic) -> Option<&'static Source> {
        self.sources.iter().find(|(about, _)| *about == topic).map(|(_, source)| *source)
    }
}

/// Where facts are from, and as of which day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// The short name.
    pub key: &'static str,
    /// What it is.
    pub title: &'static str,
    /// The day on which it said so.
    pub date: Date,
}

/// A group of facts that share a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Topic {
    /// Context window and longest reply.
    Limits,
    /// What goes in and comes out.
    Modalities,
    /// Tools, streaming, system texts, caching, sampling.
    Abilities,
    /// Batch jobs.
    Batch,
    /// Inference profiles.
    Profiles,
    /// Legacy and end of life.
    Life,
    /// Prices.
    Prices,
}

impl Topic {
    /// The word for it in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Limits => "limits",
            Self::Modalities => "modalities",
            Self::Abilities => "abilities",
            Self::Batch => "batch",
            Self::Profiles => "profiles",
            Self::Life => "life",
            Self::Prices => "prices",
        }
    }
}

/// A kind of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Modality {
    /// Text.
    Text,
    /// Images.
    Image,
    /// Documents.
    Document,
    /// Video.
    Video,
    /// Sound.
    Audio,
    /// Vectors.
    Embedding,
    /// Scores of documents.
    Score,
}

impl Modality {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Document => "document",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Embedding => "embedding",
            Self::Score => "score",
        }
    }
}

/// Which of temperature and top_p a model takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sampling {
    /// Both at once.
    Both,
    /// One of them.
    One,
    /// Neither.
    None,
}

/// List prices in US dollars for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Prices {
    /// Input that is not cached.
    pub input: f64,
    /// Output.
    pub output: f64,
    /// Input that is read from the cache.
    pub cache_read: Option<f64>,
    /// Input that is written to the cache, for five minutes.
    pub cache_write: Option<f64>,
    /// Input in batch jobs.
    pub batch_input: Option<f64>,
    /// Output in batch jobs.
    pub batch_output: Option<f64>,
}

impl Prices {
    /// Input and output; cache read and write; batch input and output.
    pub(super) const fn listed(
        [input, output]: [f64; 2],
        [cache_read, cache_write]: [Option<f64>; 2],
        [batch_input, batch_output]: [Option<f64>; 2],
    ) -> Self {
        Self { input, output, cache_read, cache_write, batch_input, batch_output }
    }
}

/// What an output token of some models counts against their tokens-per-minute quota.
pub(super) struct Burndown {
    pub(super) provider: &'static str,
    /// The beginning of the model's name; the longest that fits decides.
    pub(super) model: &'static str,
    pub(super) rate: u64,
    pub(super) source: &'static Source,
}
