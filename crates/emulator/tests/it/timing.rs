//! Frames leave when they are due, no more of them than are read, and end with the emulator.

use std::time::Duration;

use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Bytes, Incoming};
use outcrop_emulator::{Auth, Builder, Emulator};
use serde_json::json;
use tokio::task::yield_now;
use tokio::time::advance;

use crate::client::{Answer, NOVA, open, open_h2, post, quick, raw, send, turn};

/// An emulator that says its first token after half a second, and ten a second then.
fn slow() -> Builder {
    Emulator::builder().auth(Auth::Any).time_to_first_token(millis(500)).tokens_per_second(10)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The types of the events that come within some milliseconds, none of which comes a little sooner.
async fn next(body: &mut Incoming, after: u64) -> Vec<String> {
    advance(millis(after - 2 * MARGIN)).await;
    let early = come(body).await;
    assert!(early.is_none(), "{early:?}");
    advance(millis(2 * MARGIN)).await;
    let body = loop {
        if let Some(frame) = come(body).await {
            break frame;
        }
    };
    let answer = Answer { status: 200, headers: HeaderMap::new(), body };
    answer.events().into_iter().map(|(kind, _)| kind).collect()
}

/// What comes while the clock stands still, and everybody gets all the turns that they need.
async fn come(body: &mut Incoming) -> Option<Bytes> {
    for _ in 0..TURNS {
        if let Some(frame) = body.frame().now_or_never() {
            return frame?.unwrap().into_data().ok();
        }
        yield_now().await;
    }
    None
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
        // From here on a look is taken shortly before and shortly after each moment.
        advance(millis(MARGIN)).await;
        assert_eq!(next(&mut body, 500).await, ["messageStart"]);
        // You said: one two three
        for _ in 0..6 {
            assert_eq!(next(&mut body, 100).await, ["contentBlockDelta"]);
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
    for _ in 0..TURNS {
        yield_now().await;
    }
    drop(response);
    while emulator.open_calls() > 0 {
        yield_now().await;
    }
    let metrics = send(&emulator, raw("GET", "/_outcrop/metrics", "")).await.json();
    let said = metrics["settledTokens"].as_u64().unwrap();
    assert!((1..MANY).contains(&said), "{metrics}");
}

/// So many frames are some 24 MB, far more than sockets hold.
const MANY: u64 = 128_000;
/// So often the others are let go first.
const TURNS: usize = 5000;
/// The runtime's timers count whole milliseconds.
const MARGIN: u64 = 5;
