//! ApplyGuardrail: one policy, a list of words.

use serde_json::{Value, json};

use crate::error::Refusal;

/// Looks for the words in the contents of a request.
pub(crate) fn answer(
    id: &str,
    version: &str,
    words: &[String],
    body: &[u8],
) -> Result<Value, Refusal> {
    check(id, version)?;
    let body: &Value = &serde_json::from_slice(body)
        .map_err(|_| Refusal::validation("The request body is not valid JSON."))?;
    let source = body["source"].as_str().unwrap_or_default();
    if !matches!(source, "INPUT" | "OUTPUT") {
        return Err(Refusal::validation(format!(
            "1 validation error detected: Value '{source}' at 'source' failed to satisfy \
             constraint: Member must satisfy enum value set: [INPUT, OUTPUT]"
        )));
    }
    let Some(content) = body["content"].as_array() else {
        return Err(Refusal::validation(
            "1 validation error detected: Value at 'content' failed to satisfy constraint: Member \
             must not be null",
        ));
    };
    let texts: Vec<&str> =
        content.iter().filter_map(|block| block.pointer("/text/text")?.as_str()).collect();
    let mut matches: Vec<&str> = texts.iter().flat_map(|text| found(text, words)).collect();
    matches.sort_unstable();
    matches.dedup();
    let length: usize = texts.iter().map(|text| text.chars().count()).sum();
    let units = length.div_ceil(UNIT);
    let intervened = !matches.is_empty();
    let full = body["outputScope"] == "FULL";
    let outputs = match intervened {
        true if source == "INPUT" => vec![json!({ "text": BLOCKED_INPUT })],
        true => vec![json!({ "text": BLOCKED_OUTPUT })],
        false if full => texts.iter().map(|text| json!({ "text": text })).collect(),
        false => Vec::new(),
    };
    let words =
        matches.iter().map(|word| json!({ "match": word, "action": "BLOCKED", "detected": true }));
    let words = json!({ "customWords": words.collect::<Vec<_>>(), "managedWordLists": [] });
    let usage = usage(units);
    let covered = json!({ "textCharacters": { "guarded": length, "total": length } });
    let mut assessment = json!({
        "invocationMetrics": {
            "guardrailProcessingLatency": 1, "usage": usage, "guardrailCoverage": covered,
        },
    });
    if intervened {
        crate::wire::set(&mut assessment, "wordPolicy", words);
    }
    Ok(json!({
        "usage": usage,
        "action": if intervened { "GUARDRAIL_INTERVENED" } else { "NONE" },
        "actionReason": if intervened { "Guardrail blocked." } else { "No action." },
        "outputs": outputs,
        "assessments": [assessment],
        "guardrailCoverage": covered,
    }))
}

/// The words of the list that occur in a text as whole words.
fn found<'a>(text: &str, words: &'a [String]) -> Vec<&'a str> {
    let said = format!(" {} ", spaced(text));
    let occurs = |word: &&String| said.contains(&format!(" {} ", spaced(word)));
    words.iter().filter(occurs).map(String::as_str).collect()
}

/// A text in small letters with one space between its words.
fn spaced(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn check(id: &str, version: &str) -> Result<(), Refusal> {
    let name = id.rsplit('/').next().unwrap_or_default();
    let named =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let numbered = version == "DRAFT"
        || (1..=8).contains(&version.len())
            && !version.starts_with('0')
            && version.bytes().all(|b| b.is_ascii_digit());
    if named && numbered {
        return Ok(());
    }
    Err(Refusal::validation(
        "The guardrail identifier or version provided in the request does not exist.",
    ))
}

fn usage(units: usize) -> Value {
    json!({
        "topicPolicyUnits": 0,
        "contentPolicyUnits": 0,
        "wordPolicyUnits": units,
        "sensitiveInformationPolicyUnits": 0,
        "sensitiveInformationPolicyFreeUnits": 0,
        "contextualGroundingPolicyUnits": 0,
    })
}

/// The characters that are charged as one unit.
const UNIT: usize = 1000;
const BLOCKED_INPUT: &str = "Sorry, the model cannot answer this question.";
const BLOCKED_OUTPUT: &str = "Sorry, the model's answer was blocked.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_are_found_whatever_their_letters() {
        let words = ["forbidden".to_owned(), "top secret".to_owned()];
        assert_eq!(found("A Forbidden word, TOP-secret!", &words), ["forbidden", "top secret"]);
        assert_eq!(found("unforbidden secret top", &words), Vec::<&str>::new());
    }
}
