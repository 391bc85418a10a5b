//! Reasoning that stands at the beginning of a text, between marks.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// How a text says where its reasoning begins and ends.
pub(in crate::family) struct Marks {
    pub(in crate::family) open: &'static str,
    pub(in crate::family) close: &'static str,
    /// The prompt has opened the reasoning, so that the text begins inside it.
    pub(in crate::family) begun: bool,
}

/// A piece of a text.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    Reasoning(String),
    Text(String),
}

/// Parts reasoning from the answer behind it, however the text is cut.
///
/// What looks like a mark within the answer is left as it is: it is the model's own word.
pub(super) struct Splitter {
    marks: Option<&'static Marks>,
    place: Place,
    /// The beginning of what may become a mark.
    held: String,
}

#[derive(Clone, Copy)]
enum Place {
    /// Where reasoning may begin.
    Before,
    Inside,
    /// In the answer.
    After,
}

impl Splitter {
    pub(super) fn new(marks: Option<&'static Marks>) -> Self {
        let place = if marks.is_some() { Place::Before } else { Place::After };
        Self { marks, place, held: String::new() }
    }

    /// Adds a piece of the text. No piece given back is empty.
    pub(super) fn push(&mut self, text: String, pieces: &mut Vec<Piece>) {
        let Some(marks) = self.marks else {
            return add(Piece::Text, text, pieces);
        };
        self.held.push_str(&text);
        loop {
            match self.place {
                Place::Before => {
                    if let Some(rest) = self.held.strip_prefix(marks.open) {
                        self.held = rest.to_owned();
                        self.place = Place::Inside;
                    } else if marks.open.starts_with(&self.held) {
                        return;
                    } else {
                        self.place = if marks.begun { Place::Inside } else { Place::After };
                    }
                }
                Place::Inside => {
                    let Some((reasoning, rest)) = self.held.split_once(marks.close) else {
                        let end = self.held.len() - overlap(&self.held, marks.close);
                        let rest = self.held.split_off(end);
                        let reasoning = core::mem::replace(&mut self.held, rest);
                        return add(Piece::Reasoning, reasoning, pieces);
                    };
                    let (reasoning, rest) = (reasoning.to_owned(), rest.to_owned());
                    add(Piece::Reasoning, reasoning, pieces);
                    self.held = rest;
                    self.place = if marks.begun { Place::After } else { Place::Before };
                }
                Place::After => {
                    return add(Piece::Text, core::mem::take(&mut self.held), pieces);
                }
            }
        }
    }

    /// The end of the text: what was held back is no mark.
    pub(super) fn finish(&mut self, pieces: &mut Vec<Piece>) {
        let held = core::mem::take(&mut self.held);
        let piece = match (self.place, self.marks) {
            (Place::Inside, _) | (Place::Before, Some(Marks { begun: true, .. })) => {
                Piece::Reasoning
            }
            _ => Piece::Text,
        };
        add(piece, held, pieces);
    }
}

fn add(piece: fn(String) -> Piece, text: String, pieces: &mut Vec<Piece>) {
    if !text.is_empty() {
        pieces.push(piece(text));
    }
}

/// How many bytes at the end of the text may be the beginning of the mark.
fn overlap(text: &str, mark: &str) -> usize {
    let begins = |length: &usize| mark.get(..*length).is_some_and(|part| text.ends_with(part));
    (1..mark.len()).rev().find(begins).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAGS: Marks = Marks { open: "<r>", close: "</r>", begun: false };
    const BEGUN: Marks = Marks { begun: true, ..TAGS };

    /// The reasoning and the answer of a text that comes in these pieces.
    fn split<'a>(
        marks: &'static Marks,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> (String, String) {
        let mut splitter = Splitter::new(Some(marks));
        let mut pieces = Vec::new();
        for text in texts {
            splitter.push(text.to_owned(), &mut pieces);
        }
        splitter.finish(&mut pieces);
        let (mut reasoning, mut answer) = (String::new(), String::new());
        for piece in pieces {
            match piece {
                Piece::Reasoning(text) => {
                    assert!(answer.is_empty(), "reasoning comes first");
                    reasoning.push_str(&text);
                }
                Piece::Text(text) => answer.push_str(&text),
            }
        }
        (reasoning, answer)
    }

    /// A text, and the reasoning and the answer in it.
    type Case = (&'static str, &'static str, &'static str);

    #[test]
    fn reasoning_is_parted_from_the_answer_wherever_the_text_is_cut() {
        let tagged: &[Case] = &[
            ("plain", "", "plain"),
            ("<r>why</r>answer", "why", "answer"),
            ("<r>one</r><r> two</r> answer", "one two", " answer"),
            ("answer <r>not</r>", "", "answer <r>not</r>"),
            ("<r>cut sho", "cut sho", ""),
            ("<r>a < b </ c</r>", "a < b </ c", ""),
            ("<rest", "", "<rest"),
            ("<", "", "<"),
            ("<r>why</", "why</", ""),
        ];
        let begun: &[Case] = &[
            ("why</r>\n\nanswer", "why", "\n\nanswer"),
            ("<r>why</r>answer</r>", "why", "answer</r>"),
            ("</r>answer", "", "answer"),
            ("cut sho", "cut sho", ""),
            ("<", "<", ""),
        ];
        for (marks, cases) in [(&TAGS, tagged), (&BEGUN, begun)] {
            for (text, reasoning, answer) in cases {
                let expected = ((*reasoning).to_owned(), (*answer).to_owned());
                assert_eq!(split(marks, [*text]), expected, "{text}");
                let letters: Vec<_> = text.split("").collect();
                assert_eq!(split(marks, letters), expected, "{text} by letters");
                for cut in 0..text.len() {
                    let (start, end) = text.split_at(cut);
                    assert_eq!(split(marks, [start, end]), expected, "{text} cut at {cut}");
                }
            }
        }
    }
}
