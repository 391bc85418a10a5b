//! Every golden vector, and the streams among them cut and corrupted at every byte.

use outcrop_codec::{
    Api, Event, FAMILIES, Finish, Reply, Request, StreamDecoder, StreamError, UsageSource, decode,
    decode_request, encode,
};
use serde_json::Value;

use crate::vectors::{Case, FOLDERS, cases};
use crate::wire::run;

#[test]
fn requests_are_written_and_read_as_the_vectors_say() {
    for case in cases("request", FOLDERS) {
        let request = request(&case);
        let body = case.get("body");
        if !case.has("decodeOnly") {
            let written = encode(&case.model, case.api, &request).unwrap();
            let written: Value = serde_json::from_slice(&written).unwrap();
            assert_eq!(&written, body, "{}", case.name);
        }
        if !case.has("encodeOnly") {
            let read = decode_request(&case.model, case.api, body.to_string().as_bytes());
            assert_eq!(read.unwrap(), request, "{}", case.name);
        }
    }
}

#[test]
fn requests_that_cannot_be_written_say_where_and_why() {
    for case in cases("refused", FOLDERS) {
        let error = encode(&case.model, case.api, &request(&case)).unwrap_err();
        assert_eq!(error.to_string(), case.get("error").as_str().unwrap(), "{}", case.name);
    }
}

#[test]
fn replies_are_read_as_the_vectors_say() {
    for case in cases("reply", FOLDERS) {
        let headers: Vec<(String, String)> =
            serde_json::from_value(pairs(case.get("headers"))).unwrap();
        let body = case.get("body").to_string();
        let reply = decode(&case.model, case.api, body.as_bytes(), &headers.as_slice()).unwrap();
        check(&case, &reply);
    }
}

#[test]
fn replies_that_cannot_be_read_say_where_and_why() {
    for case in cases("bad-reply", BAD) {
        let body = case.get("body").to_string();
        let error = decode(&case.model, case.api, body.as_bytes(), &()).unwrap_err();
        assert_eq!(error.to_string(), case.get("error").as_str().unwrap(), "{}", case.name);
    }
}

#[test]
fn streams_are_read_as_the_vectors_say() {
    for case in cases("stream", FOLDERS) {
        let bytes = case.frames().concat();
        let run = run(decoder(&case), [bytes.as_slice()]);
        if case.has("events") {
            let events: Value = run.events.iter().map(Event::to_json).collect();
            assert_eq!(&events, case.get("events"), "{}", case.name);
        }
        for event in &run.events {
            // Reading back what was written keeps all but the family's own words.
            let json = event.to_json();
            assert_eq!(Event::from_json(json.clone()).unwrap().to_json(), json, "{}", case.name);
        }
        assert_eq!(run.text(), run.final_text(), "{}", case.name);
        match &run.finish {
            Finish::Complete(reply) => check(&case, reply),
            Finish::Incomplete { why, partial } => {
                assert_eq!(Value::from(why.to_string()), *case.get("why"), "{}", case.name);
                assert_eq!(partial.to_converse(), *case.get("partial"), "{}", case.name);
            }
        }
    }
}

#[test]
fn a_stream_cut_at_any_byte_is_whole_only_after_its_end() {
    for case in cases("stream", FOLDERS) {
        let bytes = case.frames().concat();
        let whole = run(decoder(&case), [bytes.as_slice()]);
        let end = end_of_message(&case);
        for kept in 0..bytes.len() {
            let cut = run(decoder(&case), [&bytes[..kept]]);
            assert_eq!(cut.is_complete(), kept >= end, "{} cut at {kept}", case.name);
            assert!(whole.text().starts_with(&cut.text()), "{} cut at {kept}", case.name);
            assert_eq!(cut.text(), cut.final_text(), "{} cut at {kept}", case.name);
            assert_eq!(cut.error, None, "{} cut at {kept}", case.name);
        }
    }
}

#[test]
fn a_corrupt_byte_shows_nothing_of_its_frame() {
    for case in cases("stream", FOLDERS) {
        let frames = case.frames();
        let bytes = frames.concat();
        let end = end_of_message(&case);
        let mut start = 0;
        for frame in &frames {
            let before = run(decoder(&case), [&bytes[..start]]);
            for at in start..start + frame.len() {
                let mut corrupt = bytes.clone();
                corrupt[at] ^= 0x10;
                let found = run(decoder(&case), [corrupt.as_slice()]);
                assert_eq!(found.events, before.events, "{} corrupt at {at}", case.name);
                assert_eq!(found.is_complete(), start >= end, "{} corrupt at {at}", case.name);
                if start < end {
                    // A length that grew is noticed by its checksum, never waited for.
                    assert!(matches!(found.error, Some(StreamError::Frame(_))), "{}", case.name);
                }
            }
            start += frame.len();
        }
    }
}

#[test]
fn every_family_has_vectors() {
    for family in FAMILIES {
        assert!(FOLDERS.contains(&family.name()), "{}", family.name());
    }
}

/// The folders that have replies that cannot be read.
const BAD: &[&str] =
    &["anthropic", "command", "command-r", "converse", "jurassic", "openai", "titan"];

/// How many bytes it takes until the message is whole; more than there are if it never is.
fn end_of_message(case: &Case) -> usize {
    let mut stream = decoder(case);
    let mut read = 0;
    for frame in case.frames() {
        stream.push(&frame);
        read += frame.len();
        while let Ok(Some(_)) = stream.next() {}
        if stream.is_complete() {
            return read;
        }
    }
    assert!(case.has("why"), "{} ends", case.name);
    usize::MAX
}

fn decoder(case: &Case) -> StreamDecoder {
    StreamDecoder::new(&case.model, case.api).unwrap()
}

fn request(case: &Case) -> Request {
    let mut request = Request::from_converse(case.get("request").to_string().as_bytes()).unwrap();
    request.prompt = case.get("prompt").as_str().map(str::to_owned);
    request
}

fn check(case: &Case, reply: &Reply) {
    assert_eq!(reply.to_converse(), *case.get("reply"), "{}", case.name);
    if let Some(raw) = case.get("raw").as_str() {
        assert_eq!(reply.stop_reason.raw(), raw, "{}", case.name);
    }
    let source = reply.usage.as_ref().map(|usage| match usage.source {
        UsageSource::Body => "body",
        UsageSource::Headers => "headers",
        UsageSource::Trailer => "trailer",
        _ => "another",
    });
    assert_eq!(source, case.get("source").as_str(), "{}", case.name);
    if case.api == Api::Converse {
        let read: Reply = serde_json::from_value(case.get("reply").clone()).unwrap();
        assert_eq!(&read, reply, "{}", case.name);
    }
}

/// An object as a list of pairs; none for null.
fn pairs(object: &Value) -> Value {
    let members = object.as_object().into_iter().flatten();
    members
        .map(|(key, value)| Value::from(vec![Value::from(key.as_str()), value.clone()]))
        .collect()
}
