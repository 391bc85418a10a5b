//! Exchanges with a service are passed on, recorded without secrets, and served again.

use std::fs;
use std::path::Path;

use http_body_util::BodyExt;
use hyper::Request;
use outcrop_emulator::{Auth, Emulator, Upstream as Service};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{NOVA, open, post, quick, send, turn};
use crate::upstream::Upstream;

const STREAM: &str = "200 OK\r\ncontent-type: application/vnd.amazon.eventstream";
const SECRETS: [&str; 11] = [
    "UPSTREAMKEY",
    "upstream-secret",
    "upstream-session",
    "upstream-bearer",
    "caller-token",
    "caller-cookie",
    "given-cookie",
    "caller-api-key",
    "given-token",
    "111122223333",
    "AWS4-HMAC",
];

async fn recorder(url: &str, folder: &Path) -> Emulator {
    let session = Some("upstream-session".to_owned());
    let service = Service::new(url).unwrap().keys("UPSTREAMKEY", "upstream-secret", session);
    quick().record(folder, service).start().await.unwrap()
}

/// The recordings, in the order of their names; nothing else may lie there.
fn files(folder: &TempDir) -> Vec<(String, Value)> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        assert!(path.extension().is_some_and(|end| end == "json"), "{}", path.display());
        let text = fs::read_to_string(path).unwrap();
        let value = serde_json::from_str(&text).unwrap();
        (text, value)
    };
    paths.iter().map(read).collect()
}

#[tokio::test]
async fn what_is_recorded_is_replayed_byte_for_byte_without_the_service() {
    // The service takes requests that are signed with its own keys for its own host, no others.
    let service = quick().auth(Auth::Verify).credentials("UPSTREAMKEY", "upstream-secret");
    let service = service.start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let recording = recorder(&service.endpoint_url(), folder.path()).await;
    let arn = format!("arn:aws:bedrock:us-east-1:111122223333:inference-profile/{NOVA}");
    let encoded = arn.replace(':', "%3A").replace('/', "%2F");
    let native = json!({ "messages": [{ "role": "user", "content": [{ "text": "Hi" }] }] });
    let calls = [
        (format!("/model/{NOVA}/converse"), turn("Hi")),
        (format!("/model/{}/converse-stream", NOVA.replace(':', "%3A")), turn("Hi")),
        (format!("/model/{encoded}/invoke"), native.clone()),
        (format!("/model/{NOVA}/invoke-with-response-stream"), native),
        (format!("/model/{NOVA}/converse"), turn(" ")),
        (
            "/model/anthropic.claude-3-5-haiku-20241022-v1:0/count-tokens".to_owned(),
            json!({ "input": { "converse": turn("Hi") } }),
        ),
        (
            "/guardrail/g/version/1/apply".to_owned(),
            json!({ "source": "INPUT",
            "content": [{ "text": { "text": "forbidden" } }] }),
        ),
    ];
    let mut recorded = Vec::new();
    for (path, body) in &calls {
        recorded.push(send(&recording, post(path, body)).await);
    }
    let statuses: Vec<u16> = recorded.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 400, 200, 200], "{recorded:?}");
    assert!(recorded[1].events().len() > 3);
    recording.shutdown().await;
    service.shutdown().await;

    let files = files(&folder);
    let operations: Vec<&str> =
        files.iter().map(|(_, file)| file["operation"].as_str().unwrap()).collect();
    assert_eq!(
        operations,
        [
            "Converse",
            "ConverseStream",
            "InvokeModel",
            "InvokeModelWithResponseStream",
            "Converse",
            "CountTokens",
            "ApplyGuardrail"
        ]
    );
    assert_eq!(files[2].1["modelId"], arn.replace("111122223333", "000000000000"));
    let replayed = quick().replay(folder.path()).start().await.unwrap();
    for ((path, body), expected) in calls.iter().zip(&recorded) {
        let answer = send(&replayed, post(path, body)).await;
        // The account of the emulator is in what a guardrail says.
        let body = String::from_utf8_lossy(&expected.body).replace("123456789012", "000000000000");
        assert_eq!(answer.status, expected.status, "{path}");
        assert_eq!(String::from_utf8_lossy(&answer.body), body, "{path}");
        if !expected.body.windows(12).any(|window| window == b"123456789012") {
            assert_eq!(answer.body, expected.body, "{path}");
        }
        for name in ["content-type", "x-amzn-requestid", "x-amzn-errortype"] {
            assert_eq!(answer.header(name), expected.header(name), "{path}");
        }
    }
}

