//! Model addresses: what goes on the wire, and what it shows of the model behind it.

mod kind;
#[cfg(test)]
mod tests;

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use thiserror::Error;

pub use self::kind::AddressKind;
use crate::family::{Capabilities, FAMILIES, Family};
use crate::operation;

/// The address of a model: a model id, an inference profile or an ARN.
///
/// # Examples
///
/// ```
/// use outcrop_codec::ModelRef;
///
/// let model = ModelRef::parse("eu.anthropic.claude-sonnet-4-5-20250929-v1:0")?;
/// assert_eq!(model.geo(), Some("eu"));
/// assert_eq!(model.family().map(|family| family.name()), Some("anthropic"));
///
/// // This ARN hides the family, which InvokeModel needs to know.
/// let arn = "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl";
/// let model = ModelRef::parse(arn)?.with_family("llama")?;
/// assert_eq!(model.region(), Some("us-east-1"));
/// # Ok::<(), outcrop_codec::ModelRefError>(())
/// ```
#[derive(Clone)]
pub struct ModelRef {
    address: String,
    family: Option<&'static dyn Family>,
    /// The name by which a caller gave the family.
    given: Option<&'static str>,
}

/// A text that cannot be the address of a model, or a family that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModelRefError {
    /// Nothing, or only white space.
    #[error("the model id is blank; give an id, an inference profile or an ARN")]
    Blank,
    /// More than 2,048 bytes.
    #[error("the model id has {len} bytes, more than the 2048 that Bedrock takes")]
    TooLong {
        /// The length in bytes.
        len: usize,
    },
    /// White space or a control character.
    #[error("the model id holds {character:?} at byte {at}; ids have no white space")]
    Character {
        /// The character.
        character: char,
        /// Its place in bytes.
        at: usize,
    },
    /// A path segment that is `.` or `..`.
    #[error("the model id has a path segment `.` or `..`")]
    DotSegment,
    /// It starts with `arn:` and has fewer than six parts, or names no resource.
    #[error(
        "the model ARN is cut short; it has the form arn:PARTITION:bedrock:REGION:ACCOUNT:KIND/ID"
    )]
    ShortArn,
    /// No such family.
    #[error("there is no model family {given:?}; the families are {}", known.join(", "))]
    UnknownFamily {
        /// What was given.
        given: String,
        /// The families that exist.
        known: Vec<&'static str>,
    },
}

impl ModelRef {
    /// Reads an address. Unknown models, providers and geographies are fine.
    ///
    /// # Errors
    ///
    /// Where the text cannot be an address at all.
    pub fn parse(address: &str) -> Result<Self, ModelRefError> {
        if address.trim().is_empty() {
            return Err(ModelRefError::Blank);
        }
        if address.len() > MAX_LEN {
            return Err(ModelRefError::TooLong { len: address.len() });
        }
        let bad = |(_, c): &(usize, char)| c.is_control() || c.is_whitespace();
        if let Some((at, character)) = address.char_indices().find(bad) {
            return Err(ModelRefError::Character { character, at });
        }
        if address.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(ModelRefError::DotSegment);
        }
        if address.starts_with("arn:") && Arn::read(address).is_none_or(|arn| arn.id.is_empty()) {
            return Err(ModelRefError::ShortArn);
        }
        let parts = Parts::read(address);
        let family = parts.provider.zip(parts.model).and_then(|(provider, model)| {
            FAMILIES.iter().copied().find(|family| family.claims(provider, model))
        });
        Ok(Self { address: address.to_owned(), family, given: None })
    }

    /// The same model with the family given by name, which goes before what the address shows. It
    /// may be a family for chat, or one for embeddings, reranking or images.
    ///
    /// # Errors
    ///
    /// Where there is no such family.
    pub fn with_family(mut self, family: &str) -> Result<Self, ModelRefError> {
        self.family = FAMILIES.iter().copied().find(|known| known.name() == family);
        let others = operation::names();
        let other = || others.iter().copied().find(|known| *known == family);
        self.given = self.family.map(Family::name).or_else(other);
        if self.given.is_none() {
            let known = [family_names(), others].concat();
            return Err(ModelRefError::UnknownFamily { given: family.to_owned(), known });
        }
        Ok(self)
    }

    /// The address as given, which is what goes on the wire.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What the address names, by its form.
    pub fn kind(&self) -> AddressKind {
        AddressKind::of(self)
    }

    /// The family for chat: as given, or as the address shows it.
    pub fn family(&self) -> Option<&'static dyn Family> {
        self.family
    }

    /// What the family's own payload can express for this model; `None` where the family is hidden.
    pub fn capabilities(&self) -> Option<Capabilities> {
        self.family.map(|family| family.capabilities_of(self))
    }

    /// The name of the family as it was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        self.given
    }

    /// The region of an ARN, unless it is empty.
    pub fn region(&self) -> Option<&str> {
        Arn::read(&self.address).map(|arn| arn.region).filter(|region| !region.is_empty())
    }

    /// The geography of an inference profile: `us`, `eu`, `global`, and any other.
    pub fn geo(&self) -> Option<&str> {
        Parts::read(&self.address).geo
    }

    /// The provider, such as `anthropic`, where the address shows it.
    pub fn provider(&self) -> Option<&str> {
        Parts::read(&self.address).provider
    }

    /// The model without provider and geography, where the address shows it.
    pub fn model(&self) -> Option<&str> {
        Parts::read(&self.address).model
    }
}

