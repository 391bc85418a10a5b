//! One request, one reply: what comes back, what is tried again and what is not.

use std::time::Duration;

use codec::{StopKind, ThrottleCause};
use outcrop::{ApiChoice, ErrorKind, ModelRef, Options, Request};
use serde_json::{Value, json};
use transport::rt::Clock;
use transport::testing::Exchange;
use transport::{Error, ErrorKind as TransportKind, Operation, Phase};

use crate::support::{
    Bench, TOO_MANY_TOKENS, converse_reply, hello, nova, quotas, refusal, throttle,
};

#[test]
fn a_reply_has_text_stop_reason_usage_and_request_id() {
    let bench = Bench::new([converse_reply("good morning")]);
    let invocation = bench.run(bench.client.invoke(&nova(), &hello())).unwrap();

    assert_eq!(invocation.reply.text(), "good morning");
    assert_eq!(invocation.reply.stop_reason.kind(), StopKind::EndTurn);
    let usage = invocation.reply.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens), (5, 7));
    assert_eq!(invocation.report.request_id.as_deref(), Some("request-1"));
    assert_eq!(invocation.report.attempts, 1);
}

#[test]
fn the_native_format_is_sent_and_read_when_asked_for() {
    let body = json!({
        "type": "message", "role": "assistant", "content": [{"type": "text", "text": "bonjour"}],
        "stop_reason": "end_turn", "usage": {"input_tokens": 3, "output_tokens": 2},
    });
    let mut options = Options::default();
    options.api = ApiChoice::Invoke;
    let script = [Exchange::answering(Operation::InvokeModel).chunk(body.to_string())];
    let bench = Bench::with(script, options, quotas(60, 10_000));
    let claude = ModelRef::parse("anthropic.claude-3-haiku-20240307-v1:0").unwrap();

    let invocation = bench.run(bench.client.invoke(&claude, &hello())).unwrap();

    assert_eq!(invocation.reply.text(), "bonjour");
    let sent: Value = serde_json::from_slice(&bench.script.calls()[0].body).unwrap();
    assert_eq!(sent["anthropic_version"], "bedrock-2023-05-31");
    // 3 input and 2 output tokens, which count fivefold for this model.
    let left = bench.client.quota(&claude).unwrap().tokens_left;
    assert_eq!(left, Some(10_000 - 3 - 2 * 5));
}

#[test]
fn a_raw_prompt_goes_by_the_native_format() {
    let body = json!({"generation": "yes", "prompt_token_count": 4, "generation_token_count": 1,
        "stop_reason": "stop"});
    let bench = Bench::new([Exchange::answering(Operation::InvokeModel).chunk(body.to_string())]);
    let llama = ModelRef::parse("us.meta.llama3-3-70b-instruct-v1:0").unwrap();

    let request = Request::prompt("<|begin_of_text|>is it?");
    let invocation = bench.run(bench.client.invoke(&llama, &request)).unwrap();

    assert_eq!(invocation.reply.text(), "yes");
    let sent: Value = serde_json::from_slice(&bench.script.calls()[0].body).unwrap();
    assert_eq!(sent["prompt"], "<|begin_of_text|>is it?");
}

#[test]
fn a_throttle_is_tried_again_after_its_pause() {
    let bench = Bench::new([
        throttle(Operation::Converse, TOO_MANY_TOKENS),
        throttle(Operation::Converse, TOO_MANY_TOKENS),
        converse_reply("at last"),
    ]);
    let invocation = bench.run(bench.client.invoke(&nova(), &hello())).unwrap();

    assert_eq!(invocation.report.attempts, 3);
    // The longest draws: 1 s, then 2 s.
    assert_eq!(invocation.report.elapsed, Duration::from_secs(3));
}

#[test]
fn three_attempts_are_made_and_the_cause_of_the_throttle_is_told() {
    for (message, cause) in [
        ("Too many requests, please wait before trying again.", ThrottleCause::Requests),
        (TOO_MANY_TOKENS, ThrottleCause::Tokens),
        ("Model amazon.nova is currently overloaded.", ThrottleCause::Capacity),
    ] {
        let bench = Bench::new((0..3).map(|_| throttle(Operation::Converse, message)));
        let error = bench.run(bench.client.invoke(&nova(), &hello())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Throttled(cause), "{message}");
        assert!(error.advice().is_some());
        bench.script.verify().unwrap();
    }
}

