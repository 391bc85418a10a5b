//! How many tokens of quota one output token costs: a table of the emulator's own.

/// The rate of a model, by the longest prefix of its name that is listed; 1 if none is.
pub(super) fn rate(name: &str) -> u64 {
    let listed = RATES.iter().filter(|(prefix, _)| name.starts_with(prefix));
    listed.max_by_key(|(prefix, _)| prefix.len()).map_or(1, |(_, rate)| *rate)
}

/// As documented in September 2026; the newer text where two disagree on the older models. The rate
/// does not grow with the version, and a Claude that is not named has the highest.
const RATES: [(&str, u64); 12] = [
    ("anthropic.claude-", 15),
    ("anthropic.claude-v", 5),
    ("anthropic.claude-instant", 5),
    ("anthropic.claude-3", 5),
    ("anthropic.claude-haiku-4", 5),
    ("anthropic.claude-sonnet-4", 5),
    ("anthropic.claude-opus-4", 5),
    ("anthropic.claude-opus-4-8", 15),
    ("anthropic.claude-opus-5", 10),
    ("anthropic.claude-sonnet-5", 10),
    ("anthropic.claude-fable-5", 10),
    ("openai.gpt-5.6", 10),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_decides() {
        assert_eq!(rate("anthropic.claude-sonnet-4-5-20250929-v1:0"), 5);
        assert_eq!(rate("anthropic.claude-opus-4-8"), 15);
        assert_eq!(rate("anthropic.claude-sonnet-5"), 10);
        assert_eq!(rate("amazon.nova-lite-v1:0"), 1);
    }

    #[test]
    fn every_model_of_the_catalogue_has_the_rate_that_it_has_there() {
        for model in codec::catalog::MODELS {
            let address = codec::ModelRef::parse(model.id).unwrap();
            let known = codec::catalog::burndown(&address).map(std::num::NonZeroU64::get);
            assert_eq!(Some(rate(model.id)), known, "{}", model.id);
        }
    }
}
