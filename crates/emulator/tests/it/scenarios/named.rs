//! The rows of the matrix that clients are held to: each scenario shows what it is named for, in
//! Converse and in the native stream of every family. What a client makes of it is tested there.

use codec::fault::{FaultKind, ThrottleCause};
use codec::{Api, Block, Finish, ModelRef, Reply, StopKind, StreamDecoder, StreamError};
use outcrop_emulator::Emulator;

use super::{converse, converse_stream, named, tool_turn};
use crate::client::{Answer, NOVA, post, send, try_send, turn};
use crate::families::CASES;

/// It streams only where its request says so itself, and this one does not.
const IN_ONE_FRAME: &str = "cohere.command-text-v14";
const TEXT: &str = "Good morning to you all";

/// What the codec makes of a stream.
fn finish(model: &str, api: Api, answer: &Answer) -> Finish {
    assert_eq!(answer.status, 200, "{model}: {:?}", answer.body);
    let mut stream = StreamDecoder::new(&ModelRef::parse(model).unwrap(), api).unwrap();
    stream.push(&answer.body);
    stream.finish()
}

/// How the stream of Converse ends, and the native one of every family, each with its model.
/// Streams of one frame are left out: they have nothing between their beginning and their end.
async fn all(name: &str) -> Vec<(&'static str, Finish)> {
    let emulator = named(name).await;
    let answer = converse_stream(&emulator, &turn(TEXT)).await;
    let mut ends = vec![(NOVA, finish(NOVA, Api::Converse, &answer))];
    for (model, body) in CASES.iter().filter(|(model, _)| *model != IN_ONE_FRAME) {
        ends.push((model, finish(model, Api::Invoke, &native(&emulator, model, body).await)));
    }
    ends
}

async fn native(emulator: &Emulator, model: &str, body: &fn(&str) -> serde_json::Value) -> Answer {
    let path = format!("/model/{model}/invoke-with-response-stream");
    send(emulator, post(&path, &body(TEXT))).await
}

#[track_caller]
fn whole(model: &str, end: Finish) -> Reply {
    match end {
        Finish::Complete(reply) => reply,
        Finish::Incomplete { why, .. } => panic!("{model}: {why}"),
    }
}

#[track_caller]
fn broken(model: &str, end: Finish) -> StreamError {
    match end {
        Finish::Complete(reply) => panic!("{model}: {reply:?}"),
        Finish::Incomplete { why, .. } => why,
    }
}

#[tokio::test]
async fn what_harms_nothing_leaves_every_reply_whole() {
    for name in ["normal", "one-byte-chunks", "unknown-event", "cached-usage"] {
        for (model, end) in all(name).await {
            let reply = whole(model, end);
            assert!(reply.text().contains(TEXT), "{name}, {model}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn a_bad_checksum_is_found_in_every_stream() {
    for (model, end) in all("bad-checksum").await {
        assert!(matches!(broken(model, end), StreamError::Frame(_)), "{model}");
    }
}

#[tokio::test]
async fn every_stream_is_cut_before_its_message_stops() {
    for (model, end) in all("cut-before-message-stop").await {
        assert_eq!(broken(model, end), StreamError::EndOfStream, "{model}");
    }
}

#[tokio::test]
async fn every_stream_is_throttled_after_its_first_words() {
    for (model, end) in all("throttled-mid-stream").await {
        let Finish::Incomplete { why: StreamError::Fault(fault), partial } = end else {
            panic!("{model}: {end:?}");
        };
        assert_eq!(fault.kind, FaultKind::Throttled(ThrottleCause::Tokens));
        assert!(!partial.message.content.is_empty(), "{model}: {partial:?}");
    }
}

#[tokio::test]
async fn every_message_stops_for_the_unknown_reason() {
    for (model, end) in all("context-window-exceeded").await {
        let reason = whole(model, end).stop_reason;
        assert_eq!(reason.as_str(), "model_context_window_exceeded", "{model}");
    }
}

#[tokio::test]
async fn the_cache_counts_are_those_of_the_matrix() {
    let emulator = named("cached-usage").await;
    let end = finish(NOVA, Api::Converse, &converse_stream(&emulator, &turn(TEXT)).await);
    let usage = whole(NOVA, end).usage.unwrap();
    let counts =
        [Some(usage.input_tokens), usage.cache_read_input_tokens, usage.cache_write_input_tokens];
    assert_eq!(counts, [Some(3), Some(100), Some(50)]);
}

#[tokio::test]
async fn a_tool_s_arguments_are_cut_by_the_end_or_by_the_limit() {
    for (name, stops) in [("tool-json-cut-by-eof", false), ("tool-json-cut-by-max-tokens", true)] {
        let answer = converse_stream(&named(name).await, &tool_turn()).await;
        let content = match finish(NOVA, Api::Converse, &answer) {
            Finish::Complete(reply) => {
                assert!(stops, "{reply:?}");
                assert_eq!(reply.stop_reason.kind(), StopKind::MaxTokens);
                reply.message.content
            }
            Finish::Incomplete { why, partial } => {
                assert!(!stops, "{why}");
                partial.message.content
            }
        };
        let [Block::IncompleteToolUse(call)] = content.as_slice() else { panic!("{content:?}") };
        assert_eq!(call.raw, "{\"path\":\"/");
    }
}

#[tokio::test]
async fn some_are_refused_for_ever() {
    for (name, status) in [("throttled-forever", 429), ("unavailable-forever", 503)] {
        let emulator = named(name).await;
        for _ in 0..3 {
            assert_eq!(converse(&emulator, &turn(TEXT)).await.status, status);
        }
        for (model, body) in CASES {
            assert_eq!(native(&emulator, model, body).await.status, status, "{model}");
        }
    }
}

#[tokio::test]
async fn one_call_in_seven_goes_wrong_in_the_same_way_every_time() {
    let run = async || {
        let emulator = named("flaky").await;
        let mut hit = Vec::new();
        for call in 0..100 {
            let request = post(&format!("/model/{NOVA}/invoke"), &turn(TEXT));
            let answer = try_send(&emulator, request).await;
            hit.push((call, answer.map(|answer| answer.status)));
        }
        hit
    };
    let first = run().await;
    assert_eq!(first, run().await);
    let failed = 100 - first.iter().filter(|(_, status)| *status == Some(200)).count();
    assert!((5..=30).contains(&failed), "{failed}");
}
