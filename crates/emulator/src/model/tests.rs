//! What an answer consists of, and where it ends.

use serde_json::{Value, json};

use super::*;

fn prompt(text: &str) -> Prompt {
    Prompt { text: text.into(), max_tokens: 1000, ..Prompt::default() }
}

fn said(prompt: &Prompt) -> Answer {
    answer(prompt, None)
}

#[test]
fn a_limit_cuts_the_answer_at_that_many_tokens() {
    let whole = said(&prompt("one two three four five"));
    assert_eq!(whole.stop, Stop::EndTurn);
    let cut = said(&Prompt { max_tokens: 3, ..prompt("one two three four five") });
    assert_eq!((cut.usage.output, cut.stop.clone()), (3, Stop::MaxTokens));
    assert!(whole.text().starts_with(&cut.text()));
    let exact = Prompt { max_tokens: whole.usage.output, ..prompt("one two three four five") };
    assert_eq!(said(&exact), whole);
}

#[test]
fn the_earliest_stop_sequence_ends_the_answer_and_is_not_part_of_it() {
    let stops = vec!["five".into(), "three".into(), String::new()];
    let answer = said(&Prompt { stop_sequences: stops, ..prompt("one two three four five") });
    assert_eq!(answer.stop, Stop::Sequence("three".into()));
    assert!(answer.text().ends_with("one two "));
}

#[test]
fn a_stop_sequence_beyond_the_limit_is_never_reached() {
    let stops = vec!["five".into()];
    let prompt =
        Prompt { stop_sequences: stops, max_tokens: 3, ..prompt("one two three four five") };
    assert_eq!(said(&prompt).stop, Stop::MaxTokens);
}

#[test]
fn a_limit_cuts_a_tool_call_inside_its_arguments() {
    let schema = json!({ "properties": { "word": { "type": "string" } } });
    let tool = Tool { name: "look_up".into(), input_schema: schema };
    let mut prompt = Prompt { tools: vec![tool], ..prompt("please look_up word=outcrop") };
    let whole = said(&prompt);
    assert_eq!(whole.stop, Stop::ToolUse);
    prompt.max_tokens = 3;
    let cut = said(&prompt);
    assert_eq!(cut.stop, Stop::MaxTokens);
    let [Part::ToolUse { pieces, cut: true, .. }] = cut.parts.as_slice() else {
        panic!("{cut:?}");
    };
    assert_eq!(pieces.len(), 3);
    assert!(serde_json::from_str::<Value>(pieces.text()).is_err());
}

#[test]
fn reasoning_comes_first_and_counts_against_the_limit() {
    let mut prompt = Prompt { reasons: true, ..prompt("one two") };
    let whole = said(&prompt);
    assert!(matches!(whole.parts.as_slice(), [Part::Reasoning(_), Part::Text(_)]), "{whole:?}");
    prompt.max_tokens = 4;
    let cut = said(&prompt);
    assert_eq!((cut.stop.clone(), cut.usage.output, cut.parts.len()), (Stop::MaxTokens, 4, 1));
}

#[test]
fn a_length_that_is_given_is_kept_within_the_limit() {
    let fixed = answer(&prompt("anything"), Some(100));
    assert_eq!((fixed.usage.output, fixed.stop), (100, Stop::EndTurn));
    let cut = answer(&Prompt { max_tokens: 40, ..prompt("anything") }, Some(100));
    assert_eq!((cut.usage.output, cut.stop), (40, Stop::MaxTokens));
}
