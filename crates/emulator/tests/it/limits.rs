//! Limits per minute over the wire.

use serde_json::json;

use crate::client::{NOVA, post, quick, send, turn};

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
