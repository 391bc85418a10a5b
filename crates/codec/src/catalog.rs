//! The model catalogue: families and models as data, each group of facts with source and date.
//!
//! The data is written by people in `catalog.toml` and generated from there. A model that it does
//! not list has the facts of its family.

mod advice;
mod date;
mod facts;
mod models;

use core::num::NonZeroU64;

pub(crate) use self::advice::needs_profile;
pub use self::advice::{Advice, advice, profile_for};
pub use self::date::Date;
use self::facts::Burndown;
pub use self::facts::{Facts, FamilyFacts, Modality, Model, Prices, Sampling, Source, Topic};
pub use self::models::{FAMILIES, MODELS};
use crate::ModelRef;

/// The model's entry, whatever profile or ARN shows it.
pub fn find(model: &ModelRef) -> Option<&'static Model> {
    let (provider, name) = (model.provider()?, model.model()?);
    MODELS.iter().find(|entry| {
        entry.provider == provider
            && entry.id.split_once('.').is_some_and(|(_, known)| is_version_of(name, known))
    })
}

/// What is known of the model: by its entry, else by its family, else nothing.
pub fn facts(model: &ModelRef) -> &'static Facts {
    let by_family = || {
        let family = model.family()?.name();
        FAMILIES.iter().find(|entry| entry.name == family).map(|entry| &entry.facts)
    };
    find(model).map(|entry| &entry.facts).or_else(by_family).unwrap_or(&Facts::UNKNOWN)
}

/// The most tokens of one reply, where it is known.
pub fn max_output(model: &ModelRef) -> Option<u32> {
    facts(model).max_output
}

/// How many quota tokens an output token of this model costs on demand.
///
/// 1 for a model that no source names, save a Claude: see the table. Behind an ARN that hides the
/// model, the family that was given tells a Claude.
pub fn burndown(model: &ModelRef) -> NonZeroU64 {
    burndown_row(model).and_then(|row| NonZeroU64::new(row.rate)).unwrap_or(NonZeroU64::MIN)
}

/// Where the rate of [`burndown`] is from; `None` where no source names the model.
pub fn burndown_source(model: &ModelRef) -> Option<&'static Source> {
    burndown_row(model).map(|row| row.source)
}

fn burndown_row(model: &ModelRef) -> Option<&'static Burndown> {
    let provider = model.provider().or_else(|| model.family().map(|family| family.name()))?;
    let name = model.model().unwrap_or_default();
    let rows = models::BURNDOWN.iter();
    rows.filter(|row| row.provider == provider && name.starts_with(row.model))
        .max_by_key(|row| row.model.len())
}

/// Whether a name is the known one, or the same with the size of a context behind a colon.
fn is_version_of(name: &str, known: &str) -> bool {
    name.strip_prefix(known).is_some_and(|rest| {
        let size = rest.strip_prefix(':').and_then(|size| size.strip_suffix('k'));
        rest.is_empty()
            || size.is_some_and(|size| !size.is_empty() && size.bytes().all(|b| b.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(address: &str) -> ModelRef {
        ModelRef::parse(address).unwrap()
    }

    #[test]
    fn the_longest_name_that_fits_decides() {
        for (address, rate) in [
            ("anthropic.claude-3-haiku-20240307-v1:0", 5),
            ("us.anthropic.claude-opus-4-5-20251101-v1:0", 5),
            ("global.anthropic.claude-opus-4-8", 15),
            ("anthropic.claude-sonnet-5-5", 10),
            ("anthropic.claude-of-the-future", 15),
            ("amazon.nova-lite-v1:0", 1),
            ("nobody.knows-this", 1),
        ] {
            assert_eq!(burndown(&parse(address)).get(), rate, "{address}");
        }
    }

    #[test]
    fn a_claude_behind_an_arn_is_known_by_the_family_given() {
        let arn = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc";
        let hidden = parse(arn);
        assert_eq!(burndown(&hidden).get(), 1);
        assert_eq!(burndown(&hidden.clone().with_family("anthropic").unwrap()).get(), 15);
        assert_eq!(burndown(&hidden.with_family("nova").unwrap()).get(), 1);
    }

    #[test]
    fn a_profile_an_arn_and_a_context_size_lead_to_the_same_entry() {
        for address in [
            "anthropic.claude-3-haiku-20240307-v1:0",
            "anthropic.claude-3-haiku-20240307-v1:0:200k",
            "eu.anthropic.claude-3-haiku-20240307-v1:0",
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
        ] {
            let entry = find(&parse(address)).unwrap_or_else(|| std::panic!("{address}"));
            assert_eq!(entry.id, "anthropic.claude-3-haiku-20240307-v1:0", "{address}");
        }
        assert_eq!(find(&parse("anthropic.claude-v2:1")).unwrap().name, "Claude 2.1");
        assert!(find(&parse("anthropic.claude-v2:9")).is_none());
    }

    #[test]
    fn an_unknown_model_has_the_facts_of_its_family_and_no_number_of_its_own() {
        let future = facts(&parse("amazon.nova-of-the-future-v9:0"));
        assert_eq!(future.tools, Some(true));
        assert_eq!((future.max_output, future.end_of_life), (None, None));
        assert_eq!(facts(&parse("nobody.knows-this")), &Facts::UNKNOWN);
    }

    #[test]
    fn what_an_entry_does_not_say_its_family_says() {
        let lite = facts(&parse("us.amazon.nova-lite-v1:0"));
        assert_eq!((lite.max_output, lite.streaming), (Some(10_000), Some(true)));
        assert!(lite.source(Topic::Abilities).is_some() && lite.source(Topic::Limits).is_some());
    }
}