#[tokio::test]
async fn nothing_secret_is_recorded_and_nothing_of_the_caller_s_proof_is_passed_on() {
    let said = json!({ "message": "arn:aws:iam::111122223333:user/x may not" }).to_string();
    let head = "403 Forbidden\r\nset-cookie: given-cookie\r\nx-auth: given-token\r\nx-amzn-errortype: AccessDeniedException";
    let service = Upstream::start(head, &[said.as_bytes()]).await;
    let folder = tempfile::tempdir().unwrap();
    let recording = recorder(&service.url, folder.path()).await;
    let mut body = turn("Hi");
    let guardrail = "arn:aws:bedrock:us-east-1:111122223333:guardrail/g";
    body["guardrailConfig"] = json!({ "guardrailIdentifier": guardrail });
    let path = format!("/model/{NOVA}/converse?X-Amz-Security-Token=caller-token");
    let mut request: Request<_> = post(&path, &body);
    for (name, value) in [
        ("authorization", "Bearer caller-token"),
        ("x-amz-security-token", "caller-token"),
        ("cookie", "caller-cookie"),
        ("x-api-key", "caller-api-key"),
        ("x-company-auth", "caller-api-key"),
        ("x-amzn-bedrock-trace", "ENABLED"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let answer = send(&recording, request).await;
    assert_eq!((answer.status, &answer.body[..]), (403, said.as_bytes()));

    let asked = &service.asked()[0];
    assert!(!asked.head.contains("caller-"), "{}", asked.head);
    assert!(asked.head.contains("x-amzn-bedrock-trace: enabled"));
    assert!(asked.head.contains("credential=upstreamkey/"));
    assert!(asked.head.contains("x-amz-security-token: upstream-session"));
    let signed = "signedheaders=host;x-amz-date;x-amz-security-token,";
    assert!(asked.head.contains(signed), "{}", asked.head);
    assert_eq!(serde_json::from_slice::<Value>(&asked.body).unwrap(), body);

    let [(text, file)] = &files(&folder)[..] else { panic!("one file") };
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(file["requestHeaders"]["x-amzn-bedrock-trace"], "ENABLED");
    assert_eq!(file["responseHeaders"]["x-amzn-errortype"], "AccessDeniedException");
    assert_eq!(file["status"], 403);
    // The caller asks by its own account, and finds what was recorded.
    let replayed = quick().replay(folder.path()).start().await.unwrap();
    let answer = send(&replayed, post(&format!("/model/{NOVA}/converse"), &body)).await;
    assert_eq!(answer.json()["message"], "arn:aws:iam::000000000000:user/x may not");
}

#[tokio::test]
async fn an_api_key_takes_the_place_of_a_signature() {
    let service = Upstream::start("200 OK", &[b"{ \"a\": 1 }"]).await;
    let folder = tempfile::tempdir().unwrap();
    let upstream = Service::new(&service.url).unwrap().api_key("upstream-bearer");
    let recording = quick().record(folder.path(), upstream).start().await.unwrap();
    let answer = send(&recording, post(&format!("/model/{NOVA}/converse"), &turn("Hi"))).await;
    assert_eq!(answer.body, "{ \"a\": 1 }");
    assert!(service.asked()[0].head.contains("authorization: bearer upstream-bearer"));
    let [(text, file)] = &files(&folder)[..] else { panic!("one file") };
    assert!(!text.contains("upstream-bearer"));
    // Its white space is kept too.
    assert_eq!(
        (&file["response"], &file["responseBase64"]),
        (&json!({ "a": 1 }), &json!("eyAiYSI6IDEgfQ=="))
    );
}

#[tokio::test]
async fn a_stream_is_passed_on_as_it_arrives_and_recorded_at_its_end() {
    let headers = [(":event-type", "x".into())];
    let frames = [b"one", b"two"].map(|text| codec::frame::encode(&headers, text).unwrap());
    let pieces = [&frames[0][..], &frames[1]];
    let (service, step) = Upstream::stepwise(STREAM, &pieces).await;
    let folder = tempfile::tempdir().unwrap();
    let recording = recorder(&service.url, folder.path()).await;
    let call = post(&format!("/model/{NOVA}/converse-stream"), &turn("Hi"));
    let mut body = open(&recording, call).await.into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(first, frames[0]);
    assert!(files(&folder).is_empty());
    step.send(()).await.unwrap();
    assert_eq!(body.collect().await.unwrap().to_bytes(), frames[1]);
    assert_eq!(files(&folder).len(), 1);
}

#[tokio::test]
async fn what_was_cut_is_not_recorded() {
    let frame = codec::frame::encode(&[(":event-type", "x".into())], b"one").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (head, bytes) in [
        // Inside a frame, inside the body that was announced, and inside a chunk of it.
        (STREAM.to_owned(), frame[..9].to_vec()),
        (format!("{STREAM}\r\ncontent-length: 999"), frame.clone()),
        ("200 OK\r\ncontent-length: 999".to_owned(), b"{}".to_vec()),
        (format!("{STREAM}\r\ntransfer-encoding: chunked"), b"ff\r\nabc".to_vec()),
    ] {
        let service = Upstream::start(&head, &[&bytes]).await;
        let recording = recorder(&service.url, folder.path()).await;
        let call = post(&format!("/model/{NOVA}/converse-stream"), &turn("Hi"));
        let response = open(&recording, call).await;
        let status = response.status();
        let whole = response.into_body().collect().await;
        assert!(whole.is_err() || status == 503 || head == STREAM, "{head}");
        assert!(files(&folder).is_empty(), "{head}");
    }
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let recording = recorder("http://127.0.0.1:9", folder.path()).await;
    let refusal =
        send(&recording, post(&format!("/model/{NOVA}/converse"), &turn("Hi"))).await.refusal();
    assert_eq!((refusal.0, refusal.1.as_str()), (503, "ServiceUnavailableException"));
    assert!(refusal.2.contains("http://127.0.0.1:9"), "{refusal:?}");
    assert!(files(&folder).is_empty());
}

#[tokio::test]
async fn rerank_is_not_sent_to_the_host_of_the_runtime() {
    // Nothing is sent, so that no name has to be found.
    let folder = tempfile::tempdir().unwrap();
    let recording = recorder("http://bedrock-runtime.nowhere.invalid", folder.path()).await;
    let answer = send(&recording, post("/rerank", &json!({}))).await;
    assert_eq!(
        (answer.status, answer.header("x-amzn-errortype").contains("Validation")),
        (400, true)
    );
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("bedrock-agent-runtime"), "{message}");
    assert!(files(&folder).is_empty());
}
