//! Every way in which a stream can end.

use outcrop_codec::frame::{self, HeaderValue};
use outcrop_codec::{
    Api, Block, DecodeError, Event, FaultKind, Finish, ModelRef, Partial, Reply, StreamDecoder,
    StreamError, ThrottleCause, Usage,
};
use serde_json::json;

use crate::wire::{self, Run, chunk, event};

fn complete(finish: Finish) -> Reply {
    match finish {
        Finish::Complete(reply) => reply,
        Finish::Incomplete { why, .. } => panic!("incomplete: {why}"),
    }
}

fn incomplete(finish: Finish) -> (StreamError, Partial) {
    match finish {
        Finish::Incomplete { why, partial } => (why, partial),
        Finish::Complete(reply) => panic!("complete: {reply:?}"),
    }
}

#[test]
fn a_whole_stream_is_a_reply() {
    let run = run(hello());
    let text: String = run.events.iter().filter_map(Event::text).collect();
    let reply = complete(run.finish);
    assert_eq!(run.error, None);
    assert_eq!(text, "Hello");
    assert_eq!(
        reply.to_converse(),
        json!({
            "output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
            "metrics": {"latencyMs": 70},
        })
    );
}

#[test]
fn a_stream_cut_between_frames_is_whole_only_from_its_message_stop_on() {
    let frames = hello();
    for kept in 0..=frames.len() {
        let run = run(&frames[..kept]);
        assert_eq!(run.error, None);
        if kept < 5 {
            let (why, partial) = incomplete(run.finish);
            assert_eq!(why, StreamError::EndOfStream);
            assert_eq!(partial.text(), ["", "", "Hel", "Hello", "Hello"][kept]);
            assert_eq!((partial.stop_reason, partial.usage), (None, None));
        } else {
            let usage = complete(run.finish).usage;
            assert_eq!(usage, (kept == 6).then(|| Usage::new(3, 2)));
        }
    }
}

#[test]
fn a_stream_cut_inside_a_frame_is_torn_unless_the_message_was_over() {
    let frames = hello();
    let bytes = frames.concat();
    let message: usize = frames[..5].iter().map(Vec::len).sum();
    for kept in 0..bytes.len() {
        let finish = run([&bytes[..kept]]).finish;
        if kept >= message {
            assert_eq!(complete(finish).usage, None);
            continue;
        }
        let whole = (0..6).map(|n| frames[..n].concat().len()).filter(|len| *len <= kept).max();
        let pending = kept - whole.unwrap();
        let expected = match pending {
            0 => StreamError::EndOfStream,
            pending => StreamError::TornFrame { pending },
        };
        assert_eq!(incomplete(finish).0, expected);
    }
}

#[test]
fn a_corrupt_frame_shows_nothing_and_ends_the_stream() {
    let mut frames = hello();
    let at = frames[2].len() - 8;
    frames[2][at] ^= 1;
    let run = run([frames.concat()]);
    let text: String = run.events.iter().filter_map(Event::text).collect();
    assert_eq!(text, "Hel");
    assert!(matches!(run.error, Some(StreamError::Frame(_))));
    let (why, partial) = incomplete(run.finish);
    assert_eq!(Some(why), run.error);
    assert_eq!(partial.text(), "Hel");
}

#[test]
fn a_corrupt_frame_after_the_message_leaves_it_whole() {
    let mut frames = hello();
    frames[5][20] ^= 1;
    let run = run(frames);
    assert_eq!(run.error, None);
    assert_eq!(complete(run.finish).usage, None);
}

#[test]
fn metadata_that_is_not_json_leaves_the_message_whole() {
    let mut frames = hello();
    frames[5] = frame(&[(":event-type", "metadata"), (":message-type", "event")], b"{\"usage");
    let run = run(frames);
    assert_eq!(run.error, None);
    assert_eq!(complete(run.finish).usage, None);
}

#[test]
fn an_exception_ends_the_stream_even_after_the_message() {
    for at in 0..6 {
        let mut frames = hello();
        frames.insert(at, exception("throttlingException", "Too many tokens, please wait"));
        let run = run(frames);
        let (why, partial) = incomplete(run.finish);
        let StreamError::Fault(fault) = &why else { panic!("{why}") };
        assert_eq!(fault.kind, FaultKind::Throttled(ThrottleCause::Tokens));
        assert_eq!(fault.status, 429);
        assert_eq!(run.error, Some(why));
        assert_eq!(partial.stop_reason.is_some(), at == 5);
        assert_eq!(partial.text(), ["", "", "Hel", "Hello", "Hello", "Hello"][at]);
    }
}

