//! What the name of a quota says: which limit it is, for which calls, and of which model.

use std::fmt;

use codec::{AddressKind, ModelRef, catalog};

use super::codes;

/// Which calls of a model a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// Those by the model's own id.
    OnDemand,
    /// Those by an inference profile of a geography, such as `us.`.
    CrossRegion,
    /// Those by an inference profile of the whole world, `global.`.
    Global,
    /// Those to a provisioned throughput, which only it counts.
    Provisioned,
    /// Those by another address, such as the ARN of an application inference profile, that does not
    /// show which quotas count them.
    Own,
}

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "on-demand inference has these limits")]
pub enum Unit {
    /// Requests per minute.
    RequestsPerMinute,
    /// Tokens per minute.
    TokensPerMinute,
    /// Tokens per day.
    TokensPerDay,
}

impl Scope {
    /// A name for programs, such as `crossRegion`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::OnDemand => "onDemand",
            Self::CrossRegion => "crossRegion",
            Self::Global => "global",
            Self::Provisioned => "provisioned",
            Self::Own => "own",
        }
    }

    /// How calls to this address are counted.
    pub fn of(model: &ModelRef) -> Self {
        match model.kind() {
            AddressKind::Model => Self::OnDemand,
            AddressKind::Profile if model.geo() == Some("global") => Self::Global,
            AddressKind::Profile => Self::CrossRegion,
            AddressKind::Provisioned => Self::Provisioned,
            _ => Self::Own,
        }
    }
}

impl Unit {
    /// A name for programs, such as `tokensPerMinute`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::RequestsPerMinute => "requestsPerMinute",
            Self::TokensPerMinute => "tokensPerMinute",
            Self::TokensPerDay => "tokensPerDay",
        }
    }

    /// The code of this quota of a model in Service Quotas, where it is known.
    pub fn known_code(self, model: &ModelRef) -> Option<&'static str> {
        codes::find(catalog::find(model)?.name, Scope::of(model), self)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OnDemand => "in the region",
            Self::CrossRegion => "across the regions of a geography",
            Self::Global => "across all regions",
            Self::Provisioned => "on a provisioned throughput",
            Self::Own => "by an address that does not show whose quotas count",
        })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RequestsPerMinute => "requests per minute",
            Self::TokensPerMinute => "tokens per minute",
            Self::TokensPerDay => "tokens per day",
        })
    }
}

/// What a quota is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject<'a> {
    pub(super) unit: Unit,
    /// `None`: calls in the region and across regions alike, the latter with `factor`.
    pub(super) scope: Option<Scope>,
    /// How many times the value counts for calls across regions.
    pub(super) factor: u64,
    /// The name of the model, as Service Quotas writes it.
    pub(super) model: &'a str,
}

impl<'a> Subject<'a> {
    /// Reads a name; `None` if it is not about on-demand inference of one model.
    pub(super) fn parse(name: &'a str) -> Option<Self> {
        // "(Model customization) …" and "[bedrock-mantle endpoint] …" are about other calls.
        if name.starts_with(['(', '[']) {
            return None;
        }
        let (kind, model) = name.split_once(" for ")?;
        let kind = kind.to_ascii_lowercase();
        let (model, factor) = match model.strip_suffix(DOUBLED) {
            Some(model) => (model, 2),
            None => (model, 1),
        };
        let unit = if kind.ends_with("requests per minute") {
            Unit::RequestsPerMinute
        } else if kind.ends_with("tokens per minute") {
            Unit::TokensPerMinute
        } else if kind.ends_with("tokens per day") {
            Unit::TokensPerDay
        } else {
            return None;
        };
        let scope = if kind.starts_with("global cross-region") {
            Some(Scope::Global)
        } else if kind.starts_with("cross-region") {
            Some(Scope::CrossRegion)
        } else if kind.starts_with("on-demand") {
            Some(Scope::OnDemand)
        } else if kind.starts_with("model invocation max tokens per day") {
            None
        } else {
            return None;
        };
        Some(Self { unit, scope, factor, model })
    }

    /// Whether calls of this scope count, and how many times the value.
    pub(super) fn covers(&self, scope: Scope) -> Option<u64> {
        match (self.scope, scope) {
            (Some(own), scope) => (own == scope).then_some(1),
            (None, Scope::OnDemand) => Some(1),
            (None, Scope::CrossRegion) => Some(self.factor),
            (None, _) => None,
        }
    }
}

/// The words of a model's name, to be compared with those of a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words<'a> {
    /// Each of these has to be in the name of the quota.
    name: Vec<String>,
    /// Of these, some are there and some are not: `instruct`, or the `v1` of `-v1:0`.
    rest: Vec<String>,
    /// In one word, such as `moonshotai`.
    provider: &'a str,
}

impl<'a> Words<'a> {
    /// The words of a model's name in the catalogue, or of its id if the catalogue does not know it.
    pub(super) fn of(model: &'a ModelRef) -> Option<Self> {
        let (provider, id) = (model.provider()?, model.model()?);
        let (bare, version) = match id.rsplit_once("-v") {
            Some((bare, rest)) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
                (bare, rest.split(':').next().map(|major| format!("v{major}")))
            }
            _ => (id, None),
        };
        let by_id = words_of_id(bare);
        let mut rest: Vec<String> = FILLERS.iter().map(|&word| word.to_owned()).collect();
        rest.extend(version);
        let name = match catalog::find(model) {
            Some(known) => {
                rest.extend(by_id);
                words(known.name)
            }
            None => by_id,
        };
        Some(Self { name, rest, provider })
    }

    /// How many words of a quota's name are the model's own; `None` if one is of neither kind, or one
    /// of the model's is missing.
    pub(super) fn agree(&self, quota: &str) -> Option<usize> {
        let quota = words(quota);
        // Moonshot AI is `moonshotai` in ids.
        let provides = |word: &str| word.len() > 2 && self.provider.starts_with(word);
        let known =
            |word: &String| self.name.contains(word) || self.rest.contains(word) || provides(word);
        let agrees = quota.iter().all(known) && self.name.iter().all(|word| quota.contains(word));
        agrees.then_some(quota.len())
    }
}

/// The words of a name in lower case. A version such as 4.5 is one word, and so is Z.AI;
/// the plus of R+ is a word of its own.
fn words(name: &str) -> Vec<String> {
    let name = name.replace('+', " plus");
    let separate = |c: char| !(c.is_alphanumeric() || c == '.');
    let parts = name.split(separate).filter(|word| !word.is_empty());
    let parts = parts.map(|word| {
        let word = word.to_lowercase();
        let has_number = word.contains(|c: char| c.is_ascii_digit());
        if has_number { word } else { word.replace('.', "") }
    });
    parts.collect()
}

/// The words of an id: `claude-haiku-4-5-20251001` has the words claude, haiku and 4.5.
fn words_of_id(id: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in id.split('-') {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        if digits && part.len() == DATE {
            continue;
        }
        match found.last_mut() {
            Some(last) if digits && last.bytes().all(|b| b.is_ascii_digit()) => {
                *last = format!("{last}.{part}");
            }
            _ => found.push(part.to_lowercase()),
        }
    }
    found
}

/// What the name of a quota ends with that calls across regions have twice.
const DOUBLED: &str = " (doubled for cross-region calls)";
/// Words that belong to the name of a company and not of a model.
const FILLERS: &[&str] = &["ai", "labs"];
/// The digits of a date such as 20251001.
const DATE: usize = 8;

#[cfg(test)]
mod tests;
