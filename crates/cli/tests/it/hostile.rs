//! Streams that are cut, corrupt, stalled or strange: what had arrived stays, and nothing
//! unfinished is called finished.

use serde_json::json;

use crate::support::run::{Ran, run};
use crate::support::server::{Answer, End, Server};
use crate::support::wire::{APIS, Api, MODEL, chunk, corrupt, event, exception, raw};

/// What `outcrop stream` makes of this answer, as text and as JSON.
fn stream(api: Api, answer: &Answer) -> [Ran; 2] {
    ["text", "json"].map(|form| {
        let server = Server::start(vec![answer.clone()]);
        stream_from(api, &server, &["--output", form])
    })
}

fn stream_from(api: Api, server: &Server, more: &[&str]) -> Ran {
    let line =
        ["stream", "-m", MODEL, "hello", "--endpoint-url", server.url(), "--api", api.name()];
    run(&[line.as_slice(), more].concat())
}

/// The answer is taken for whole, with this text.
#[track_caller]
fn whole(api: Api, answer: &Answer, text: &str) {
    let [plain, json] = stream(api, answer);
    assert_eq!((plain.code, plain.stdout.as_str()), (Some(0), &*format!("{text}\n")), "{plain:?}");
    assert_eq!(plain.stderr, "");
    assert_eq!((json.code, json.text().as_str()), (Some(0), text), "{json:?}");
    assert!(json.has("messageStop"), "{json:?}");
    assert_eq!(json.stderr, "");
}

/// The answer is taken for incomplete, for a reason of this kind, and this text of it is shown.
#[track_caller]
fn incomplete(api: Api, answer: &Answer, text: &str, said: &str) {
    let [plain, json] = stream(api, answer);
    assert_eq!(plain.code, Some(1), "{plain:?}");
    assert_eq!(plain.stdout.trim_end(), text, "{plain:?}");
    assert!(plain.stderr.starts_with("outcrop: the reply is incomplete: "), "{plain:?}");
    assert!(plain.stderr.contains(said), "{plain:?}");
    assert_eq!(plain.stderr.lines().count(), 1, "{plain:?}");
    assert_eq!((json.code, json.text().as_str()), (Some(1), text), "{json:?}");
    assert!(!json.has("messageStop"), "{json:?}");
    let error = json.error();
    assert_eq!(error["kind"], "incomplete");
    assert_eq!(error["requestId"], "id-of-request");
    assert!(error["message"].as_str().unwrap().contains(said), "{error}");
}

/// The beginning of a reply that says "Hello wor".
fn beginning(api: Api) -> Vec<Vec<u8>> {
    vec![api.start(), api.text("Hello "), api.text("wor")]
}

/// A reply from its beginning, with more frames.
fn and(api: Api, more: &[Vec<u8>]) -> Vec<Vec<u8>> {
    [beginning(api).as_slice(), more].concat()
}

fn ended(api: Api) -> Vec<Vec<u8>> {
    and(api, &[api.text("ld"), api.block_stop(0), api.stop_with_usage("end_turn")])
}

#[test]
fn a_reply_that_ends_is_whole() {
    for api in APIS {
        whole(api, &Answer::stream(ended(api)), "Hello world");
        whole(api, &Answer::stream(vec![ended(api).concat()]), "Hello world");
        whole(api, &Answer::stream(ended(api)).byte_by_byte(), "Hello world");
    }
}

#[test]
fn an_end_without_counts_is_whole() {
    for api in APIS {
        let frames = and(api, &[api.text("ld"), api.block_stop(0), api.stop("end_turn")]);
        for end in [End::Clean, End::Cut] {
            let answer = Answer::stream(frames.clone()).ending(end);
            whole(api, &answer, "Hello world");
            let server = Server::start(vec![answer]);
            let ran = stream_from(api, &server, &["--output", "json"]);
            assert!(!ran.has("metadata") || api == Api::Invoke, "{ran:?}");
        }
    }
}

#[test]
fn damage_after_the_end_takes_nothing_from_a_whole_reply() {
    for api in APIS {
        let end = and(api, &[api.text("ld"), api.block_stop(0), api.stop("end_turn")]);
        let torn = [end.clone(), vec![api.start()[..20].to_vec()]].concat();
        whole(api, &Answer::stream(torn), "Hello world");
        let bad = [end, vec![corrupt(event("metadata", &json!({})))]].concat();
        whole(api, &Answer::stream(bad), "Hello world");
    }
}

