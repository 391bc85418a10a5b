//! A text in the pieces in which it is said.

use super::tokens;

/// A text and where each of its pieces ends. A piece is one token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pieces {
    text: String,
    ends: Vec<usize>,
}

impl Pieces {
    /// The first tokens of a text, at most so many.
    pub(crate) fn first(text: &str, most: usize) -> Self {
        let mut end = 0;
        let ends = tokens::pieces(text).take(most).map(|piece| {
            end += piece.len();
            end
        });
        let ends: Vec<usize> = ends.collect();
        let said = text.get(..ends.last().copied().unwrap_or(0));
        Self { text: said.unwrap_or_default().into(), ends }
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// How many pieces there are.
    pub(crate) const fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(crate) fn push(&mut self, piece: &str) {
        self.text.push_str(piece);
        self.ends.push(self.text.len());
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &str> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    fn get(&self, at: usize) -> Option<&str> {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).unwrap_or(&0);
        self.text.get(*start..*self.ends.get(at)?)
    }
}

impl<'a> FromIterator<&'a str> for Pieces {
    fn from_iter<I: IntoIterator<Item = &'a str>>(pieces: I) -> Self {
        let mut all = Self::default();
        pieces.into_iter().for_each(|piece| all.push(piece));
        all
    }
}

/// The pieces one after the other, each for itself.
impl IntoIterator for Pieces {
    type Item = String;
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        IntoIter { pieces: self, next: 0 }
    }
}

/// The pieces that are left.
#[derive(Debug)]
pub(crate) struct IntoIter {
    pieces: Pieces,
    next: usize,
}

impl Iterator for IntoIter {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let piece = self.pieces.get(self.next)?.to_owned();
        self.next += 1;
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_put_in_comes_out_piece_by_piece(
            given in proptest::collection::vec("[aé ]{0,3}", 0..6),
        ) {
            let pieces: Pieces = given.iter().map(String::as_str).collect();
            prop_assert_eq!(pieces.text(), given.concat());
            prop_assert_eq!(pieces.len(), given.len());
            prop_assert!(pieces.iter().eq(given.iter()));
            prop_assert!(pieces.into_iter().eq(given));
        }

        #[test]
        fn the_first_tokens_are_those_of_the_text(text in any::<String>(), most in 0usize..9) {
            let expected: Pieces = tokens::pieces(&text).take(most).collect();
            prop_assert_eq!(Pieces::first(&text, most), expected);
        }
    }
}
