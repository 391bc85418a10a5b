//! The local server on its own, with the exports that point any AWS SDK at it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::support::run::{Ran, bare, finish, interrupt, json_lines, outcrop};
use crate::support::wire::MODEL;

/// A running `outcrop emulate`, and what it exports.
pub(crate) struct Emulate {
    child: Child,
    pub(crate) exports: Vec<(String, String)>,
}

impl Emulate {
    pub(crate) fn start(more: &[&str]) -> Self {
        let mut child = bare(&[&["emulate"], more].concat()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let read = |line: std::io::Result<String>| {
            let line = line.unwrap();
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        };
        Self { child, exports: stdout.lines().take(5).map(read).collect() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.exports[0].1
    }
}

impl Drop for Emulate {
    fn drop(&mut self) {
        // Asked, not killed, so that it takes its temporary folder with it.
        interrupt(&self.child);
        self.child.wait().unwrap();
    }
}

#[test]
fn the_exports_are_all_that_a_client_needs() {
    let emulate = Emulate::start(&[]);
    let names: Vec<_> = emulate.exports.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "AWS_ENDPOINT_URL",
            "AWS_REGION",
            "AWS_DEFAULT_REGION",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY"
        ]
    );
    let mut command = bare(&["stream", "-m", MODEL, "The kettle is on."]);
    command.envs(emulate.exports.iter().cloned());
    let ran = finish(command.spawn().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("The kettle is on."));
}

#[test]
fn calls_are_signed_with_the_keys_that_are_set_unless_any_may_call() {
    let keys = ["--access-key", "AKIDEXAMPLE", "--secret-key", "the-secret-key"];
    let ask = |emulate: &Emulate, exports: usize| {
        let mut command = outcrop(&["invoke", "-m", MODEL, "hi", "--output", "json"]);
        command.envs(emulate.exports.iter().take(exports).cloned());
        finish(command.spawn().unwrap())
    };
    let emulate = Emulate::start(&keys);
    assert_eq!(ask(&emulate, 5).code, Some(0));
    let refused = ask(&emulate, 3);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let message = refused.error()["message"].to_string();
    assert!(
        message.contains("The security token included in the request is invalid."),
        "{message}"
    );
    let open = Emulate::start(&[keys.as_slice(), &["--auth", "any"]].concat());
    assert_eq!(ask(&open, 3).code, Some(0));
}

#[test]
fn limits_that_are_set_throttle() {
    let emulate = Emulate::start(&["--rpm", "1", "--tokens-per-second", "0"]);
    let ask = || {
        let line = ["invoke", "-m", MODEL, "hi", "--output", "json", "--timeout", "20"];
        let mut command = bare(&line);
        command.envs(emulate.exports.iter().cloned());
        finish(command.spawn().unwrap())
    };
    assert_eq!(ask().code, Some(0));
    let ran = ask();
    assert_eq!((ran.code, ran.error()["kind"].as_str()), (Some(1), Some("throttled")), "{ran:?}");
}

#[test]
fn every_answer_has_the_length_that_is_set() {
    let emulate =
        Emulate::start(&["--output-tokens", "100", "--ttft", "0", "--tokens-per-second", "0"]);
    let mut command = bare(&["invoke", "-m", MODEL, "hi", "--output", "json"]);
    command.envs(emulate.exports.iter().cloned());
    let ran = finish(command.spawn().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("\"outputTokens\":100"), "{ran:?}");
}

/// What `outcrop stream` makes of a server under this scenario.
fn stream_under(scenario: &str) -> Ran {
    let emulate = Emulate::start(&["--scenario", scenario, "--tokens-per-second", "0"]);
    let mut command = bare(&["stream", "-m", MODEL, "The kettle is on.", "--output", "json"]);
    command.envs(emulate.exports.iter().cloned());
    finish(command.spawn().unwrap())
}

#[test]
fn a_scenario_goes_by_its_name_or_by_its_file() {
    let ran = stream_under("one-byte-chunks");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.text().contains("The kettle is on."), "{ran:?}");

    let ran = stream_under("cut-before-message-stop");
    assert_eq!((ran.code, ran.error()["kind"].as_str()), (Some(1), Some("incomplete")), "{ran:?}");
    assert!(ran.text().contains("The kettle is on."), "{ran:?}");
    assert!(!ran.has("messageStop") && !ran.has("metadata"), "{ran:?}");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, "[[fault]]\neffect = { exception = { name = 'AccessDeniedException' } }")
        .unwrap();
    let ran = stream_under(file.to_str().unwrap());
    assert_eq!((ran.code, ran.error()["kind"].as_str()), (Some(1), Some("refused")), "{ran:?}");
}

