//! Facts about models, as data with dates.

use core::num::NonZeroU64;

use crate::ModelRef;

/// What an output token of a model counts against its tokens-per-minute quota.
struct Burndown {
    provider: &'static str,
    /// The beginning of the model's name; the longest that fits decides.
    model: &'static str,
    rate: u64,
}

const fn burndown_row(provider: &'static str, model: &'static str, rate: u64) -> Burndown {
    Burndown { provider, model, rate }
}

/// Source: the page on token burn-down of the Bedrock user guide, as of 2026-09-21. The rates do
/// not rise with the version. A Claude that is not named takes the highest rate known, since
/// counting too little ends in throttles and counting too much only in waiting.
const BURNDOWN: &[Burndown] = &[
    burndown_row("anthropic", "", 15),
    burndown_row("anthropic", "claude-opus-4-8", 15),
    burndown_row("anthropic", "claude-sonnet-5", 10),
    burndown_row("anthropic", "claude-opus-5", 10),
    burndown_row("anthropic", "claude-fable-5-1", 10),
    burndown_row("anthropic", "claude-opus-4", 5),
    burndown_row("anthropic", "claude-sonnet-4", 5),
    burndown_row("anthropic", "claude-haiku-4", 5),
    burndown_row("anthropic", "claude-3", 5),
    burndown_row("anthropic", "claude-v2", 5),
    burndown_row("anthropic", "claude-instant", 5),
    burndown_row("openai", "gpt-5.6", 10),
];

/// How many quota tokens an output token of this model costs on demand.
///
/// 1 for a model that no source names, save a Claude: see the table. Behind an ARN that hides the
/// model, the family that was given tells a Claude.
pub fn burndown(model: &ModelRef) -> NonZeroU64 {
    let family = model.family().map(|family| family.name());
    let Some(provider) = model.provider().or(family) else { return NonZeroU64::MIN };
    let name = model.model().unwrap_or_default();
    BURNDOWN
        .iter()
        .filter(|row| row.provider == provider && name.starts_with(row.model))
        .max_by_key(|row| row.model.len())
        .and_then(|row| NonZeroU64::new(row.rate))
        .unwrap_or(NonZeroU64::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let model = ModelRef::parse(address).unwrap();
            assert_eq!(burndown(&model).get(), rate, "{address}");
        }
    }

    #[test]
    fn a_claude_behind_an_arn_is_known_by_the_family_given() {
        let arn = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc";
        let hidden = ModelRef::parse(arn).unwrap();
        assert_eq!(burndown(&hidden).get(), 1);
        assert_eq!(burndown(&hidden.clone().with_family("anthropic").unwrap()).get(), 15);
        assert_eq!(burndown(&hidden.with_family("nova").unwrap()).get(), 1);
    }
}
