//! What a guardrail sees in texts.

use serde_json::{Value, json};

use super::Guardrail;
use crate::wire::set;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Look {
    /// The words of the list that occur, each once.
    words: Vec<String>,
    /// How many characters were looked at.
    characters: usize,
}

impl Look {
    /// Looks for the words in texts.
    pub(crate) fn at<'a>(texts: impl IntoIterator<Item = &'a str>, words: &[String]) -> Self {
        let mut look = Self { words: Vec::new(), characters: 0 };
        for text in texts {
            look.characters += text.chars().count();
            look.words.extend(found(text, words).map(String::from));
        }
        look.words.sort_unstable();
        look.words.dedup();
        look
    }

    /// Whether there is a word that is blocked.
    pub(crate) fn blocks(&self) -> bool {
        !self.words.is_empty()
    }

    /// What was found, and what it cost.
    pub(crate) fn assessment(&self, guardrail: &Guardrail) -> Value {
        let mut assessment = json!({
            "invocationMetrics": {
                "guardrailProcessingLatency": 1,
                "usage": self.usage(),
                "guardrailCoverage": self.coverage(),
            },
            "appliedGuardrailDetails": guardrail.details(),
        });
        if self.blocks() {
            let word = |word| json!({ "match": word, "action": "BLOCKED", "detected": true });
            let words: Vec<Value> = self.words.iter().map(word).collect();
            let policy = json!({ "customWords": words, "managedWordLists": [] });
            set(&mut assessment, "wordPolicy", policy);
        }
        assessment
    }

    /// The units that are charged, by policy.
    pub(super) fn usage(&self) -> Value {
        json!({
            "topicPolicyUnits": 0,
            "contentPolicyUnits": 0,
            "wordPolicyUnits": self.characters.div_ceil(UNIT),
            "sensitiveInformationPolicyUnits": 0,
            "sensitiveInformationPolicyFreeUnits": 0,
            "contextualGroundingPolicyUnits": 0,
        })
    }

    pub(super) fn coverage(&self) -> Value {
        json!({ "textCharacters": { "guarded": self.characters, "total": self.characters } })
    }
}

/// The words of the list that occur in a text as whole words.
fn found<'a>(text: &str, words: &'a [String]) -> impl Iterator<Item = &'a str> {
    let said = format!(" {} ", spaced(text));
    let occurs = move |word: &&String| said.contains(&format!(" {} ", spaced(word)));
    words.iter().filter(occurs).map(String::as_str)
}

/// A text in small letters with one space between its words.
fn spaced(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The characters that are charged as one unit.
const UNIT: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_are_found_whatever_their_letters() {
        let words = ["forbidden".to_owned(), "top secret".to_owned()];
        let found = |text| found(text, &words).collect::<Vec<_>>();
        assert_eq!(found("A Forbidden word, TOP-secret!"), ["forbidden", "top secret"]);
        assert_eq!(found("unforbidden secret top"), Vec::<&str>::new());
    }

    #[test]
    fn every_thousand_characters_begun_are_a_unit() {
        let units = |length: usize| {
            let text = "x".repeat(length);
            Look::at([text.as_str()], &[]).usage()["wordPolicyUnits"].clone()
        };
        assert_eq!([units(0), units(1000), units(1001)], [0, 1, 2]);
    }
}
