//! Exceptions before the answer and inside of it, delays, resets, and who is told of them.

use codec::frame::FrameKind;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{converse, converse_stream, frames, types, with, with_effect};
use crate::client::{NOVA, open, post, quick, raw, send, send_h2, try_send, turn};

#[tokio::test]
async fn each_cause_of_a_throttle_has_the_service_s_words() {
    let wait = "please wait before trying again.";
    for (cause, status, name, message) in [
        ("requests", 429, "ThrottlingException", format!("Too many requests, {wait}")),
        ("tokens", 429, "ThrottlingException", format!("Too many tokens, {wait}")),
        ("tokens_per_day", 429, "ThrottlingException", format!("Too many tokens per day, {wait}")),
        (
            "concurrency",
            429,
            "ThrottlingException",
            format!("Too many concurrent requests, {wait}"),
        ),
        (
            "capacity",
            429,
            "ThrottlingException",
            format!("Model {NOVA} is currently overloaded. Please try again later."),
        ),
        (
            "unavailable",
            503,
            "ServiceUnavailableException",
            "Bedrock is unable to process your request.".into(),
        ),
    ] {
        let emulator = with_effect(&format!("throttle = {{ cause = '{cause}' }}")).await;
        for answer in [
            converse(&emulator, &turn("hi")).await,
            converse_stream(&emulator, &turn("hi")).await,
            send_h2(&emulator, post(&format!("/model/{NOVA}/invoke"), &turn("hi"))).await,
        ] {
            assert_eq!(answer.refusal(), (status, name.to_owned(), message.clone()));
            assert_eq!(answer.header("x-amzn-requestid").len(), 36);
        }
    }
}

#[tokio::test]
async fn counting_tokens_fails_for_its_model_alone() {
    let (haiku, sonnet) =
        ("anthropic.claude-haiku-4-5-20251001-v1:0", "anthropic.claude-sonnet-4-5-20250929-v1:0");
    let rule = format!("[[fault]]\nmodel = '{haiku}'\noperation = 'CountTokens'\n");
    let emulator = with(&format!("{rule}effect = {{ throttle = {{ cause = 'tokens' }} }}")).await;
    let body = json!({ "input": { "converse": turn("hi") } });
    let count = async |model: &str| {
        send(&emulator, post(&format!("/model/{model}/count-tokens"), &body)).await.status
    };
    assert_eq!(count(haiku).await, 429);
    assert_eq!(count(sonnet).await, 200);
}

#[tokio::test]
async fn each_exception_comes_before_the_answer_or_inside_of_it() {
    for (name, status) in [
        ("AccessDeniedException", 403),
        ("ConflictException", 400),
        ("InternalServerException", 500),
        ("ModelErrorException", 424),
        ("ModelNotReadyException", 429),
        ("ModelStreamErrorException", 424),
        ("ModelTimeoutException", 408),
        ("ResourceNotFoundException", 404),
        ("ServiceQuotaExceededException", 400),
        ("ServiceUnavailableException", 503),
        ("ThrottlingException", 429),
        ("ValidationException", 400),
    ] {
        let effect = format!("exception = {{ name = '{name}', message = 'As was asked for.' }}");
        let answer = converse(&with_effect(&effect).await, &turn("hi")).await;
        assert_eq!(answer.refusal(), (status, name.to_owned(), "As was asked for.".to_owned()));

        let effect =
            format!("exception = {{ name = '{name}', after_frames = 2, original_status = 500 }}");
        let answer = converse_stream(&with_effect(&effect).await, &turn("hi")).await;
        let frames = frames(&answer.body);
        assert_eq!((answer.status, frames.len()), (200, 3), "{frames:?}");
        let (kind, member, payload) = &frames[2];
        let (first, rest) = name.split_at(1);
        assert_eq!(
            (*kind, member),
            (FrameKind::Exception, &format!("{}{rest}", first.to_lowercase()))
        );
        assert!(payload["message"].as_str().is_some_and(|message| message.len() > 10));
        assert_eq!(payload["originalStatusCode"], 500);
    }
}

#[tokio::test]
async fn an_exception_comes_first_or_last_or_not_at_all() {
    let all = types(&converse_stream(&with("").await, &turn("hi")).await.body);
    for (after, expected) in [(0, 1), (all.len(), all.len() + 1), (all.len() + 1, all.len())] {
        let effect =
            format!("exception = {{ name = 'InternalServerException', after_frames = {after} }}");
        let types = types(&converse_stream(&with_effect(&effect).await, &turn("hi")).await.body);
        assert_eq!(types.len(), expected, "after {after} of {all:?}");
        assert_eq!(types.last().unwrap() == "internalServerException", after <= all.len());
    }
}

#[tokio::test]
async fn a_large_request_is_read_before_it_is_refused() {
    let emulator = with_effect("throttle = { cause = 'requests' }").await;
    let answer = converse(&emulator, &turn(&"word ".repeat(2_000_000))).await;
    assert_eq!(answer.status, 429);
}

