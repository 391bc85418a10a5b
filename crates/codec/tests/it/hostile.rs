//! No bytes cause a panic: random bytes, random JSON, and vectors with a part replaced.

use outcrop_codec::{Api, Event, FAMILIES, ModelRef, Reply, Request, StreamDecoder};
use outcrop_codec::{decode, decode_request, encode};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::vectors::{FOLDERS, cases};
use crate::wire;

/// Every format there is.
fn formats() -> Vec<(ModelRef, Api)> {
    let model = |family| ModelRef::parse("m").unwrap().with_family(family).unwrap();
    let families = FAMILIES.iter().map(|family| (model(family.name()), Api::Invoke));
    families.chain([(model("nova"), Api::Converse)]).collect()
}

/// Reads a body in every way, and writes what could be read.
fn read_every_way(body: &[u8]) {
    for (model, api) in formats() {
        if let Ok(reply) = decode(&model, api, body, &()) {
            // What was read can be read again.
            let json = reply.to_converse();
            assert_eq!(Reply::from_json(json.clone()).unwrap().to_converse(), json);
        }
        if let Ok(request) = decode_request(&model, api, body)
            && let Ok(body) = encode(&model, api, &request)
        {
            assert!(decode_request(&model, api, &body).is_ok());
        }
    }
    drop(Request::from_converse(body));
}

/// Reads chunks and events in every format. A stream never ends before its end.
fn stream_every_way(pieces: &[Value]) {
    for (model, api) in formats() {
        let mut stream = StreamDecoder::new(&model, api).unwrap();
        for piece in pieces {
            stream.push(&wire::chunk(piece));
            if piece.as_object().is_some_and(|map| map.values().all(Value::is_object)) {
                piece.as_object().unwrap().keys().for_each(|kind| {
                    stream.push(&wire::event(kind, &piece[kind]));
                });
            }
            while let Ok(Some(event)) = stream.next() {
                drop(event.to_json());
            }
        }
        drop(stream.finish());
    }
}

pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z{}\"\\\\\u{0}\u{10ffff} ]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every place in a value, as JSON pointers.
pub(crate) fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| places(value, &format!("{at}/{key}"), found));
        }
        Value::Array(array) => {
            array.iter().enumerate().for_each(|(index, value)| {
                places(value, &format!("{at}/{index}"), found);
            });
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        read_every_way(&bytes);
        for (model, api) in formats() {
            let mut stream = StreamDecoder::new(&model, api).unwrap();
            stream.push(&bytes);
            while let Ok(Some(_)) = stream.next() {}
            prop_assert!(!stream.is_complete());
        }
    }

    #[test]
    fn random_json_is_read_or_refused(json in any_json()) {
        read_every_way(json.to_string().as_bytes());
        stream_every_way(&[json.clone(), json!({"messageStop": json}), json.clone()]);
        drop(Event::from_json(json));
    }

    #[test]
    fn a_vector_with_a_part_replaced_is_read_or_refused(
        pick in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        part in any_json(),
    ) {
        let bodies = ["request", "reply"].map(|prefix| cases(prefix, FOLDERS));
        let bodies: Vec<_> = bodies.iter().flatten().collect();
        let mut body = bodies[pick.index(bodies.len())].get("body").clone();
        let mut found = Vec::new();
        places(&body, "", &mut found);
        *body.pointer_mut(&found[place.index(found.len())]).unwrap() = part.clone();
        read_every_way(body.to_string().as_bytes());

        let streams = cases("stream", FOLDERS);
        let mut chunks = streams[pick.index(streams.len())].get("chunks").clone();
        found.clear();
        places(&chunks, "", &mut found);
        let place = &found[place.index(found.len())];
        if !place.is_empty() {
            *chunks.pointer_mut(place).unwrap() = part;
        }
        stream_every_way(chunks.as_array().unwrap());
    }
}

#[test]
fn json_nested_too_deep_is_refused() {
    let deep = "[".repeat(100_000);
    read_every_way(deep.as_bytes());
    let deep = json!({"bytes": ""}).to_string().replace("\"\"", &deep);
    read_every_way(deep.as_bytes());
}
