//! Views that are derived from text, which itself is kept byte for byte.

use alloc::vec::Vec;

/// A text parted into reasoning and the answer behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReasoningSplit<'a> {
    /// What stood between the marks, in order.
    pub reasoning: Vec<&'a str>,
    /// What follows, without white space around it.
    pub answer: &'a str,
}

/// Parts the reasoning at the beginning of a text from the answer, where a model marks it inside
/// the text: `<thinking>` (Amazon Nova), `<think>` (DeepSeek and others) or `<reasoning>`.
///
/// Reasoning that is not closed goes to the end of the text. A `</think>` that nothing opened closes
/// what the prompt has opened. Marks behind the beginning are the model's own words and stay.
///
/// # Examples
///
/// ```
/// let split = outcrop_codec::reasoning_split("<thinking>Rome?</thinking>\nParis.");
/// assert_eq!((split.reasoning, split.answer), (vec!["Rome?"], "Paris."));
/// ```
pub fn reasoning_split(text: &str) -> ReasoningSplit<'_> {
    let mut split = ReasoningSplit { reasoning: Vec::new(), answer: text.trim() };
    while let Some((inside, close)) = opened(split.answer) {
        let (reasoning, rest) = inside.split_once(close).unwrap_or((inside, ""));
        split.reasoning.push(reasoning.trim());
        split.answer = rest.trim();
    }
    if split.reasoning.is_empty()
        && let Some((reasoning, rest)) = split.answer.split_once("</think>")
        && !reasoning.contains("<think>")
    {
        split.reasoning.push(reasoning.trim());
        split.answer = rest.trim();
    }
    split
}

/// What follows the mark at the beginning of a text, and the mark that closes it.
fn opened(text: &str) -> Option<(&str, &'static str)> {
    MARKS.iter().find_map(|(open, close)| Some((text.strip_prefix(open)?, *close)))
}

const MARKS: &[(&str, &str)] =
    &[("<thinking>", "</thinking>"), ("<think>", "</think>"), ("<reasoning>", "</reasoning>")];

#[cfg(test)]
mod tests {
    use std::vec;

    use super::*;

    #[test]
    fn reasoning_is_split_off_only_at_the_beginning() {
        for (text, reasoning, answer) in [
            ("plain", vec![], "plain"),
            (" <thinking> a </thinking>\n\nb ", vec!["a"], "b"),
            ("<reasoning>a</reasoning><reasoning>b</reasoning>c", vec!["a", "b"], "c"),
            ("<think>cut", vec!["cut"], ""),
            ("begun</think>\nb", vec!["begun"], "b"),
            ("b <think>c</think>", vec![], "b <think>c</think>"),
            ("", vec![], ""),
        ] {
            assert_eq!(reasoning_split(text), ReasoningSplit { reasoning, answer }, "{text}");
        }
    }
}