impl FromStr for ModelRef {
    type Err = ModelRefError;

    fn from_str(address: &str) -> Result<Self, ModelRefError> {
        Self::parse(address)
    }
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl fmt::Debug for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let family = self.family.map(Family::name).or(self.given);
        f.debug_struct("ModelRef").field("address", &self.address).field("family", &family).finish()
    }
}

impl PartialEq for ModelRef {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address
            && self.family.map(Family::name) == other.family.map(Family::name)
            && (self.family.is_some() || self.given == other.given)
    }
}

impl Eq for ModelRef {}

/// The names of the families, for error messages.
pub(crate) fn family_names() -> Vec<&'static str> {
    FAMILIES.iter().map(|family| family.name()).collect()
}

/// The parts of an ARN that matter here.
struct Arn<'a> {
    region: &'a str,
    kind: &'a str,
    id: &'a str,
}

impl<'a> Arn<'a> {
    fn read(address: &'a str) -> Option<Self> {
        let mut parts = address.strip_prefix("arn:")?.splitn(5, ':');
        let (_partition, _service) = (parts.next()?, parts.next()?);
        let (region, _account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        let (kind, id) = resource.split_once('/').unwrap_or(("", resource));
        Some(Self { region, kind, id })
    }
}

/// What an address shows of the model.
#[derive(Default)]
struct Parts<'a> {
    geo: Option<&'a str>,
    provider: Option<&'a str>,
    model: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn read(address: &'a str) -> Self {
        let id = match Arn::read(address) {
            Some(arn) if !SPEAKING_ARNS.contains(&arn.kind) => return Self::default(),
            Some(arn) => arn.id.split('/').next().unwrap_or_default(),
            None => address,
        };
        let Some((first, rest)) = id.split_once('.') else { return Self::default() };
        // Model names hold dots too (`glm-4.7`), so only leading parts are split off.
        if !PROVIDERS.contains(&first)
            && let Some((second, model)) = rest.split_once('.')
            && (PROVIDERS.contains(&second) || GEOS.contains(&first))
        {
            return Self { geo: Some(first), provider: Some(second), model: Some(model) };
        }
        Self { geo: None, provider: Some(first), model: Some(rest) }
    }
}

/// The longest address that Bedrock takes, in bytes.
const MAX_LEN: usize = 2048;

/// The kinds of ARNs whose resource shows the model.
const SPEAKING_ARNS: &[&str] =
    &["foundation-model", "inference-profile", "custom-model", "default-prompt-router"];

/// Providers, to tell `geo.provider.model` from `provider.model` with dots. An unknown provider
/// still works: behind a known geography, or without one.
const PROVIDERS: &[&str] = &[
    "ai21",
    "amazon",
    "anthropic",
    "cohere",
    "deepseek",
    "google",
    "luma",
    "meta",
    "minimax",
    "mistral",
    "moonshot",
    "moonshotai",
    "nvidia",
    "openai",
    "qwen",
    "stability",
    "twelvelabs",
    "writer",
    "xai",
    "zai",
];

/// Geographies, to tell them from unknown providers. An unknown one still works in front of a
/// known provider.
const GEOS: &[&str] =
    &["us", "eu", "apac", "global", "jp", "au", "us-gov", "sa", "amer", "ca", "in"];