#[test]
fn what_would_fail_again_is_not_tried_again() {
    let daily = "Too many tokens per day, please wait before trying again.";
    for (script, kind) in [
        (throttle(Operation::Converse, daily), ErrorKind::Throttled(ThrottleCause::TokensPerDay)),
        (
            refusal(Operation::Converse, 400, "ValidationException", "The text is blank."),
            ErrorKind::Refused,
        ),
        (
            refusal(Operation::Converse, 403, "ExpiredTokenException", "The token has expired."),
            ErrorKind::Credentials,
        ),
    ] {
        let bench = Bench::new([script]);
        let error = bench.run(bench.client.invoke(&nova(), &hello())).unwrap_err();
        assert_eq!(error.kind(), kind);
        bench.script.verify().unwrap();
    }
}

#[test]
fn no_attempt_begins_after_the_retry_window() {
    let mut options = Options::default();
    options.retry = options.retry.with_attempts(100.try_into().unwrap());
    let bench = Bench::with(
        (0..100).map(|_| throttle(Operation::Converse, TOO_MANY_TOKENS)),
        options,
        Default::default(),
    );
    bench.run(bench.client.invoke(&nova(), &hello())).unwrap_err();
    // Pauses of 1, 2, 4, 8, 16 and 20 s fit into 60 s, the next one does not.
    assert_eq!(bench.script.calls().len(), 7);
}

#[test]
fn a_storm_of_retries_ends_when_the_budget_is_used_up() {
    let bench = Bench::new((0..400).map(|_| throttle(Operation::Converse, TOO_MANY_TOKENS)));
    for _ in 0..60 {
        bench.run(bench.client.invoke(&nova(), &hello())).unwrap_err();
    }
    // 60 first attempts, and the 100 retries that the budget of 500 pays for.
    assert_eq!(bench.script.calls().len(), 160);
}

#[test]
fn a_call_that_was_never_sent_costs_nothing() {
    let script = (0..3).map(|_| {
        let error = Error::new(TransportKind::Connect, Phase::NotSent, "connection refused");
        Exchange::failing(Operation::Converse, error)
    });
    let bench = Bench::with(script, Options::default(), quotas(60, 1_000));
    let error = bench.run(bench.client.invoke(&nova(), &hello())).unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Connect);
    let left = bench.client.quota(&nova()).unwrap();
    assert_eq!((left.requests_left, left.tokens_left), (Some(60), Some(1_000)));
}

#[test]
fn a_refused_call_costs_a_request_and_no_tokens() {
    let script = [refusal(Operation::Converse, 400, "ValidationException", "no")];
    let bench = Bench::with(script, Options::default(), quotas(60, 1_000));
    bench.run(bench.client.invoke(&nova(), &hello())).unwrap_err();

    let left = bench.client.quota(&nova()).unwrap();
    assert_eq!((left.requests_left, left.tokens_left), (Some(59), Some(1_000)));
}

#[test]
fn a_call_that_may_have_been_done_keeps_its_estimate() {
    let error = Error::new(TransportKind::Protocol, Phase::MaybeSent, "the connection broke");
    let script = [Exchange::failing(Operation::Converse, error)];
    let mut options = Options::default();
    options.retry = outcrop::RetryPolicy::never();
    let bench = Bench::with(script, options, quotas(60, 1_000));
    bench.run(bench.client.invoke(&nova(), &hello())).unwrap_err();

    let left = bench.client.quota(&nova()).unwrap().tokens_left.unwrap();
    assert!(left <= 900, "max_tokens of 100 stay reserved: {left}");
}

#[test]
fn a_reply_that_is_no_json_is_an_error_with_the_request_id() {
    let script = [Exchange::answering(Operation::Converse)
        .header("x-amzn-requestid", "request-9")
        .chunk("<html>")];
    let bench = Bench::new(script);
    let error = bench.run(bench.client.invoke(&nova(), &hello())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert_eq!(error.request_id(), Some("request-9"));
}

#[test]
fn a_request_that_cannot_be_expressed_is_never_sent() {
    let titan = ModelRef::parse("amazon.titan-text-express-v1").unwrap();
    let mut options = Options::default();
    options.api = ApiChoice::Invoke;
    let bench = Bench::with([], options, Default::default());
    let tools = json!({"messages": [{"role": "user", "content": [{"text": "hi"}]}],
        "toolConfig": {"tools": [{"toolSpec": {"name": "t", "inputSchema": {"json": {}}}}]}});
    let request = Request::from_converse(tools.to_string().as_bytes()).unwrap();

    let error = bench.run(bench.client.invoke(&titan, &request)).unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(bench.script.calls().is_empty());
    assert_eq!(bench.clock.now().as_nanos(), 0);
}
