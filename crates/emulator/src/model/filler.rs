//! A text of a given length, for measurements.

/// Words of one token each, as many as asked for.
pub(super) fn text(tokens: u64) -> String {
    let count = usize::try_from(tokens).unwrap_or(usize::MAX).min(LONGEST);
    WORDS.iter().cycle().take(count).copied().collect::<Vec<_>>().join(" ")
}

const WORDS: [&str; 8] = ["rock", "under", "soil", "comes", "up", "to", "the", "light"];
/// More than any model may say.
const LONGEST: usize = 1_000_000;
