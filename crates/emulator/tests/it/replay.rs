//! Recorded exchanges are served again as they were recorded.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codec::frame::{Decoded, decode, encode};
use outcrop_emulator::{Emulator, StartError};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{open, post, quick, raw, send, turn};

const MODEL: &str = "amazon.nova-lite-v1:0";

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// An exchange of Converse.
fn converse(request: &Value, response: &str) -> String {
    format!(
        r#"{{ "case": "x", "operation": "Converse", "modelId": "{MODEL}", "request": {request},
             "status": 200, "responseHeaders": {{ "x-amzn-requestid": "id-1" }},
             "response": {response} }}"#
    )
}

async fn replay(files: &[(&str, &str)]) -> Emulator {
    quick().replay(folder(files).path()).start().await.unwrap()
}

#[tokio::test]
async fn status_headers_and_bytes_are_those_of_the_recording() {
    let file = r#"{
        "operation": "InvokeModel", "modelId": "any.model", "request": { "b": 1.0, "a": [true] },
        "status": 424,
        "responseHeaders": {
            "Content-Type": "application/json; x", "X-Amzn-ErrorType": "ModelErrorException",
            "x-amzn-requestid": "id-1", "content-length": "5", "transfer-encoding": "chunked",
            "date": "Thu, 01 Jan 1970 00:00:00 GMT", "connection": "close"
        },
        "response": { "z": 1.50, "a": "\u00e9 é", "m": [1e3, { }] },
        "caveats": "a note"
    }"#;
    let emulator = replay(&[("cases/one.json", file), ("README.md", "no exchange")]).await;
    // Another order of members, another form of the number, and white space.
    let call = raw("POST", "/model/any.model/invoke", "{\n \"a\":[true],\"b\":1}");
    let answer = send(&emulator, call).await;
    assert_eq!(answer.status, 424);
    assert_eq!(answer.body, r#"{"z":1.50,"a":"\u00e9 é","m":[1e3,{}]}"#.as_bytes());
    assert_eq!(answer.header("content-type"), "application/json; x");
    assert_eq!(answer.header("x-amzn-errortype"), "ModelErrorException");
    assert_eq!(answer.header("x-amzn-requestid"), "id-1");
    assert_eq!(answer.header("connection"), "");
    assert!(!answer.header("date").ends_with("1970 00:00:00 GMT"));
    assert_eq!(emulator.replayed().unwrap().exchanges, 1);
}

#[tokio::test]
async fn a_stream_is_sent_in_its_frames_byte_by_byte() {
    let headers = [(":event-type", "chunk".into()), (":message-type", "event".into())];
    let frames: Vec<Vec<u8>> =
        ["one", "two"].iter().map(|text| encode(&headers, text.as_bytes()).unwrap()).collect();
    // Its end is missing.
    let bytes = [&frames.concat()[..], &frames[0][..9]].concat();
    let file = json!({
        "operation": "ConverseStream", "modelId": MODEL, "request": turn("hi"), "status": 200,
        "responseStreamBase64": STANDARD.encode(&bytes),
    });
    let emulator = replay(&[("one.json", &file.to_string())]).await;
    let call = post(&format!("/model/{MODEL}/converse-stream"), &turn("hi"));
    let (head, mut body) = open(&emulator, call).await.into_parts();
    assert_eq!(head.headers["content-type"], "application/vnd.amazon.eventstream");
    let mut pieces = Vec::new();
    while let Some(piece) = http_body_util::BodyExt::frame(&mut body).await {
        pieces.extend(piece.unwrap().into_data());
    }
    assert_eq!(pieces, [&frames[0][..], &frames[1], &frames[0][..9]]);
}

