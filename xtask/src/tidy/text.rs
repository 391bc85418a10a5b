//! What the checks share: lines, words, and where the tests of a file begin.

use crate::lexer::Code;

/// The lines of a text with their numbers, from 1.
pub(super) fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line.trim_end()))
}

/// The number of the line that opens the tests, or of the one after the last.
pub(super) fn first_test_line(code: &Code) -> usize {
    let mut previous = (0, "");
    for (number, line) in numbered(&code.bare) {
        if previous.1.trim() == "#[cfg(test)]" && line.starts_with("mod ") && line.ends_with('{') {
            return previous.0;
        }
        previous = (number, line);
    }
    previous.0 + 1
}

/// Whether `word` stands in `text` and is not a part of a longer name.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !follows_word(text, at) && !after.is_some_and(is_word)
    })
}

/// Whether `start` stands in `text` and is not the end of a longer name.
pub(super) fn starts_word(text: &str, start: &str) -> bool {
    text.match_indices(start).any(|(at, _)| !follows_word(text, at))
}

fn follows_word(text: &str, at: usize) -> bool {
    text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(is_word)
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_whole() {
        assert!(has_word("use a::b;", "b") && has_word("b", "b"));
        assert!(!has_word("ab a_b bc b_c", "b"));
        assert!(starts_word("a bc", "b") && !starts_word("ab a_b", "b"));
    }

    #[test]
    fn tests_begin_at_their_attribute() {
        let line = |text| first_test_line(&Code::of(text));
        assert_eq!(line("fn a() {}\n\n#[cfg(test)]\nmod tests {\n}\n"), 3);
        assert_eq!(line("#[cfg(test)]\nmod tests;\n#[cfg(test)]\nfn a() {}\n"), 5);
        assert_eq!(line(""), 1);
    }
}