#[test]
fn a_stream_that_ends_early_is_incomplete() {
    for api in APIS {
        let answer = Answer::stream(beginning(api));
        incomplete(api, &answer, "Hello wor", "ended before");
        incomplete(api, &answer.byte_by_byte(), "Hello wor", "ended before");
        let closed = and(api, &[api.block_stop(0)]);
        incomplete(api, &Answer::stream(closed), "Hello wor", "ended before");
    }
}

#[test]
fn a_stream_that_ends_inside_a_frame_is_incomplete() {
    for api in APIS {
        let next = api.text("ld");
        for length in [1, 11, 12, 40, next.len() - 1] {
            let frames = and(api, &[next[..length].to_vec()]);
            incomplete(api, &Answer::stream(frames), "Hello wor", "inside a frame");
        }
    }
}

#[test]
fn a_connection_that_breaks_is_incomplete() {
    for api in APIS {
        for end in [End::Cut, End::Short] {
            let [plain, json] = stream(api, &Answer::stream(beginning(api)).ending(end));
            assert_eq!((plain.code, plain.stdout.as_str()), (Some(1), "Hello wor\n"), "{plain:?}");
            assert_eq!((json.code, json.text().as_str()), (Some(1), "Hello wor"), "{json:?}");
            assert!(!json.has("messageStop"), "{json:?}");
        }
    }
}

#[test]
fn a_corrupt_frame_is_never_shown() {
    for api in APIS {
        let frames = and(api, &[corrupt(api.text("SECRET")), api.stop_with_usage("end_turn")]);
        incomplete(api, &Answer::stream(frames.clone()), "Hello wor", "corrupt");
        incomplete(api, &Answer::stream(vec![frames.concat()]), "Hello wor", "corrupt");
        incomplete(api, &Answer::stream(frames).byte_by_byte(), "Hello wor", "corrupt");
    }
}

#[test]
fn a_frame_that_lies_about_its_length_is_refused_at_once() {
    // Each prelude has its own checksum right, so that only the lie is wrong.
    let prelude = |total: u32, headers: u32| {
        let lengths = [total.to_be_bytes(), headers.to_be_bytes()].concat();
        let check = crc32fast::hash(&lengths).to_be_bytes();
        [lengths, check.to_vec()].concat()
    };
    for api in APIS {
        for (total, headers) in [(0, 0), (15, 0), (100, 100), (u32::MAX, 10), (30 << 20, 10)] {
            let frames = and(api, &[prelude(total, headers)]);
            let stalled = Answer::stream(frames).ending(End::Stall);
            incomplete(api, &stalled, "Hello wor", "corrupt");
        }
        let mut wrong = api.text("SECRET");
        wrong[3] ^= 1;
        let frames = and(api, &[wrong, api.stop_with_usage("end_turn")]);
        incomplete(api, &Answer::stream(frames), "Hello wor", "corrupt");
    }
}

#[test]
fn an_exception_in_the_stream_keeps_its_name_and_what_had_arrived() {
    for api in APIS {
        for (kind, name) in [
            ("throttlingException", "ThrottlingException"),
            ("modelStreamErrorException", "ModelStreamErrorException"),
            ("neverHeardOfException", "NeverHeardOfException"),
        ] {
            let frames = and(api, &[exception(kind, "Slow down, please."), api.stop("end_turn")]);
            incomplete(api, &Answer::stream(frames.clone()), "Hello wor", "Slow down, please.");
            let server = Server::start(vec![Answer::stream(frames)]);
            let ran = stream_from(api, &server, &[]);
            assert!(ran.stderr.to_lowercase().contains(&name.to_lowercase()), "{ran:?}");
            assert_eq!(server.calls(), 1, "no other try once text was shown");
        }
        let headers =
            [(":message-type", "error"), (":error-code", "oops"), (":error-message", "No luck.")];
        let frames = and(api, &[raw(&headers, b"")]);
        incomplete(api, &Answer::stream(frames), "Hello wor", "No luck.");
    }
}

#[test]
fn an_exception_before_the_last_frame_takes_the_end_of_the_message_back() {
    let failed = exception("internalServerException", "It broke.");
    // The reason has come, and what should follow it has not.
    let reason = chunk(&json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" },
        "usage": { "output_tokens": 2 } }));
    for (api, end) in [(Api::Converse, Api::Converse.stop("end_turn")), (Api::Invoke, reason)] {
        let frames = and(api, &[api.block_stop(0), end, failed.clone()]);
        incomplete(api, &Answer::stream(frames), "Hello wor", "It broke.");
    }
}

#[test]
fn content_after_the_end_of_the_message_is_no_part_of_it() {
    let frames = and(Api::Converse, &[Api::Converse.stop("end_turn"), Api::Converse.text("MORE")]);
    let [plain, json] = stream(Api::Converse, &Answer::stream(frames));
    for ran in [plain, json] {
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(!ran.stdout.contains("MORE"), "{ran:?}");
    }
}