#[test]
fn an_exception_of_an_unknown_name_keeps_it() {
    let run = run([exception("tooSunnyException", "It is too sunny.")]);
    let (why, _) = incomplete(run.finish);
    let StreamError::Fault(fault) = why else { panic!("{why}") };
    assert_eq!((fault.code.as_str(), fault.kind), ("tooSunnyException", FaultKind::Other));
}

#[test]
fn an_error_frame_is_a_fault() {
    let headers = [
        (":message-type", "ERROR"),
        (":error-code", "InternalServerException"),
        (":error-message", "Sorry."),
    ];
    let run = run([frame(&headers, b"")]);
    let (why, _) = incomplete(run.finish);
    let StreamError::Fault(fault) = why else { panic!("{why}") };
    assert_eq!((fault.kind, fault.message.as_deref()), (FaultKind::Internal, Some("Sorry.")));
}

#[test]
fn content_after_the_message_is_an_error() {
    let mut frames = hello();
    let late = json!({"contentBlockIndex": 1, "delta": {"text": "!"}});
    frames.insert(5, event("contentBlockDelta", &late));
    let run = run(frames);
    let (why, partial) = incomplete(run.finish);
    assert_eq!(why, StreamError::Payload(DecodeError::AfterEnd));
    assert_eq!(partial.text(), "Hello");
    assert!(run.events.iter().filter_map(Event::text).all(|text| text != "!"));
}

#[test]
fn unknown_events_are_kept_and_do_not_stop_the_stream() {
    let mut frames = hello();
    frames.insert(2, event("weather", &json!({"sunny": true, "p": "abc"})));
    frames.insert(2, frame(&[(":event-type", "noise"), (":message-type", "event")], b"\xff"));
    let run = run(frames);
    let payload = json!({"sunny": true});
    assert!(run.events.contains(&Event::Unknown { kind: "weather".into(), payload }));
    assert!(
        run.events.contains(&Event::Unknown { kind: "noise".into(), payload: "\u{fffd}".into() })
    );
    assert_eq!(complete(run.finish).text(), "Hello");
}

#[test]
fn an_event_of_the_wrong_shape_says_where() {
    let cases = [
        (
            "contentBlockDelta",
            json!({"contentBlockIndex": 0, "delta": {"text": 5}}),
            "$.contentBlockDelta.delta.text should be a string and is a number",
        ),
        (
            "contentBlockDelta",
            json!({"delta": {}}),
            "$.contentBlockDelta.contentBlockIndex is missing",
        ),
        ("messageStop", json!({}), "$.messageStop.stopReason is missing"),
    ];
    for (kind, payload, expected) in cases {
        let (why, _) = incomplete(run([event(kind, &payload)]).finish);
        let StreamError::Payload(error) = why else { panic!("{why}") };
        assert_eq!(format!("{error}"), expected);
    }
}

#[test]
fn events_that_were_not_read_count_at_the_end() {
    let mut decoder = StreamDecoder::new(&ModelRef::parse("m").unwrap(), Api::Converse).unwrap();
    decoder.push(&hello().concat());
    assert!(!decoder.is_complete());
    assert_eq!(complete(decoder.finish()).text(), "Hello");
}