#[tokio::test]
async fn events_without_bytes_are_framed_again() {
    let file = r#"{ "operation": "InvokeModelWithResponseStream", "modelId": "any.model",
        "request": {}, "status": 200, "streamEvents": [
            { "headers": { ":event-type": "chunk", ":content-type": "application/json" },
              "payload": null, "chunk": { "z": 1, "a": 2 } },
            { "headers": { ":event-type": "x" }, "payload": { "p": "abc" } } ] }"#;
    let emulator = replay(&[("one.json", file)]).await;
    let call = post("/model/any.model/invoke-with-response-stream", &json!({}));
    let answer = send(&emulator, call).await;
    let Decoded::Complete { frame, len } = decode(&answer.body).unwrap() else {
        panic!("no frame")
    };
    assert_eq!(
        (frame.event_type(), frame.text(":content-type")),
        (Some("chunk"), Some("application/json"))
    );
    let payload: Value = serde_json::from_slice(frame.payload()).unwrap();
    let chunk = STANDARD.decode(payload["bytes"].as_str().unwrap()).unwrap();
    assert_eq!(chunk, br#"{"z":1,"a":2}"#);
    let Decoded::Complete { frame, .. } = decode(&answer.body[len..]).unwrap() else {
        panic!("no second frame")
    };
    assert_eq!(frame.payload(), br#"{"p":"abc"}"#);
}

#[tokio::test]
async fn one_model_has_many_names_and_accounts_do_not_matter() {
    let profile = "arn:aws:bedrock:us-east-1:000000000000:application-inference-profile/q";
    let guarded = json!({ "guardrailConfig": { "guardrailIdentifier":
        "arn:aws:bedrock:us-east-1:000000000000:guardrail/g" }, "messages": [] });
    let own = json!({ "operation": "Converse", "modelId": profile, "request": guarded,
        "status": 200, "response": { "own": true } });
    let count = json!({ "operation": "CountTokens", "modelId": MODEL, "request": {},
        "status": 200, "response": { "inputTokens": 7 } });
    let emulator = replay(&[
        ("a.json", &converse(&turn("hi"), r#"{"n":1}"#)),
        ("b.json", &own.to_string()),
        ("c.json", &count.to_string()),
    ])
    .await;
    let arn = format!("arn:aws:bedrock:eu-west-1::foundation-model/{MODEL}");
    let encoded = arn.replace(':', "%3A").replace('/', "%2F");
    for name in [MODEL, &MODEL.replace(':', "%3A"), &arn, &encoded] {
        let call = post(&format!("/model/{name}/converse"), &turn("hi"));
        assert_eq!(send(&emulator, call).await.json(), json!({ "n": 1 }), "{name}");
    }
    let account = |text: String| text.replace("000000000000", "111122223333");
    let body: Value = serde_json::from_str(&account(guarded.to_string())).unwrap();
    let call = post(&format!("/model/{}/converse", account(profile.into())), &body);
    assert_eq!(send(&emulator, call).await.json(), json!({ "own": true }));
    let call = post(&format!("/model/{MODEL}/count-tokens"), &json!({}));
    assert_eq!(send(&emulator, call).await.json(), json!({ "inputTokens": 7 }));
}

#[tokio::test]
async fn equal_calls_are_answered_in_turn_and_the_last_answer_stays() {
    let emulator =
        replay(&[("2.json", &converse(&turn("hi"), "2")), ("1.json", &converse(&turn("hi"), "1"))])
            .await;
    let ask =
        async || send(&emulator, post(&format!("/model/{MODEL}/converse"), &turn("hi"))).await.body;
    for expected in ["1", "2", "2"] {
        assert_eq!(ask().await, expected);
    }
    send(&emulator, raw("POST", "/_outcrop/reset", "")).await;
    assert_eq!(ask().await, "1");
}

#[tokio::test]
async fn a_body_that_was_not_stored_is_any_body_and_no_model_is_none() {
    let any = json!({ "operation": "Converse", "modelId": MODEL, "request": null, "status": 400,
        "response": { "message": "any" } });
    let nobody = json!({ "operation": "Converse", "modelId": null, "path": "",
        "request": null, "status": 200, "response": {} });
    let broken = json!({ "operation": "Converse", "modelId": MODEL, "request": null,
        "requestRaw": "{broken", "status": 400, "response": { "message": "broken" } });
    let emulator = replay(&[
        ("any.json", &any.to_string()),
        ("nobody.json", &nobody.to_string()),
        ("broken.json", &broken.to_string()),
        ("known.json", &converse(&turn("hi"), "1")),
    ])
    .await;
    let replayed = emulator.replayed().unwrap();
    assert_eq!((replayed.exchanges, &replayed.unmatched[..]), (3, &["nobody".to_owned()][..]));
    let path = format!("/model/{MODEL}/converse");
    assert_eq!(send(&emulator, post(&path, &turn("hi"))).await.body, "1");
    assert_eq!(send(&emulator, post(&path, &turn("else"))).await.json()["message"], "any");
    assert_eq!(send(&emulator, raw("POST", &path, "{broken")).await.json()["message"], "broken");
}

#[tokio::test]
async fn a_call_that_was_not_recorded_is_told_what_is_nearest() {
    let other = r#"{"messages":[{"role":"user","content":[{"text":"far"}]}],"x":1}"#;
    let emulator = replay(&[
        ("near.json", &converse(&turn("hello"), "1")),
        ("far.json", &converse(&serde_json::from_str(other).unwrap(), "2")),
    ])
    .await;
    let refused = async |path: String| {
        let refusal = send(&emulator, post(&path, &turn("hi"))).await.refusal();
        assert_eq!((refusal.0, refusal.1.as_str()), (404, "ResourceNotFoundException"));
        refusal.2
    };
    assert_eq!(
        refused(format!("/model/{MODEL}/converse")).await,
        "No recorded exchange answers Converse of amazon.nova-lite-v1:0 with this body. The \
         nearest of 2 with this operation and model is near, which differs in 1 place, the first \
         at $.messages[0].content[0].text: \"hi\" in the call, \"hello\" in the recording."
    );
    assert!(refused(format!("/model/{MODEL}/invoke")).await.ends_with(
        "InvokeModel of amazon.nova-lite-v1:0 with this body. Of this model the recordings \
             hold Converse."
    ));
    assert!(
        refused("/model/other/converse".into())
            .await
            .ends_with("Of this operation the recordings hold amazon.nova-lite-v1:0.")
    );
    let neither = refused("/model/other/invoke".into()).await;
    assert!(neither.ends_with("The recordings hold neither this operation nor this model."));
}

#[tokio::test]
async fn what_is_no_recording_is_refused_at_the_start() {
    let why = async |text: &str| {
        let folder = folder(&[("one.json", text)]);
        let error = quick().replay(folder.path()).start().await.unwrap_err();
        assert!(matches!(error, StartError::Replay(_)));
        let message = error.to_string();
        let path = folder.path().join("one.json").display().to_string();
        assert!(message.starts_with(&path), "{message}");
        message[path.len()..].to_owned()
    };
    let file = |key: &str, value: Value| {
        let mut file: Value = serde_json::from_str(&converse(&turn("hi"), "1")).unwrap();
        file[key] = value;
        file.to_string()
    };
    assert!(why("{").await.starts_with(" is no recorded exchange: EOF"));
    assert!(why("{}").await.contains("missing field `operation`"));
    assert!(why(&file("status", json!(1))).await.contains("status 1 is no HTTP status"));
    let stream = file("responseStreamBase64", json!("???"));
    assert!(why(&stream).await.contains("no base64"));
    let header = file("responseHeaders", json!({ "a b": "c" }));
    assert!(why(&header).await.contains("\"a b\" cannot be sent"));

    let empty = quick().replay(folder(&[]).path()).start().await.unwrap_err();
    assert!(empty.to_string().contains("holds no recorded exchange"));
    let missing = quick().replay("/does/not/exist").start().await.unwrap_err();
    assert!(missing.to_string().starts_with("cannot read /does/not/exist"));
}
