//! Every member of Converse's requests, responses and stream events is read and written again.

use std::fs;
use std::path::Path;

use outcrop_codec::{
    Api, Block, Delta, Event, Fold, ModelRef, Request, StopKind, decode, decode_request, encode,
};
use serde_json::{Map, Value, json};

fn members(of: &str) -> Map<String, Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/converse/members.json");
    let all: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    all[of].as_object().unwrap().clone()
}

fn model() -> ModelRef {
    ModelRef::parse("us.amazon.nova-lite-v1:0").unwrap()
}

#[test]
fn every_member_of_a_request_is_written_as_it_was_read() {
    for (member, body) in members("requests") {
        let request = decode_request(&model(), Api::Converse, body.to_string().as_bytes());
        let request = request.unwrap();
        let written = encode(&model(), Api::Converse, &request).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&written).unwrap(), body, "{member}");
        assert_eq!(request.to_json(), body, "{member}");
        assert_eq!(Request::from_json(body).unwrap(), request, "{member}");
    }
}

#[test]
fn every_member_of_a_response_is_written_as_it_was_read() {
    for (member, body) in members("replies") {
        let reply = decode(&model(), Api::Converse, body.to_string().as_bytes(), &()).unwrap();
        assert_eq!(reply.to_converse(), body, "{member}");
        assert_ne!(reply.stop_reason.kind(), StopKind::Other, "{member}");
    }
}

#[test]
fn every_member_of_an_event_is_written_as_it_was_read() {
    for (member, event) in members("events") {
        let read = Event::from_json(event.clone()).unwrap();
        assert_eq!(read.to_json(), event, "{member}");
        assert!(!matches!(read, Event::Unknown { .. }), "{member}");
    }
}

#[test]
fn streamed_images_and_results_become_the_blocks_that_come_whole() {
    let start = |index: u32, start: Value| json!({"contentBlockStart": {"contentBlockIndex": index, "start": start}});
    let delta = |index: u32, delta: Value| json!({"contentBlockDelta": {"contentBlockIndex": index, "delta": delta}});
    let events = [
        start(0, json!({"image": {"format": "png"}})),
        delta(0, json!({"image": {"source": {"bytes": "aGk="}}})),
        start(1, json!({"toolResult": {"toolUseId": "t", "type": "x", "status": "success"}})),
        delta(1, json!({"toolResult": [{"text": "a"}]})),
        delta(1, json!({"toolResult": [{"json": {"b": 1}}]})),
        delta(2, json!({"citation": {"title": "T", "location": {"web": {"url": "u"}}}})),
        delta(2, json!({"text": "cited"})),
        json!({"messageStop": {"stopReason": "end_turn"}}),
    ];
    let mut fold = Fold::new();
    for event in events {
        fold.push(&Event::from_json(event).unwrap()).unwrap();
    }
    let content = fold.finish().unwrap().message.content;
    let whole = json!([
        {"image": {"format": "png", "source": {"bytes": "aGk="}}},
        {"toolResult": {"toolUseId": "t", "type": "x", "status": "success",
            "content": [{"text": "a"}, {"json": {"b": 1}}]}},
        {"citationsContent": {"content": [{"text": "cited"}],
            "citations": [{"title": "T", "location": {"web": {"url": "u"}}}]}},
    ]);
    assert_eq!(content.iter().map(Block::to_json).collect::<Value>(), whole);
    let block = |json: Value| Block::from_json(json).unwrap();
    let typed: Vec<Block> = whole.as_array().unwrap().iter().cloned().map(block).collect();
    assert_eq!(content, typed, "a streamed block has the same type as one that came whole");
    assert!(matches!(
        Event::from_json(delta(0, json!({"reasoningContent": {"redactedContent": "aGk="}}))),
        Ok(Event::BlockDelta { delta: Delta::ReasoningRedacted(_), .. })
    ));
}
