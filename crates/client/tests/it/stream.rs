//! An answer as it comes: complete only when it is, with everything that had arrived when not.

use codec::{Block, ThrottleCause};
use outcrop::{ErrorKind, ModelRef, Options, Outcome, Request};
use proptest::prelude::*;
use serde_json::{Value, json};
use transport::rt::Clock;
use transport::testing::{End, Exchange};
use transport::{Error, ErrorKind as TransportKind, Operation, Phase};

use crate::support::{
    Bench, TOO_MANY_TOKENS, block_stop, event, exception, hello, message_stop, metadata, nova,
    quotas, refusal, start, streaming, text, throttle, whole,
};

/// The text handed out event by event, and the outcome.
fn read(bench: &Bench) -> (String, Outcome) {
    bench.run(async {
        let mut stream = bench.client.stream(&nova(), &hello()).await.unwrap();
        let mut handed_out = String::new();
        while let Some(event) = stream.next().await {
            handed_out.push_str(event.text().unwrap_or_default());
        }
        (handed_out, stream.finish().await)
    })
}

#[test]
fn a_whole_stream_is_complete_with_usage() {
    let bench = Bench::new([streaming(whole(&["good ", "morning"]))]);
    let (text, outcome) = read(&bench);

    assert_eq!(text, "good morning");
    let Outcome::Complete { reply, report, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(reply.text(), "good morning");
    assert_eq!(reply.usage.unwrap().output_tokens, 7);
    assert_eq!(report.request_id.as_deref(), Some("request-2"));
}

#[test]
fn a_message_that_ended_is_complete_however_the_stream_ends() {
    let broken = || Error::new(TransportKind::Io, Phase::AnsweredBadly, "reset");
    for end in [End::Clean, End::Stall, End::Error(broken())] {
        let frames = [start(), text("all of it"), block_stop(0), message_stop("end_turn")];
        let bench = Bench::new([streaming(frames).end(end)]);
        let (_, outcome) = read(&bench);
        let Outcome::Complete { reply, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(reply.text(), "all of it");
        assert_eq!(reply.usage, None, "usage is not invented");
    }
}

#[test]
fn a_finished_message_waits_five_seconds_for_its_usage_and_then_not_at_all() {
    let message = [start(), text("all of it"), block_stop(0), message_stop("end_turn")];
    let bench = Bench::new([streaming(message).end(End::Stall)]);
    read(&bench);
    assert_eq!(bench.clock.now().as_nanos(), 5_000_000_000);

    let bench = Bench::new([streaming(whole(&["all of it"])).end(End::Stall)]);
    read(&bench);
    assert_eq!(bench.clock.now().as_nanos(), 0);
    assert_eq!(bench.script.open(), 0, "the connection is not held open");
}

#[test]
fn a_stream_without_its_end_is_incomplete() {
    let broken = || Error::new(TransportKind::Io, Phase::AnsweredBadly, "reset");
    for (end, kind) in [(End::Clean, ErrorKind::Cut), (End::Error(broken()), ErrorKind::Broken)] {
        let bench = Bench::new([streaming([start(), text("half of")]).end(end)]);
        let (handed_out, outcome) = read(&bench);
        let Outcome::Incomplete { why, partial, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(why.kind(), kind);
        assert_eq!(why.request_id(), Some("request-2"));
        assert_eq!((handed_out.as_str(), partial.text().as_str()), ("half of", "half of"));
    }
}

#[test]
fn a_tool_call_that_was_cut_is_no_tool_call() {
    let tool = event(
        "contentBlockStart",
        json!({"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "t1", "name": "rm"}}}),
    );
    let input = event(
        "contentBlockDelta",
        json!({"contentBlockIndex": 0, "delta": {"toolUse": {"input": "{\"path\":\"/et"}}}),
    );
    let bench = Bench::new([streaming([start(), tool, input])]);
    let (_, outcome) = read(&bench);

    let Outcome::Incomplete { partial, .. } = outcome else { panic!("{outcome:?}") };
    let [Block::IncompleteToolUse(call)] = partial.message.content.as_slice() else {
        panic!("{partial:?}")
    };
    assert_eq!((call.name.as_str(), call.raw.as_str()), ("rm", "{\"path\":\"/et"));
}

#[test]
fn a_corrupt_frame_ends_the_stream_and_shows_nothing_of_itself() {
    let mut corrupt = text("never shown");
    let at = corrupt.len() - 8;
    corrupt[at] ^= 1;
    let bench = Bench::new([streaming([start(), text("before"), corrupt, text("after")])]);
    let (handed_out, outcome) = read(&bench);

    assert_eq!(handed_out, "before");
    let Outcome::Incomplete { why, partial, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(why.kind(), ErrorKind::Protocol);
    assert_eq!(partial.text(), "before");
}

#[test]
fn a_throttle_after_text_is_not_tried_again() {
    let frames = [start(), text("some"), exception("throttlingException", TOO_MANY_TOKENS)];
    let bench = Bench::new([streaming(frames)]);
    let (handed_out, outcome) = read(&bench);

    assert_eq!(handed_out, "some");
    let Outcome::Incomplete { why, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(why.kind(), ErrorKind::Throttled(ThrottleCause::Tokens));
    bench.script.verify().unwrap();
}

#[test]
fn what_fails_before_any_content_is_tried_again() {
    let bench = Bench::new([
        throttle(Operation::ConverseStream, TOO_MANY_TOKENS),
        streaming([start(), exception("throttlingException", TOO_MANY_TOKENS)]),
        streaming(whole(&["third time"])),
    ]);
    let (handed_out, outcome) = read(&bench);

    assert_eq!(handed_out, "third time");
    let Outcome::Complete { report, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(report.attempts, 3);
}

#[test]
fn the_last_attempt_that_fails_before_content_is_told_as_incomplete() {
    let script = (0..3).map(|_| streaming([start()]));
    let bench = Bench::new(script);
    let (_, outcome) = read(&bench);
    let Outcome::Incomplete { why, report, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(why.kind(), ErrorKind::Cut);
    assert_eq!(report.attempts, 3);
}

#[test]
fn a_refusal_is_an_error_and_no_stream() {
    let script = [refusal(Operation::ConverseStream, 400, "ValidationException", "blank")];
    let bench = Bench::new(script);
    let error = bench.run(bench.client.stream(&nova(), &hello())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
}

#[test]
fn unknown_events_are_handed_out_and_harm_nothing() {
    let news = event("somethingNew", json!({"a": 1}));
    let frames =
        [start(), news, text("x"), block_stop(0), message_stop("a_new_reason"), metadata()];
    let bench = Bench::new([streaming(frames)]);
    let (_, outcome) = read(&bench);
    let Outcome::Complete { reply, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(reply.stop_reason.as_str(), "a_new_reason");
}

#[test]
fn dropping_a_stream_cancels_it_and_keeps_what_may_be_charged() {
    let frames = [start(), text("a"), text("b")];
    let script = [streaming(frames).end(End::Stall)];
    let bench = Bench::with(script, Options::default(), quotas(60, 1_000));
    bench.run(async {
        let mut stream = bench.client.stream(&nova(), &hello()).await.unwrap();
        stream.next().await.unwrap();
        assert_eq!(bench.script.open(), 1);
    });

    assert_eq!((bench.script.open(), bench.script.dropped()), (0, 1));
    let left = bench.client.quota(&nova()).unwrap().tokens_left.unwrap();
    assert!(left <= 900, "max_tokens of 100 stay reserved: {left}");
}

#[test]
fn a_finished_stream_settles_what_it_used() {
    let script = [streaming(whole(&["x"]))];
    let bench = Bench::with(script, Options::default(), quotas(60, 1_000));
    read(&bench);
    assert_eq!(bench.client.quota(&nova()).unwrap().tokens_left, Some(1_000 - 12));
}

proptest! {
    #[test]
    fn the_pieces_in_which_bytes_come_do_not_matter(
        cuts in proptest::collection::vec(1_usize..40, 0..200),
    ) {
        let bytes = whole(&["good ", "mörning", ""]).concat();
        let mut rest = bytes.as_slice();
        let mut chunks = Vec::new();
        for cut in cuts {
            let (chunk, left) = rest.split_at(cut.min(rest.len()));
            chunks.push(chunk.to_vec());
            rest = left;
        }
        chunks.push(rest.to_vec());

        let exchange = Exchange::answering(Operation::ConverseStream).chunks(chunks);
        let (handed_out, outcome) = read(&Bench::new([exchange]));

        prop_assert_eq!(handed_out, "good mörning");
        let complete = matches!(outcome, Outcome::Complete { .. });
        prop_assert!(complete);
    }
}

#[test]
fn a_family_that_must_ask_for_a_stream_asks_for_it() {
    let model = ModelRef::parse("cohere.command-text-v14").unwrap();
    let prompt = Request::prompt("hello");
    let answer = json!({"generations": [{"text": "hi", "finish_reason": "COMPLETE"}]});
    let whole = Exchange::answering(Operation::InvokeModel).chunk(answer.to_string());
    // The same answer in base64.
    let bytes = "eyJnZW5lcmF0aW9ucyI6W3sidGV4dCI6ImhpIiwiZmluaXNoX3JlYXNvbiI6IkNPTVBMRVRFIn1dfQ==";
    let streamed = Exchange::answering(Operation::InvokeModelWithResponseStream)
        .chunk(event("chunk", json!({"bytes": bytes})));
    let bench = Bench::new([streamed, whole]);
    bench.run(async {
        bench.client.stream(&model, &prompt).await.unwrap();
        bench.client.invoke(&model, &prompt).await.unwrap();
    });

    let bodies = bench.script.calls().into_iter().map(|call| call.body);
    let bodies: Vec<Value> = bodies.map(|body| serde_json::from_slice(&body).unwrap()).collect();
    assert_eq!(bodies, [json!({"prompt": "hello", "stream": true}), json!({"prompt": "hello"})]);
}
