//! Start, shutdown, and clients that go away.

use std::time::Duration;

use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use outcrop_emulator::{Auth, BucketError, Emulator, End, Staged, StartError};
use serde_json::json;
use tokio::task::yield_now;
use tokio::time::advance;

use crate::client::{Answer, NOVA, Patience, open, post, quick, send, turn};

fn stall() -> Staged {
    Staged { status: 200, headers: Vec::new(), chunks: vec![b"x".to_vec()], end: End::Stall }
}

/// Gives the server turns, as other calls do, until it counts so many open calls.
async fn until_open(emulator: &Emulator, calls: usize) {
    let patience = Patience::new();
    while patience.lasts() {
        if emulator.open_calls() == calls {
            return;
        }
        send(emulator, post("/model/no.such/converse", &json!({}))).await;
    }
    panic!("{} calls are open, not {calls}", emulator.open_calls());
}

#[tokio::test]
async fn a_client_that_goes_away_ends_its_call() {
    let emulator = quick().stage("any.model", stall()).start().await.unwrap();
    let mut response = open(&emulator, post("/model/any.model/invoke", &json!({}))).await;
    assert!(response.body_mut().frame().await.unwrap().is_ok());
    assert_eq!(emulator.open_calls(), 1);
    drop(response);
    until_open(&emulator, 0).await;
}

#[tokio::test]
async fn a_stream_that_is_dropped_is_no_longer_generated() {
    let emulator = Emulator::builder().auth(Auth::Any).tokens_per_second(1).start().await.unwrap();
    let request = post(&format!("/model/{NOVA}/converse-stream"), &turn("one two three"));
    let mut response = open(&emulator, request).await;
    assert!(response.body_mut().frame().await.unwrap().is_ok());
    assert_eq!(emulator.open_calls(), 1);
    drop(response);
    until_open(&emulator, 0).await;
}

#[tokio::test]
async fn a_shutdown_lets_open_streams_finish() {
    let emulator =
        Emulator::builder().auth(Auth::Any).tokens_per_second(200).start().await.unwrap();
    let request = post(&format!("/model/{NOVA}/converse-stream"), &turn("one two three four"));
    let response = open(&emulator, request).await;
    let (parts, body) = response.into_parts();
    let ((), body) = tokio::join!(emulator.shutdown(), body.collect());
    let answer = Answer { status: 200, headers: parts.headers, body: body.unwrap().to_bytes() };
    assert_eq!(answer.events().last().unwrap().0, "metadata");
}

/// A call that never ends, and an emulator that waits for it for so many seconds.
async fn stalled(grace: u64) -> (Emulator, Incoming) {
    let builder = quick().stage("any.model", stall()).grace(Duration::from_secs(grace));
    let emulator = builder.start().await.unwrap();
    let mut response = open(&emulator, post("/model/any.model/invoke", &json!({}))).await;
    assert!(response.body_mut().frame().await.unwrap().is_ok());
    (emulator, response.into_body())
}

/// Lets time pass, and gives everybody the turns that they need.
async fn pass(millis: u64) {
    advance(Duration::from_millis(millis)).await;
    for _ in 0..500 {
        yield_now().await;
    }
}

#[tokio::test]
async fn a_shutdown_cuts_what_is_open_once_its_grace_is_over() {
    let (emulator, body) = stalled(90).await;
    tokio::time::pause();
    let shutdown = tokio::spawn(emulator.shutdown());
    pass(0).await;
    pass(89_900).await;
    assert!(!shutdown.is_finished());
    pass(200).await;
    assert!(shutdown.is_finished());
    assert!(body.collect().await.is_err());
}

#[tokio::test]
async fn a_shutdown_that_nobody_waits_for_cuts_at_once() {
    let (emulator, body) = stalled(600).await;
    assert!(emulator.shutdown().now_or_never().is_none());
    assert!(body.collect().await.is_err());
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_that_names_it() {
    let first = quick().start().await.unwrap();
    let port = first.address().port();
    let error = quick().port(port).start().await.unwrap_err();
    assert!(matches!(error, StartError::Listen { port: named, .. } if named == port));
    first.shutdown().await;
    assert_eq!(quick().port(port).start().await.unwrap().address().port(), port);
}

#[tokio::test]
async fn a_temporary_folder_goes_with_the_emulator_and_a_given_one_stays() {
    let emulator = quick().start().await.unwrap();
    let folder = emulator.data_dir().to_owned();
    emulator.create_bucket("records").await.unwrap();
    assert!(folder.join("records").is_dir());
    emulator.shutdown().await;
    assert!(!folder.exists());

    let kept = tempfile::tempdir().unwrap();
    let emulator = quick().data_dir(kept.path().join("new")).start().await.unwrap();
    emulator.create_bucket("records").await.unwrap();
    emulator.shutdown().await;
    assert!(kept.path().join("new/records").is_dir());
}

#[tokio::test]
async fn a_folder_that_is_a_file_is_an_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = quick().data_dir(file.path()).start().await.unwrap_err();
    assert!(matches!(error, StartError::DataDir { path, .. } if path == file.path()));
}

#[tokio::test]
async fn a_bucket_name_is_checked_and_a_bucket_made_once_stays() {
    let emulator = quick().start().await.unwrap();
    let error = emulator.create_bucket("Not/Allowed").await.unwrap_err();
    assert!(matches!(error, BucketError::Name(name) if name == "Not/Allowed"));
    emulator.create_bucket("records").await.unwrap();
    emulator.create_bucket("records").await.unwrap();
}
