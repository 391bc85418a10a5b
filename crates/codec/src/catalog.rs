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

/// How many quota tokens an output token of this model costs on demand, where it is known.
///
/// 1 for a model that no source names, of a provider whose models the catalogue lists, save a
/// Claude: see the table. Behind an ARN that hides the model it is the largest of the family that
/// was given. `None`, if there is neither: `Accounting::UNKNOWN_BURNDOWN` of `outcrop-quota` says
/// what to assume then.
pub fn burndown(model: &ModelRef) -> Option<NonZeroU64> {
    let is_listed = || MODELS.iter().any(|entry| Some(entry.provider) == model.provider());
    match burndown_row(model) {
        Some(row) => NonZeroU64::new(row.rate),
        None => (model.family().is_some() || is_listed()).then_some(NonZeroU64::MIN),
    }
}

/// Where the rate of [`burndown`] is from; `None` where no source names the model.
pub fn burndown_source(model: &ModelRef) -> Option<&'static Source> {
    burndown_row(model).map(|row| row.source)
}

fn burndown_row(model: &ModelRef) -> Option<&'static Burndown> {
    let family = model.family().map(|family| family.name());
    model.provider().into_iter().chain(family).find_map(|provider| {
        let rows = models::BURNDOWN.iter().filter(|row| row.provider == provider);
        match model.model() {
            Some(name) => {
                rows.filter(|row| name.starts_with(row.model)).max_by_key(|row| row.model.len())
            }
            // What is hidden may be any of them.
            None => rows.max_by_key(|row| row.rate),
        }
    })
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

    fn rate_of(model: &ModelRef) -> Option<u64> {
        burndown(model).map(NonZeroU64::get)
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
            ("openai.gpt-oss-120b-1:0", 1),
        ] {
            assert_eq!(rate_of(&parse(address)), Some(rate), "{address}");
        }
        assert_eq!(rate_of(&parse("nobody.knows-this")), None);
    }

    #[test]
    fn who_cannot_be_seen_is_known_by_the_family_given() {
        let arn = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc";
        let hidden = parse(arn);
        assert_eq!(rate_of(&hidden), None);
        for model in [hidden, parse("nobody.knows-this")] {
            let of = |family| rate_of(&model.clone().with_family(family).unwrap());
            assert_eq!((of("anthropic"), of("nova")), (Some(15), Some(1)), "{model}");
        }
        let hidden = parse(arn).with_family("openai").unwrap();
        assert_eq!(rate_of(&hidden), Some(10), "it may be the dearest of them");
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
