//! One fault of a scenario: what it is for, when it strikes, and what it does.

use std::num::NonZeroU64;

use codec::ModelRef;
use serde::Deserialize;

use super::effect::Effect;
use super::glob::Glob;
use crate::ids::mix;

/// A fault as a scenario file writes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// What logs call it; by default the name of its effect.
    name: Option<String>,
    /// The models that it is for: ids as they are called, or without their region prefix.
    model: Option<Glob>,
    /// The operations that it is for, by the names of the service. By default those that its
    /// effect makes sense for.
    operation: Option<Glob>,
    /// The objects of S3 that it is for, each written as bucket, slash and key.
    object: Option<Glob>,
    /// On which of the calls that it is for it strikes.
    #[serde(default)]
    pub(super) when: When,
    pub(super) effect: Effect,
}

/// A request, as faults choose among them.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) operation: &'a str,
    pub(super) model: Option<&'a str>,
    pub(super) object: Option<&'a str>,
}

/// Which calls a fault strikes, among those that it is for. They are counted from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum When {
    #[default]
    Always,
    Nth(NonZeroU64),
    Every(NonZeroU64),
    First(NonZeroU64),
    Between(Span),
    Probability(Share),
}

/// The first and the last of some calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "[NonZeroU64; 2]")]
pub(super) struct Span {
    first: u64,
    last: u64,
}

/// A number from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct Share(f64);

impl Rule {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.effect.act().name())
    }

    /// Whether the fault is for such a call at all.
    pub(super) fn is_for(&self, call: &Call<'_>) -> bool {
        let fits = |glob: &Option<Glob>, name: Option<&str>| {
            glob.as_ref().is_none_or(|glob| name.is_some_and(|name| glob.fits(name)))
        };
        let operation = match &self.operation {
            Some(glob) => glob.fits(call.operation),
            None => self.effect.act().stage().is_usual_for(call),
        };
        let without_prefix = || bare(call.model?);
        operation
            && fits(&self.object, call.object)
            && (fits(&self.model, call.model) || fits(&self.model, without_prefix().as_deref()))
    }
}

impl When {
    /// Whether the fault strikes the call of this number.
    pub(super) fn holds(self, number: u64, seed: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Nth(nth) => number == nth.get(),
            Self::Every(every) => number.is_multiple_of(every.get()),
            Self::First(first) => number <= first.get(),
            Self::Between(Span { first, last }) => (first..=last).contains(&number),
            Self::Probability(Share(share)) => {
                // 53 bits, as many as a fraction of this type holds.
                let drawn = (mix(mix(seed).wrapping_add(number)) >> 11) as f64;
                drawn < share * (1_u64 << 53) as f64
            }
        }
    }
}

impl TryFrom<[NonZeroU64; 2]> for Span {
    type Error = String;

    fn try_from([first, last]: [NonZeroU64; 2]) -> Result<Self, String> {
        if first > last {
            return Err(format!("the first call, {first}, comes after the last, {last}"));
        }
        Ok(Self { first: first.get(), last: last.get() })
    }
}

impl TryFrom<f64> for Share {
    type Error = String;

    fn try_from(share: f64) -> Result<Self, String> {
        let fits = (0.0..=1.0).contains(&share);
        fits.then_some(Self(share)).ok_or_else(|| format!("{share} is not from 0 to 1"))
    }
}

/// The id of a model without the prefix of its region.
fn bare(model: &str) -> Option<String> {
    let model = ModelRef::parse(model).ok()?;
    Some(format!("{}.{}", model.provider()?, model.model()?))
}
