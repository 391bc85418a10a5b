//! What the fold makes of events that are odd, and of those that are not.

use std::vec::Vec;

use serde_json::{Value, json};

use super::Fold;
use crate::{DecodeError, Delta, Event};

/// The content that these events fold to, as Converse JSON.
fn content(events: Value) -> Value {
    let mut fold = Fold::new();
    for event in events.as_array().unwrap() {
        fold.push(&Event::from_json(event.clone()).unwrap()).unwrap();
    }
    let partial = fold.into_partial();
    partial.message.content.iter().map(|block| block.to_json()).collect::<Vec<_>>().into()
}

fn delta(index: u32, delta: Value) -> Value {
    json!({"contentBlockDelta": {"contentBlockIndex": index, "delta": delta}})
}

fn stop(reason: &str) -> Value {
    json!({"messageStop": {"stopReason": reason}})
}

fn tool_start(index: u32, id: &str) -> Value {
    let start = json!({"toolUse": {"toolUseId": id, "name": "f"}});
    json!({"contentBlockStart": {"contentBlockIndex": index, "start": start}})
}

fn block_stop(index: u32) -> Value {
    json!({"contentBlockStop": {"contentBlockIndex": index}})
}

#[test]
fn a_tool_without_arguments_is_whole_unless_the_reply_was_cut_there() {
    let call = |reason| content(json!([tool_start(0, "t"), block_stop(0), stop(reason)]));
    let whole = json!([{"toolUse": {"toolUseId": "t", "name": "f", "input": {}}}]);
    let cut = json!([{"incompleteToolUse": {"toolUseId": "t", "name": "f", "raw": ""}}]);
    assert_eq!(call("tool_use"), whole);
    assert_eq!(call("max_tokens"), cut);
    assert_eq!(call("model_context_window_exceeded"), cut);
    assert_eq!(content(json!([tool_start(0, "t"), block_stop(0)])), cut);
    assert_eq!(content(json!([tool_start(0, "t"), stop("tool_use")])), cut);
}

#[test]
fn tool_input_that_is_no_object_makes_an_incomplete_call() {
    for raw in ["{\"a\":", "[1]", "1", "null", "{\"a\":1}}", "\"{}\""] {
        let input = delta(0, json!({"toolUse": {"input": raw}}));
        let events = json!([tool_start(0, "t"), input, block_stop(0), stop("tool_use")]);
        let expected = json!([{"incompleteToolUse": {"toolUseId": "t", "name": "f", "raw": raw}}]);
        assert_eq!(content(events), expected);
    }
}

#[test]
fn tool_input_without_a_start_is_kept() {
    let input = delta(3, json!({"toolUse": {"input": "{}"}}));
    let events = json!([input, block_stop(3), stop("tool_use")]);
    assert_eq!(content(events), json!([{"incompleteToolUse": {"name": "", "raw": "{}"}}]));
}

#[test]
fn starts_that_repeat_make_one_call_and_those_that_differ_two() {
    let input = delta(0, json!({"toolUse": {"input": "{}"}}));
    let call = |id| json!({"toolUse": {"toolUseId": id, "name": "f", "input": {}}});
    let twice = json!([tool_start(0, "a"), tool_start(0, "a"), input, block_stop(0), stop("x")]);
    assert_eq!(content(twice), json!([call("a")]));
    let two = json!([
        tool_start(0, "a"),
        input,
        block_stop(0),
        tool_start(0, "b"),
        input,
        block_stop(0),
        stop("x")
    ]);
    assert_eq!(content(two), json!([call("a"), call("b")]));
}

#[test]
fn reasoning_and_text_are_blocks_of_their_own() {
    let events = json!([
        delta(0, json!({"reasoningContent": {"text": "Hm"}})),
        delta(0, json!({"reasoningContent": {"text": "m."}})),
        delta(0, json!({"text": ""})),
        delta(0, json!({"reasoningContent": {"signature": "s1"}})),
        block_stop(0),
        delta(1, json!({"reasoningContent": {"redactedContent": "AAAA"}})),
        delta(2, json!({"text": "Yes."})),
    ]);
    let expected = json!([
        {"reasoningContent": {"reasoningText": {"text": "Hmm.", "signature": "s1"}}},
        {"reasoningContent": {"redactedContent": "AAAA"}},
        {"text": "Yes."},
    ]);
    assert_eq!(content(events), expected);
}

#[test]
fn blocks_are_in_the_order_of_their_indices() {
    let events = json!([
        delta(1, json!({"text": "b"})),
        delta(0, json!({"text": "a"})),
        delta(1, json!({"text": "B"})),
    ]);
    assert_eq!(content(events), json!([{"text": "a"}, {"text": "bB"}]));
}

#[test]
fn citations_are_kept_with_their_text() {
    let events =
        json!([delta(0, json!({"citation": {"title": "T"}})), delta(0, json!({"text": "So."})),]);
    let cited = json!({"content": [{"text": "So."}], "citations": [{"title": "T"}]});
    assert_eq!(content(events), json!([{"citationsContent": cited}]));
}

#[test]
fn a_tool_result_of_the_service_is_put_together() {
    let start = json!({"toolResult": {"toolUseId": "t", "status": "success"}});
    let events = json!([
        {"contentBlockStart": {"contentBlockIndex": 0, "start": start}},
        delta(0, json!({"toolResult": [{"json": {"a": 1}}]})),
        delta(0, json!({"toolResult": [{"text": "b"}]})),
    ]);
    let result = json!({
        "toolUseId": "t", "status": "success", "content": [{"json": {"a": 1}}, {"text": "b"}]
    });
    assert_eq!(content(events), json!([{"toolResult": result}]));
}

#[test]
fn pieces_of_an_unknown_kind_are_kept() {
    let events = json!([
        {"contentBlockStart": {"contentBlockIndex": 0, "start": {"smell": {"of": "rain"}}}},
        delta(0, json!({"smell": {"strength": 3}})),
        block_stop(0),
    ]);
    assert_eq!(content(events), json!([{"smell": {"of": "rain", "strength": 3}}]));
}

#[test]
fn a_reply_over_its_limit_is_refused_and_what_came_before_is_kept() {
    let mut fold = Fold::with_limit(5);
    let text = |text: &str| Event::delta(0, Delta::Text(text.into()));
    fold.push(&text("12345")).unwrap();
    assert_eq!(fold.push(&text("6")), Err(DecodeError::TooLong));
    assert_eq!(fold.into_partial().text(), "12345");
}
