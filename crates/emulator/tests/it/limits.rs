//! Limits per minute over the wire.

use codec::frame::{Decoded, decode};
use outcrop_emulator::{Limits, Quotas, QuotasError, StartError};
use serde_json::json;

use crate::client::{NOVA, post, quick, raw, send, turn};

#[tokio::test]
async fn a_call_beyond_the_request_rate_is_throttled() {
    let emulator = quick().requests_per_minute(2).start().await.unwrap();
    let call = || send(&emulator, post(&format!("/model/{NOVA}/converse"), &turn("Hi")));
    assert_eq!([call().await.status, call().await.status], [200, 200]);
    let message = "Too many requests, please wait before trying again.";
    let expected = (429, "ThrottlingException".to_owned(), message.to_owned());
    assert_eq!(call().await.refusal(), expected);
    // Another model has a limit of its own.
    let other = post("/model/amazon.nova-pro-v1:0/converse", &turn("Hi"));
    assert_eq!(send(&emulator, other).await.status, 200);
}

#[tokio::test]
async fn quotas_of_a_model_that_does_not_exist_are_refused_at_the_start() {
    let models = [("us.amazon.nova-light-v1:0".into(), Limits::default())].into();
    let quotas = Quotas { models, ..Quotas::default() };
    let refused = quick().quotas(quotas).start().await.unwrap_err();
    let unknown = QuotasError::Model("us.amazon.nova-light-v1:0".into());
    assert!(matches!(refused, StartError::Quotas(error) if error == unknown));
}

#[tokio::test]
async fn max_tokens_is_held_while_a_call_runs_and_given_back_at_its_end() {
    let emulator = quick().tokens_per_minute(1000).start().await.unwrap();
    let call = |max_tokens: u64| {
        let mut body = turn("Hi");
        body["inferenceConfig"] = json!({ "maxTokens": max_tokens });
        send(&emulator, post(&format!("/model/{NOVA}/converse"), &body))
    };
    let too_many = "Too many tokens, please wait before trying again.";
    assert_eq!(call(1000).await.refusal().2, too_many);
    // Each call takes one token of input and says four: five are left to pay of 1000.
    assert_eq!(call(999).await.status, 200);
    assert_eq!(call(995).await.refusal().2, too_many);
    assert_eq!(call(994).await.status, 200);
}

#[tokio::test]
async fn several_answers_hold_as_many_limits_of_tokens() {
    let emulator = quick().start().await.unwrap();
    let messages = json!([{ "role": "user", "content": "Hi" }]);
    let mut before = 0;
    for (answers, operation, held) in
        [(3, "invoke", 301), (1, "invoke", 101), (3, "invoke-with-response-stream", 101)]
    {
        let body = json!({ "messages": messages, "max_tokens": 100, "n": answers });
        let call = post(&format!("/model/ai21.jamba-1-5-mini-v1:0/{operation}"), &body);
        assert_eq!(send(&emulator, call).await.status, 200, "{operation}");
        let metrics = send(&emulator, raw("GET", "/_outcrop/metrics", "")).await.json();
        let reserved = metrics["reservedTokens"].as_u64().unwrap();
        assert_eq!(reserved - before, held, "{answers} {operation}");
        before = reserved;
    }
}

#[tokio::test]
async fn a_stream_is_throttled_inside_where_that_is_asked_for() {
    let emulator = quick().requests_per_minute(0).throttle_in_stream(true).start().await.unwrap();
    for (operation, status) in [("converse-stream", 200), ("converse", 429)] {
        let answer =
            send(&emulator, post(&format!("/model/{NOVA}/{operation}"), &turn("Hi"))).await;
        assert_eq!(answer.status, status);
        if status == 200 {
            let Decoded::Complete { frame, len } = decode(&answer.body).unwrap() else {
                panic!("the stream ends inside a frame");
            };
            assert_eq!(len, answer.body.len());
            assert_eq!(frame.message_type(), Some("exception"));
            assert_eq!(frame.text(":exception-type"), Some("throttlingException"));
            assert_eq!(
                frame.payload(),
                br#"{"message":"Too many requests, please wait before trying again."}"#
            );
        }
    }
}

#[tokio::test]
async fn metrics_and_recent_requests_are_shown_until_a_reset() {
    let emulator = quick().tokens_per_minute(1000).start().await.unwrap();
    let call = |max_tokens: u64| {
        let mut body = turn("Hi");
        body["inferenceConfig"] = json!({ "maxTokens": max_tokens });
        send(&emulator, post(&format!("/model/{NOVA}/converse"), &body))
    };
    let page = |name: &'static str| send(&emulator, raw("GET", name, ""));
    call(500).await;
    call(5000).await;
    let metrics = page("/_outcrop/metrics").await.json();
    assert_eq!((&metrics["admitted"], &metrics["throttled"]["tokens"]), (&json!(1), &json!(1)));
    assert_eq!((&metrics["reservedTokens"], &metrics["settledTokens"]), (&json!(501), &json!(5)));
    let model = &metrics["models"][0];
    assert_eq!(
        (&model["model"], &model["scope"]),
        (&json!("amazon.nova-lite-v1:0"), &json!("cross-region"))
    );
    assert_eq!(model["used"]["tokensPerMinute"], 5);

    let requests = page("/_outcrop/requests").await.json();
    let shown: Vec<_> = requests["requests"].as_array().unwrap().iter().collect();
    assert_eq!(shown.len(), 2);
    assert_eq!((&shown[0]["operation"], &shown[0]["status"]), (&json!("Converse"), &json!(200)));
    assert_eq!((&shown[1]["model"], &shown[1]["status"]), (&json!(NOVA), &json!(429)));
    assert_eq!(shown[1]["error"], "ThrottlingException");

    assert_eq!(send(&emulator, raw("POST", "/_outcrop/reset", "")).await.status, 200);
    assert_eq!(page("/_outcrop/metrics").await.json()["admitted"], 0);
    assert_eq!(page("/_outcrop/requests").await.json()["requests"], json!([]));
    assert_eq!(page("/_outcrop/secrets").await.status, 404);
}

#[tokio::test]
async fn the_access_log_has_a_line_for_each_request() {
    let (tell, told) = std::sync::mpsc::channel();
    let log = move |line: &str| tell.send(line.to_owned()).unwrap();
    let emulator = quick().requests_per_minute(0).access_log(log).start().await.unwrap();
    send(&emulator, post(&format!("/model/{NOVA}/converse"), &turn("Hi"))).await;
    send(&emulator, raw("GET", "/_outcrop/metrics", "")).await;
    let lines: Vec<String> = told.try_iter().collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let expected = format!(" POST /model/{NOVA}/converse Converse 429 ");
    assert!(lines[0].contains(&expected) && lines[0].ends_with("ThrottlingException"), "{lines:?}");
}
