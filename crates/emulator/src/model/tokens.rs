//! A simple counter of tokens: no model's own, but the same on every run.

/// Cuts text into tokens that together are the text again.
///
/// A token is the white space before it and then up to six ASCII letters or digits, or up to two
/// other letters, or one sign.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let piece = first(rest)?;
        rest = rest.get(piece.len()..)?;
        Some(piece)
    })
}

/// The first token of a text that is not empty.
pub(crate) fn first(text: &str) -> Option<&str> {
    let length = plain_len(text.as_bytes()).unwrap_or_else(|| piece_len(text));
    text.get(..length).filter(|piece| !piece.is_empty())
}

/// How many tokens a text has.
pub(crate) fn count(text: &str) -> u64 {
    u64::try_from(pieces(text).count()).unwrap_or(u64::MAX)
}

/// The length of a token that is a word of ASCII, as most are, with its spaces before it.
fn plain_len(text: &[u8]) -> Option<usize> {
    let space = text.iter().take_while(|byte| **byte == b' ').count();
    let letters = text.get(space..)?.iter().take(LONGEST_WORD);
    let word = letters.take_while(|byte| byte.is_ascii_alphanumeric()).count();
    (word > 0).then_some(space + word)
}

/// The length of any token.
fn piece_len(text: &str) -> usize {
    let word = text.trim_start();
    let space = text.len() - word.len();
    let mut chars = word.chars();
    let Some(first) = chars.next() else { return space };
    let (kind, longest): (fn(char) -> bool, usize) = match first {
        c if c.is_ascii_alphanumeric() => (|c| c.is_ascii_alphanumeric(), LONGEST_WORD),
        c if c.is_alphanumeric() => (|c| c.is_alphanumeric() && !c.is_ascii(), 2),
        _ => (|_| false, 1),
    };
    let more = chars.take(longest - 1).take_while(|c| kind(*c)).map(char::len_utf8);
    space + first.len_utf8() + more.sum::<usize>()
}

const LONGEST_WORD: usize = 6;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_signs_and_scripts_are_counted() {
        let all = |text| pieces(text).collect::<Vec<_>>();
        assert_eq!(all("Hi, there!"), ["Hi", ",", " there", "!"]);
        assert_eq!(all("internationally"), ["intern", "ationa", "lly"]);
        assert_eq!(all("日本語 x\n"), ["日本", "語", " x", "\n"]);
        assert_eq!(all(""), Vec::<&str>::new());
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text(text in any::<String>()) {
            prop_assert_eq!(pieces(&text).collect::<String>(), text);
        }

        #[test]
        fn a_plain_word_is_cut_as_any_other(text in "[ \\t\u{a0}a-cA0é語.]{0,12}") {
            if let Some(length) = plain_len(text.as_bytes()) {
                prop_assert_eq!(length, piece_len(&text));
            }
        }

        #[test]
        fn a_text_cut_between_pieces_has_the_same_pieces(text in "[a-z ,]{0,40}", at in 0usize..20) {
            let head: String = pieces(&text).take(at).collect();
            prop_assert!(pieces(&head).eq(pieces(&text).take(at)));
        }
    }
}