#[tokio::test]
async fn a_reset_before_the_answer_leaves_the_caller_with_none() {
    let emulator =
        with("[[fault]]\nwhen = { nth = 1 }\neffect = { reset = 'before_answer' }").await;
    let request = post(&format!("/model/{NOVA}/converse"), &turn("hi"));
    assert!(try_send(&emulator, request).await.is_none());
    assert_eq!(converse(&emulator, &turn("hi")).await.status, 200);
}

#[tokio::test]
async fn a_reset_is_one_of_tcp_and_comes_after_what_was_sent() {
    for (effect, seen) in [("'before_answer'", false), ("{ after_bytes = 20 }", true)] {
        let emulator = with(&format!("[[fault]]\neffect = {{ reset = {effect} }}")).await;
        let (body, host) = (turn("Hi").to_string(), emulator.address());
        let head = format!("POST /model/{NOVA}/converse HTTP/1.1\r\nhost: {host}\r\n");
        let length = body.len();
        let mut stream = TcpStream::connect(host).await.unwrap();
        let request = format!("{head}content-length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let end = stream.read_to_end(&mut bytes).await;
        assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset, "{effect}");
        assert_eq!(bytes.starts_with(b"HTTP/1.1 200"), seen, "{effect}");
    }
}

#[tokio::test]
async fn a_reset_inside_breaks_off_what_has_arrived() {
    for (effect, arrived) in
        [("reset = { after_frames = 2 }", None), ("reset = { after_bytes = 20 }", Some(20))]
    {
        let emulator = with_effect(effect).await;
        let request = post(&format!("/model/{NOVA}/converse-stream"), &turn("hi"));
        let mut body = open(&emulator, request).await.into_body();
        let mut seen = Vec::new();
        let broken = loop {
            match body.frame().await {
                Some(Ok(frame)) => seen.extend_from_slice(&frame.into_data().unwrap()),
                Some(Err(_)) => break true,
                None => break false,
            }
        };
        assert!(broken, "{effect}");
        match arrived {
            Some(count) => assert_eq!(seen.len(), count),
            None => assert_eq!(types(&seen), ["messageStart", "contentBlockDelta"]),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_delay_comes_before_the_answer() {
    let emulator = with_effect("delay = { ms = 90000 }").await;
    assert_eq!(converse(&emulator, &turn("hi")).await.status, 200);
    let requests = send(&emulator, raw("GET", "/_outcrop/requests", "")).await.json();
    let millis = requests["requests"][0]["ms"].as_u64().unwrap();
    assert!((90_000..91_000).contains(&millis), "{millis}");
}

#[tokio::test]
async fn operations_of_the_control_plane_fail_where_they_are_named() {
    let emulator =
        with("[[fault]]\noperation = 'List*'\neffect = { throttle = { cause = 'requests' } }")
            .await;
    assert_eq!(send(&emulator, raw("GET", "/model-invocation-jobs", "")).await.status, 429);
    assert_eq!(converse(&emulator, &turn("hi")).await.status, 200);
}

#[tokio::test]
async fn who_was_hit_by_what_is_told() {
    let lines = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = std::sync::Arc::clone(&lines);
    let scenario = outcrop_emulator::Scenario::from_toml(
        "[[fault]]\nname = 'no-room'\nwhen = { nth = 2 }\n\
         effect = { throttle = { cause = 'unavailable' } }\n\
         [[fault]]\neffect = { cut = { after_frames = 1 } }",
    );
    let emulator = quick()
        .scenario(scenario.unwrap())
        .access_log(move |line| log.lock().unwrap().push(line.to_owned()))
        .start()
        .await
        .unwrap();
    for _ in 0..2 {
        converse(&emulator, &turn("hi")).await;
    }
    converse_stream(&emulator, &turn("hi")).await;
    let page = async |name: &str| -> Value {
        send(&emulator, raw("GET", &format!("/_outcrop/{name}"), "")).await.json()
    };

    let requests = page("requests").await;
    let faults: Vec<&Value> =
        requests["requests"].as_array().unwrap().iter().map(|request| &request["faults"]).collect();
    assert_eq!(faults, [&json!([]), &json!(["no-room"]), &json!(["cut"])]);
    let lines = lines.lock().unwrap().clone();
    assert!(!lines[0].contains("fault="), "{lines:?}");
    assert!(lines[1].ends_with(" ServiceUnavailableException fault=no-room"), "{lines:?}");
    let faults = json!([
        { "fault": "no-room", "calls": 3, "struck": 1 },
        { "fault": "cut", "calls": 1, "struck": 1 },
    ]);
    assert_eq!(page("metrics").await["faults"], faults);

    send(&emulator, raw("POST", "/_outcrop/reset", "")).await;
    assert_eq!(page("metrics").await["faults"][0]["calls"], 0);
    let statuses = [converse(&emulator, &turn("hi")).await, converse(&emulator, &turn("hi")).await];
    assert_eq!(statuses.map(|answer| answer.status), [200, 503]);
}
