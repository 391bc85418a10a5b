//! What a stream asks of the allocator, counted.

use allocation_counter::{AllocationInfo, measure};
use outcrop_codec::{Api, Event, Finish, ModelRef, StreamDecoder};
use serde_json::{Value, json};

use crate::wire::{chunk, event};

const DELTAS: u64 = 1000;

/// A piece of text in the formats that are read in the usual way of their streams.
fn formats(text: &str) -> [(&'static str, Api, Vec<u8>); 3] {
    let anthropic = json!({
        "type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text},
    });
    let converse = json!({"contentBlockIndex": 0, "delta": {"text": text}});
    let nova = json!({"contentBlockDelta": &converse});
    [
        ("anthropic.claude-v3", Api::Invoke, chunk(&anthropic)),
        ("amazon.nova-lite-v1:0", Api::Invoke, chunk(&nova)),
        ("amazon.nova-lite-v1:0", Api::Converse, event("contentBlockDelta", &converse)),
    ]
}

/// What `DELTAS` pieces of the same text cost, once buffers have their size.
fn cost(model: &str, api: Api, wire: &[u8], text: &str) -> AllocationInfo {
    let mut stream = StreamDecoder::new(&ModelRef::parse(model).unwrap(), api).unwrap();
    let mut read = || {
        stream.push(wire);
        assert_eq!(stream.next().unwrap().as_ref().and_then(Event::text), Some(text));
        assert_eq!(stream.next(), Ok(None));
    };
    read();
    measure(|| (0..DELTAS).for_each(|_| read()))
}

/// The reply that the stream puts together grows, and moves a few times.
const GROWTH: u64 = 20;

#[test]
fn a_piece_of_text_costs_the_allocation_of_its_text() {
    let text = " granite, and more of it";
    for (model, api, wire) in formats(text) {
        let cost = cost(model, api, &wire, text);
        assert!((DELTAS..DELTAS + GROWTH).contains(&cost.count_total), "{model} {api:?} {cost:?}");
    }
}

#[test]
fn a_piece_of_text_with_escapes_costs_one_allocation_more() {
    let text = "a\n\"b\"";
    for (model, api, wire) in formats(text) {
        let cost = cost(model, api, &wire, text);
        assert!(cost.count_total < 2 * DELTAS + GROWTH, "{model} {api:?} {cost:?}");
    }
}

#[test]
fn a_stream_holds_its_largest_frame_and_the_reply() {
    let small = "x".repeat(1000);
    for (model, api, wire) in formats(&small) {
        let mut stream = StreamDecoder::new(&ModelRef::parse(model).unwrap(), api).unwrap();
        let cost = measure(|| {
            for _ in 0..DELTAS {
                stream.push(&wire);
                while let Ok(Some(_)) = stream.next() {}
            }
        });
        // While the text of the reply moves, it is there twice; it may be half empty then.
        let reply = small.len() as u64 * DELTAS;
        let bound = 3 * reply + 20 * wire.len() as u64;
        assert!(cost.bytes_max < bound, "{model} {api:?} {cost:?}");
        let Finish::Incomplete { partial, .. } = stream.finish() else { unreachable!() };
        assert_eq!(partial.text().len() as u64, reply);
    }
}

#[test]
fn events_without_text_leave_nothing_behind() {
    let ping: Value = json!({"type": "ping"});
    let wire = chunk(&ping);
    let model = ModelRef::parse("anthropic.claude-v3").unwrap();
    let mut stream = StreamDecoder::new(&model, Api::Invoke).unwrap();
    let mut read = |count: u64| {
        for _ in 0..count {
            stream.push(&wire);
            while let Ok(Some(_)) = stream.next() {}
        }
    };
    read(10);
    let cost = measure(|| read(10_000));
    assert_eq!(cost.bytes_current, 0, "{cost:?}");
    assert!(cost.bytes_max < 4096, "{cost:?}");
}
