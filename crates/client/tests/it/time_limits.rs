//! Every limit that is stated ends the call, and says which one it was.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use outcrop::{Client, ErrorKind, Limit, Limits, Options, Outcome};
use serde_json::json;
use transport::rt::Clock;
use transport::testing::{End, Exchange, ManualClock};
use transport::{Meta, MockTransport, Operation, Streaming};

use crate::support::{
    Bench, block_stop, event, hello, message_stop, nova, start, streaming, text, throttle, whole,
};

fn with_limits(limits: Limits, script: impl IntoIterator<Item = Exchange>) -> Bench {
    let mut options = Options::default();
    options.limits = limits;
    Bench::with(script, options, Default::default())
}

#[test]
fn no_answer_ends_at_the_first_byte_limit_and_is_not_paid_for_twice() {
    let limits = Limits::default().with_first_byte(Duration::from_secs(7));
    let bench = with_limits(limits, [Exchange::silent(Operation::Converse)]);
    let error = bench.run(bench.client.invoke(&nova(), &hello())).unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Timeout(Limit::FirstByte));
    assert_eq!(error.to_string(), "no answer began within 7 s");
    assert_eq!(bench.clock.now().as_nanos(), 7_000_000_000);
    assert_eq!(bench.script.dropped(), 1);
}

#[test]
fn the_total_limit_holds_over_all_attempts() {
    let limits = Limits::default().with_total(Duration::from_millis(2_500));
    let script =
        [throttle(Operation::Converse, "Rate exceeded"), Exchange::silent(Operation::Converse)];
    let bench = with_limits(limits, script);
    let error = bench.run(bench.client.invoke(&nova(), &hello())).unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Timeout(Limit::Total));
    assert_eq!(bench.clock.now().as_nanos(), 2_500_000_000);
}

#[test]
fn a_stalled_stream_ends_at_the_idle_limit_with_what_had_arrived() {
    let limits = Limits::default().with_idle(Duration::from_secs(4));
    let script = [streaming([start(), text("so far")]).end(End::Stall)];
    let bench = with_limits(limits, script);

    let outcome =
        bench.run(async { bench.client.stream(&nova(), &hello()).await.unwrap().finish().await });

    let Outcome::Incomplete { why, partial, usage, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(why.kind(), ErrorKind::Timeout(Limit::Idle));
    assert_eq!(partial.text(), "so far");
    assert_eq!(usage, None);
    assert_eq!(bench.clock.now().as_nanos(), 4_000_000_000);
    assert_eq!(bench.script.open(), 0);
}

#[test]
fn a_stream_that_drips_ends_at_the_total_limit() {
    let limits = Limits::default().with_total(Duration::from_secs(10));
    let bench = with_limits(limits, []);
    let mut drip = streaming([start()]);
    for _ in 0..100 {
        drip = drip.pause(&bench.clock, Duration::from_secs(3)).chunk(text("."));
    }
    bench.script.push(drip);

    let outcome =
        bench.run(async { bench.client.stream(&nova(), &hello()).await.unwrap().finish().await });

    let Outcome::Incomplete { why, partial, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(why.kind(), ErrorKind::Timeout(Limit::Total));
    assert_eq!(partial.text(), "...");
}

// The timer has no turn while the body has a piece ready each time it is asked.
#[test]
fn a_stream_that_never_pauses_ends_at_the_total_limit() {
    let clock = ManualClock::new();
    let ticking = clock.clone();
    let pieces = std::iter::once(start()).chain(std::iter::repeat_n(text("."), 100));
    let body = stream::iter(pieces).map(move |piece| {
        ticking.advance(Duration::from_secs(1));
        Ok(piece.into())
    });
    let mut mock = MockTransport::new();
    mock.expect_streaming().return_once(move |_| Ok(Streaming::new(Meta::default(), body.boxed())));
    let mut options = Options::default();
    options.limits = Limits::default().with_total(Duration::from_secs(10));
    let client = Client::builder()
        .transport(mock)
        .time(clock.clone(), clock.clone())
        .options(options)
        .build();

    let outcome =
        clock.run(async { client.stream(&nova(), &hello()).await.unwrap().finish().await });

    let Outcome::Incomplete { why, partial, .. } = outcome.unwrap() else { panic!("not cut") };
    assert_eq!(why.kind(), ErrorKind::Timeout(Limit::Total));
    assert_eq!(partial.text(), ".".repeat(10));
}

#[test]
fn a_caller_that_takes_its_time_does_not_use_up_the_idle_limit() {
    let limits = Limits::default().with_idle(Duration::from_secs(4));
    let bench = with_limits(limits, []);
    let mut frames = whole(&["one ", "two"]);
    let rest = frames.split_off(2);
    let answer = streaming(frames).pause(&bench.clock, Duration::from_secs(3)).chunks(rest);
    bench.script.push(answer);

    let outcome = bench.run(async {
        let mut stream = bench.client.stream(&nova(), &hello()).await.unwrap();
        for _ in 0..2 {
            stream.next().await.unwrap();
        }
        bench.clock.advance(Duration::from_secs(60));
        stream.finish().await
    });

    let Outcome::Complete { reply, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(reply.text(), "one two");
}

#[test]
fn no_events_after_the_end_of_the_message_keep_it_waiting_for_its_usage() {
    let bench = Bench::new([]);
    let mut answer = streaming([start(), text("all"), block_stop(0), message_stop("end_turn")]);
    for _ in 0..100 {
        answer = answer.pause(&bench.clock, Duration::from_secs(3)).chunk(event("ping", json!({})));
    }
    bench.script.push(answer);

    let outcome =
        bench.run(async { bench.client.stream(&nova(), &hello()).await.unwrap().finish().await });

    assert!(matches!(outcome, Outcome::Complete { .. }), "{outcome:?}");
    assert_eq!(bench.clock.now().as_nanos(), 5_000_000_000);
}
