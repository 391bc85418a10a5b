//! Clients that go away: what they held comes back, and a record of them is left.

use std::sync::mpsc;
use std::time::Duration;

use outcrop_emulator::{Auth, Builder, Emulator, Scenario};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{NOVA, Patience, post, quick, raw, send, turn};

/// A client that has sent a call, and reads nothing. Dropped, it goes away.
async fn caller(emulator: &Emulator, operation: &str) -> TcpStream {
    let body = turn("one two three").to_string();
    let (host, length) = (emulator.address(), body.len());
    let head = format!("POST /model/{NOVA}/{operation} HTTP/1.1\r\nhost: {host}\r\n");
    let request = format!("{head}content-length: {length}\r\n\r\n{body}");
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn page(emulator: &Emulator, name: &str) -> Value {
    send(emulator, raw("GET", &format!("/_outcrop/{name}"), "")).await.json()
}

/// The metrics, once they are as wanted.
async fn metrics(emulator: &Emulator, wanted: impl Fn(&Value) -> bool) -> Value {
    let patience = Patience::new();
    while patience.lasts() {
        let metrics = page(emulator, "metrics").await;
        if wanted(&metrics) {
            return metrics;
        }
    }
    panic!("the metrics do not get there: {}", page(emulator, "metrics").await);
}

/// An emulator that takes a minute to say anything more than a beginning.
fn slow() -> Builder {
    Emulator::builder().auth(Auth::Any).time_to_first_token(Duration::from_secs(60))
}

#[tokio::test]
async fn a_call_whose_client_goes_away_gives_back_its_place_and_its_tokens() {
    for operation in ["converse", "converse-stream", "invoke-with-response-stream"] {
        let emulator = slow().concurrent_requests(1).start().await.unwrap();
        let first = caller(&emulator, operation).await;
        let held = metrics(&emulator, |metrics| metrics["inFlight"] == 1).await;
        assert!(held["heldTokens"].as_u64().unwrap() > 100, "{held}");
        let second = post(&format!("/model/{NOVA}/converse"), &turn("Hi"));
        assert_eq!(send(&emulator, second).await.status, 429, "{operation}");
        drop(first);
        let free = metrics(&emulator, |metrics| metrics["inFlight"] == 0).await;
        assert_eq!((&free["heldTokens"], &free["admitted"]), (&json!(0), &json!(1)), "{operation}");
        let _third = caller(&emulator, operation).await;
        let again = metrics(&emulator, |metrics| metrics["inFlight"] == 1).await;
        assert_eq!(
            (&again["admitted"], &again["throttled"]["concurrency"]),
            (&json!(2), &json!(1)),
            "{operation}"
        );
    }
}

#[tokio::test]
async fn a_request_whose_client_goes_away_before_its_answer_is_recorded_with_its_fault() {
    let (tell, told) = mpsc::channel();
    let log = move |line: &str| tell.send(line.to_owned()).unwrap();
    let scenario = "[[fault]]\neffect = { delay = { ms = 600000 } }";
    let scenario = Scenario::from_toml(scenario).unwrap();
    let emulator = quick().scenario(scenario).access_log(log).start().await.unwrap();
    let client = caller(&emulator, "converse").await;
    // The delay strikes when it begins.
    metrics(&emulator, |metrics| metrics["faults"][0]["struck"] == 1).await;
    assert_eq!(page(&emulator, "requests").await["requests"], json!([]));
    drop(client);
    let mut line = None;
    let patience = Patience::new();
    while patience.lasts() {
        page(&emulator, "metrics").await;
        line = line.or_else(|| told.try_recv().ok());
        if line.is_some() {
            break;
        }
    }
    let line = line.unwrap();
    assert!(line.contains(&format!(" POST /model/{NOVA}/converse Converse gone ")), "{line}");
    assert!(line.ends_with(" fault=delay"), "{line}");
    let requests = page(&emulator, "requests").await;
    let [request] = &requests["requests"].as_array().unwrap()[..] else { panic!("{requests}") };
    assert_eq!((&request["status"], &request["faults"]), (&Value::Null, &json!(["delay"])));
    assert_eq!((&request["model"], &request["error"]), (&json!(NOVA), &Value::Null));
    assert_eq!(page(&emulator, "metrics").await["faults"][0]["struck"], 1);
}
