//! Patterns for names: `*` stands for any text, `?` for any one character.

use serde::Deserialize;

/// A pattern that a whole name fits, or does not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct Glob(String);

impl Glob {
    pub(super) fn fits(&self, name: &str) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
        let name: Vec<char> = name.chars().collect();
        // Where the last star was, and how much of the name it has taken so far.
        let (mut p, mut n, mut star) = (0, 0, None);
        while let Some(&letter) = name.get(n) {
            match pattern.get(p) {
                Some('*') => {
                    star = Some((p, n));
                    p += 1;
                }
                Some(&wanted) if wanted == '?' || wanted == letter => {
                    p += 1;
                    n += 1;
                }
                _ => {
                    let Some((at, taken)) = star else { return false };
                    star = Some((at, taken + 1));
                    p = at + 1;
                    n = taken + 1;
                }
            }
        }
        pattern.iter().skip(p).all(|&rest| rest == '*')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fits(pattern: &str, name: &str) -> bool {
        Glob(pattern.into()).fits(name)
    }

    #[test]
    fn stars_and_question_marks_stand_for_text() {
        for (pattern, name, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything:0", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*nova*", "us.amazon.nova-lite-v1:0", true),
            ("us.*:0", "us.amazon.nova-lite-v1:0", true),
            ("us.*:1", "us.amazon.nova-lite-v1:0", false),
            ("*ab", "aab", true),
            ("a*b*c", "a-b-b-c", true),
            ("A", "a", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} and {name}");
        }
    }

    /// The definition, written out: slow and plain.
    fn oracle(pattern: &[char], name: &[char]) -> bool {
        match (pattern.split_first(), name.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), None) => oracle(rest, name),
            (Some(('*', rest)), Some((_, left))) => oracle(rest, name) || oracle(pattern, left),
            (Some((wanted, rest)), Some((letter, left))) => {
                (*wanted == '?' || wanted == letter) && oracle(rest, left)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn it_does_what_its_definition_says(pattern in "[ab*?]{0,8}", name in "[ab]{0,10}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(fits(&pattern, &name), oracle(&chars(&pattern), &chars(&name)));
        }
    }
}
