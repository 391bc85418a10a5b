//! Frames leave when they are due, no more of them than are read, and end with the emulator.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::Incoming;
use outcrop_emulator::{Auth, Builder, Emulator};
use serde_json::json;
use tokio::time::timeout;

use crate::client::{Answer, NOVA, open, open_h2, post, quick, raw, send, turn};

/// An emulator that says its first token after half a second, and ten a second then.
fn slow() -> Builder {
    Emulator::builder().auth(Auth::Any).time_to_first_token(millis(500)).tokens_per_second(10)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The types of the events that come next, which do not come before `early` and come by `late`.
async fn next(body: &mut Incoming, early: u64, late: u64) -> Vec<String> {
    let before = timeout(millis(early), body.frame()).await;
    assert!(before.is_err(), "{before:?}");
    let data = timeout(millis(late - early), body.frame()).await;
    let data = data.unwrap().unwrap().unwrap().into_data().unwrap();
    let answer = Answer { status: 200, headers: HeaderMap::new(), body: data };
    answer.events().into_iter().map(|(kind, _)| kind).collect()
}

#[tokio::test(start_paused = true)]
async fn each_frame_comes_when_it_is_due_in_both_versions_of_http() {
    for version in [1, 2] {
        let emulator = slow().start().await.unwrap();
        let request = post(&format!("/model/{NOVA}/converse-stream"), &turn("one two three"));
        let response = match version {
            1 => open(&emulator, request).await,
            _ => open_h2(&emulator, request).await,
        };
        let mut body = response.into_body();
        assert_eq!(next(&mut body, 490, 510).await, ["messageStart"]);
        // You said: one two three
        for _ in 0..6 {
            assert_eq!(next(&mut body, 90, 110).await, ["contentBlockDelta"]);
        }
        let rest = body.collect().await.unwrap().to_bytes();
        let rest = Answer { status: 200, headers: HeaderMap::new(), body: rest };
        assert_eq!(rest.events().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_outlasts_the_grace_of_a_shutdown_is_cut() {
    let emulator = slow().output_tokens(1000).start().await.unwrap();
    let request = post(&format!("/model/{NOVA}/converse-stream"), &turn("hi"));
    let body = open(&emulator, request).await.into_body();
    let ((), cut) = tokio::join!(emulator.shutdown(), body.collect());
    assert!(cut.is_err(), "{cut:?}");
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_the_model_back() {
    let emulator = quick().output_tokens(MANY).start().await.unwrap();
    let body = json!({
        "messages": [{ "role": "user", "content": [{ "text": "hi" }] }],
        "inferenceConfig": { "maxTokens": MANY },
    });
    let request = post("/model/zai.glm-5/converse-stream", &body);
    let mut response = open(&emulator, request).await;
    assert!(response.body_mut().frame().await.unwrap().is_ok());
    // The server gets all the turns that it needs to run ahead.
    for _ in 0..5000 {
        tokio::task::yield_now().await;
    }
    drop(response);
    while emulator.open_calls() > 0 {
        tokio::task::yield_now().await;
    }
    let metrics = send(&emulator, raw("GET", "/_outcrop/metrics", "")).await.json();
    let said = metrics["settledTokens"].as_u64().unwrap();
    assert!((1..MANY).contains(&said), "{metrics}");
}

/// So many frames are some 24 MB, far more than sockets hold.
const MANY: u64 = 128_000;