#[test]
fn a_throttle_before_any_text_is_tried_again() {
    for api in APIS {
        let throttle = exception("throttlingException", "Too many tokens, please wait.");
        let first = Answer::stream(vec![api.start(), throttle]);
        let server = Server::start(vec![first, Answer::stream(ended(api))]);
        let ran = stream_from(api, &server, &[]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "Hello world\n"), "{ran:?}");
        assert_eq!(server.calls(), 2);
    }
}

#[test]
fn a_stall_ends_with_the_time_limit() {
    for api in APIS {
        let answer = Answer::stream(beginning(api)).ending(End::Stall);
        for form in ["text", "json"] {
            let server = Server::start(vec![answer.clone()]);
            let ran = stream_from(api, &server, &["--timeout", "3", "--output", form]);
            assert_eq!(ran.code, Some(1), "{ran:?}");
            assert!(ran.stdout.contains("wor"), "{ran:?}");
            assert!(ran.stderr.contains("3 s"), "{ran:?}");
            assert_eq!(server.calls(), 1);
        }
    }
}

#[test]
fn a_server_that_says_nothing_ends_with_the_time_limit() {
    for api in APIS {
        for command in ["stream", "invoke"] {
            let server = Server::start(vec![Answer::body(200, "").ending(End::Silent)]);
            let ran = run(&[
                command,
                "-m",
                MODEL,
                "hello",
                "--endpoint-url",
                server.url(),
                "--api",
                api.name(),
                "--timeout",
                "0.5",
                "--output",
                "json",
            ]);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
            assert!(ran.error()["message"].as_str().unwrap().contains("0.5 s"), "{ran:?}");
        }
    }
}

#[test]
fn a_stall_after_the_end_of_the_message_is_whole() {
    for api in APIS {
        let frames = and(api, &[api.text("ld"), api.block_stop(0), api.stop("end_turn")]);
        let server = Server::start(vec![Answer::stream(frames).ending(End::Stall)]);
        let ran = stream_from(api, &server, &["--timeout", "3"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "Hello world\n"), "{ran:?}");
    }
}

#[test]
fn events_of_unknown_kinds_pass() {
    let strange = event("somethingNew", &json!({ "deep": [1, { "text": "NOISE" }] }));
    let frames = [vec![strange.clone()], beginning(Api::Converse), vec![strange]].concat();
    let end = vec![Api::Converse.text("ld"), Api::Converse.stop_with_usage("end_turn")];
    let answer = Answer::stream([frames, end].concat());
    whole(Api::Converse, &answer, "Hello world");
    let [_, json] = stream(Api::Converse, &answer);
    assert_eq!(json.lines()[0], json!({ "somethingNew": { "deep": [1, { "text": "NOISE" }] } }));

    let strange = [chunk(&json!({ "type": "something_new" })), event("news", &json!({}))].concat();
    let end = vec![Api::Invoke.text("ld"), Api::Invoke.stop_with_usage("end_turn")];
    let frames = [vec![strange.clone()], beginning(Api::Invoke), vec![strange], end].concat();
    whole(Api::Invoke, &Answer::stream(frames), "Hello world");
}

#[test]
fn an_event_that_is_no_json_is_incomplete() {
    let converse = [(":message-type", "event"), (":event-type", "contentBlockDelta")];
    let invoke = [(":message-type", "event"), (":event-type", "chunk")];
    for (api, headers) in [(Api::Converse, converse), (Api::Invoke, invoke)] {
        for payload in ["{\"contentBlockIn", "[]", "\u{0}", ""] {
            let frames = and(api, &[raw(&headers, payload.as_bytes()), api.stop("end_turn")]);
            incomplete(api, &Answer::stream(frames), "Hello wor", "cannot be read");
        }
    }
}

#[test]
fn an_answer_that_is_no_stream_is_an_error() {
    for api in APIS {
        for body in ["", "<html><body>Welcome to the hotel network</body></html>", "{}"] {
            let server = Server::start(vec![Answer::body(200, body)]);
            let ran = stream_from(api, &server, &["--timeout", "2"]);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
            assert!(!ran.stderr.is_empty());
        }
    }
}

#[test]
fn text_in_many_scripts_arrives_byte_for_byte() {
    let text = "Grüße, 日本語, \u{1f99c}, \"quotes\", a\\b, tab\t, end";
    for api in APIS {
        let frames = vec![api.start(), api.text(text), api.stop_with_usage("end_turn")];
        whole(api, &Answer::stream(frames).byte_by_byte(), text);
    }
}