#[test]
fn a_scenario_that_is_none_is_refused_with_what_there_is() {
    let refused = |scenario: &str| {
        let line = ["emulate", "--scenario", scenario, "--output", "json"];
        let ran = finish(bare(&line).spawn().unwrap());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
        assert_eq!(ran.error()["kind"], "input");
        ran.error()["message"].as_str().unwrap().to_owned()
    };
    let message = refused("throttled-for-ever");
    assert!(message.contains("\"throttled-for-ever\"") && message.contains("throttled-forever"));

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, "[[fault]]\nmodle = 'x'\neffect = { delay = { ms = 1 } }").unwrap();
    let message = refused(file.to_str().unwrap());
    for part in ["mine.toml", "line 2, column 1", "`modle`", "`model`"] {
        assert!(message.contains(part), "{message} has no {part}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let emulate = Emulate::start(&[]);
    let port = emulate.url().rsplit(':').next().unwrap();
    let ran = finish(bare(&["emulate", "--port", port]).spawn().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.stderr.contains(port) && ran.stderr.contains("another port"), "{ran:?}");
}

#[test]
fn limits_beside_recorded_answers_are_refused() {
    let limit = ["--rpm", "--tpm", "--tpd", "--concurrency", "--output-tokens"];
    let recorded: [&[&str]; 2] =
        [&["--replay", "x"], &["--record", "x", "--upstream", "http://127.0.0.1:9"]];
    for (limit, source) in limit.iter().flat_map(|limit| recorded.map(|source| (*limit, source))) {
        let options = [&["emulate", limit, "5"], source].concat();
        let ran = finish(bare(&options).spawn().unwrap());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
        assert!(ran.stderr.contains(limit) && ran.stderr.contains(source[0]), "{ran:?}");
    }
}

#[test]
fn a_model_server_that_others_can_listen_to_is_warned_of() {
    let first_notes = |url: &str| {
        let backend = format!("openai={url}");
        let mut child = bare(&["emulate", "--backend", &backend]).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        interrupt(&child);
        finish(child).stderr
    };
    assert!(first_notes("http://192.0.2.1:8080").contains("warning: http://192.0.2.1:8080"));
    assert!(!first_notes("http://127.0.0.1:8080").contains("warning"));
}

#[cfg(unix)]
#[test]
fn no_line_of_the_access_log_is_lost_at_the_end() {
    let mut child = bare(&["emulate", "--auth", "any"]).spawn().unwrap();
    let mut exports = BufReader::new(child.stdout.take().unwrap());
    let mut url = String::new();
    exports.read_line(&mut url).unwrap();
    let (_, address) = url.trim().rsplit_once('/').unwrap();
    for _ in 0..200 {
        let mut answer = String::new();
        ask(address, "GET /foundation-models/none", "").read_to_string(&mut answer).unwrap();
    }
    interrupt(&child);
    let ran = finish(child);
    let lines = ran.stderr.lines().filter(|line| line.contains("GET /foundation-models/none"));
    assert_eq!(lines.count(), 200);
}

#[test]
fn an_interrupt_ends_it_cleanly() {
    let mut child = bare(&["emulate", "--output", "json"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert!(json_lines(&line)[0]["endpointUrl"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    interrupt(&child);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!((finish(child).code, rest.as_str()), (Some(0), ""));
}

/// Sends a request as it is written, and does not wait for an answer.
#[cfg(unix)]
fn ask(address: &str, first: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!("{first} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n");
    stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes()).unwrap();
    stream
}

#[cfg(unix)]
#[test]
fn the_first_interrupt_waits_for_open_calls_and_the_second_cuts_them() {
    let options = ["emulate", "--quiet", "--auth", "any", "--ttft", "600000"];
    let mut child = bare(&options).spawn().unwrap();
    let mut exports = BufReader::new(child.stdout.take().unwrap());
    let mut url = String::new();
    exports.read_line(&mut url).unwrap();
    let (_, address) = url.trim().rsplit_once('/').unwrap();
    let body = r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;
    let mut call = ask(address, &format!("POST /model/{MODEL}/converse"), body);
    let is_open = || {
        let mut metrics = String::new();
        ask(address, "GET /_outcrop/metrics", "").read_to_string(&mut metrics).unwrap();
        metrics.contains("\"inFlight\":1")
    };
    while !is_open() {}
    interrupt(&child);
    let notes = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let waits = notes.into_iter().find(|note| note.contains("open call")).unwrap();
    assert_eq!(waits, "outcrop: waiting for 1 open call to end; Ctrl-C again cuts it");
    assert!(child.try_wait().unwrap().is_none());
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(call.read_to_end(&mut Vec::new()).unwrap_or_default(), 0);
}