#[test]
fn a_tool_call_is_whole_or_it_is_incomplete() {
    let start =
        json!({"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "t", "name": "f"}}});
    let piece =
        |input: &str| json!({"contentBlockIndex": 0, "delta": {"toolUse": {"input": input}}});
    let whole = [
        event("contentBlockStart", &start),
        event("contentBlockDelta", &piece("")),
        event("contentBlockDelta", &piece("{\"a\":")),
        event("contentBlockDelta", &piece("1}")),
        event("contentBlockStop", &json!({"contentBlockIndex": 0})),
        event("messageStop", &json!({"stopReason": "tool_use"})),
    ];
    for kept in 1..=whole.len() {
        let partial = match run(&whole[..kept]).finish {
            Finish::Complete(reply) => reply.message,
            Finish::Incomplete { partial, .. } => partial.message,
        };
        let raw = ["", "", "", "{\"a\":", "{\"a\":1}"];
        let expected = if kept < 5 {
            json!({"incompleteToolUse": {"toolUseId": "t", "name": "f", "raw": raw[kept]}})
        } else {
            json!({"toolUse": {"toolUseId": "t", "name": "f", "input": {"a": 1}}})
        };
        assert_eq!(partial.content, [Block::from_json(expected).unwrap()], "{kept} frames");
    }
}

#[test]
fn nothing_is_read_after_the_metadata() {
    let mut frames = hello();
    frames.push(exception("throttlingException", "Too late."));
    frames.push(b"not a frame, and long enough to be seen as none".to_vec());
    let run = run(frames);
    assert_eq!(run.error, None);
    assert_eq!(complete(run.finish).usage, Some(Usage::new(3, 2)));
}

#[test]
fn a_trailer_in_a_chunk_of_its_own_counts() {
    let model = ModelRef::parse("meta.llama3-8b-instruct-v1:0").unwrap();
    let mut stream = StreamDecoder::new(&model, Api::Invoke).unwrap();
    stream.push(&chunk(&json!({"generation": "Hi", "stop_reason": "stop"})));
    let counts = json!({"inputTokenCount": 3, "outputTokenCount": 2});
    stream.push(&chunk(&json!({"amazon-bedrock-invocationMetrics": counts})));
    let usage = complete(stream.finish()).usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens), (3, 2));
}

fn run<P: AsRef<[u8]>>(pieces: impl IntoIterator<Item = P>) -> Run {
    let model = ModelRef::parse("us.amazon.nova-lite-v1:0").unwrap();
    let stream = StreamDecoder::new(&model, Api::Converse).unwrap();
    let pieces: Vec<P> = pieces.into_iter().collect();
    wire::run(stream, pieces.iter().map(AsRef::as_ref))
}

/// The frames of a reply that says `Hello`.
fn hello() -> Vec<Vec<u8>> {
    [
        event("messageStart", &json!({"role": "assistant"})),
        event("contentBlockDelta", &json!({"contentBlockIndex": 0, "delta": {"text": "Hel"}})),
        event("contentBlockDelta", &json!({"contentBlockIndex": 0, "delta": {"text": "lo"}})),
        event("contentBlockStop", &json!({"contentBlockIndex": 0})),
        event("messageStop", &json!({"stopReason": "end_turn"})),
        event(
            "metadata",
            &json!({"usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
                "metrics": {"latencyMs": 70}}),
        ),
    ]
    .into()
}

/// A frame of an exception.
fn exception(name: &str, message: &str) -> Vec<u8> {
    let headers = [(":exception-type", name), (":message-type", "exception")];
    frame(&headers, json!({"message": message}).to_string().as_bytes())
}

fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (*name, HeaderValue::String(value))).collect();
    frame::encode(&headers, payload).unwrap()
}

#[test]
fn a_message_of_another_type_is_no_event_whatever_its_name() {
    let mut frames = hello();
    let stop = r#"{"stopReason":"end_turn"}"#;
    let headers = [(":message-type", HeaderValue::String("messageStop"))];
    frames.insert(3, frame::encode(&headers, stop.as_bytes()).unwrap());
    let run = run(&frames[..4]);
    let kind = run.events.last().map(|event| event.to_json()["messageStop"].clone());
    assert_eq!(kind, Some(serde_json::from_str(stop).unwrap()));
    assert!(matches!(run.events.last(), Some(Event::Unknown { .. })));
    assert_eq!(incomplete(run.finish).0, StreamError::EndOfStream);
}

#[test]
fn a_tool_call_whose_arguments_a_limit_may_have_cut_off_is_incomplete_in_one_piece_too() {
    let model = ModelRef::parse("amazon.nova-lite-v1:0").unwrap();
    for (stop, input, whole) in [
        ("max_tokens", json!({}), false),
        ("max_tokens", json!({"path": "/"}), true),
        ("tool_use", json!({}), true),
    ] {
        let tool = json!({"toolUse": {"toolUseId": "t1", "name": "list", "input": input}});
        let body = json!({
            "output": {"message": {"role": "assistant", "content": [tool]}},
            "stopReason": stop,
        });
        for api in [Api::Converse, Api::Invoke] {
            let body = body.to_string().into_bytes();
            let reply = outcrop_codec::decode(&model, api, &body, &()).unwrap();
            assert_eq!(reply.tool_uses().count() == 1, whole, "{stop} {input}");
            let cut = matches!(reply.message.content[..], [Block::IncompleteToolUse(_)]);
            assert_eq!(cut, !whole);
        }
    }
}
