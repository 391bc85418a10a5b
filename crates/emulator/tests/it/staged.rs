//! Staged answers arrive byte for byte.

use http_body_util::BodyExt;
use hyper::body::Bytes;
use outcrop_emulator::{End, Staged};
use serde_json::json;

use crate::client::{open, post, quick, send, send_h2};

fn staged(chunks: &[&[u8]], end: End) -> Staged {
    Staged {
        status: 424,
        headers: vec![("x-amzn-errortype".into(), "ModelErrorException".into())],
        chunks: chunks.iter().map(|chunk| chunk.to_vec()).collect(),
        end,
    }
}

#[tokio::test]
async fn status_headers_and_chunks_are_sent_as_they_are() {
    let answer = staged(&[b"\x00\x01", b"", b"\xff"], End::Clean);
    let emulator = quick().stage("any.model", answer).start().await.unwrap();
    for operation in ["invoke", "converse-stream"] {
        let path = format!("/model/any.model/{operation}");
        let answer = send(&emulator, post(&path, &json!({}))).await;
        assert_eq!((answer.status, &answer.body[..]), (424, &b"\x00\x01\xff"[..]));
        assert_eq!(answer.header("x-amzn-errortype"), "ModelErrorException");
        assert_eq!(answer.header("x-amzn-requestid"), "");
        assert_eq!(send_h2(&emulator, post(&path, &json!({}))).await.body, answer.body);
    }
}

#[tokio::test]
async fn each_chunk_is_an_http_chunk() {
    let answer = staged(&[b"a", b"b", b"c"], End::Clean);
    let emulator = quick().stage("any.model", answer).start().await.unwrap();
    let mut body = open(&emulator, post("/model/any.model/invoke", &json!({}))).await.into_body();
    let mut chunks: Vec<Bytes> = Vec::new();
    while let Some(frame) = body.frame().await {
        chunks.extend(frame.unwrap().into_data());
    }
    assert_eq!(chunks, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_reset_breaks_off_after_the_last_chunk() {
    let emulator = quick().stage("any.model", staged(&[b"ab"], End::Reset)).start().await.unwrap();
    let mut body = open(&emulator, post("/model/any.model/invoke", &json!({}))).await.into_body();
    let mut seen = Vec::new();
    let broken = loop {
        match body.frame().await {
            Some(Ok(frame)) => seen.extend_from_slice(&frame.into_data().unwrap()),
            Some(Err(_)) => break true,
            None => break false,
        }
    };
    assert!(broken, "the body ended cleanly");
    assert_eq!(seen, b"ab");
}

#[tokio::test]
async fn a_status_that_no_answer_has_is_refused_at_the_start() {
    for status in [0, 99, 100, 199, 1000] {
        let staged = Staged { status, ..staged(&[], End::Clean) };
        let error = quick().stage("any.model", staged).start().await.unwrap_err().to_string();
        assert!(error.contains("any.model") && error.contains(&status.to_string()), "{error}");
    }
}
