//! Runs the binary, in an environment of its own.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// What a run of the binary left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The JSON values on standard output, one a line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        json_lines(&self.stdout)
    }

    /// The error on standard error, as JSON.
    pub(crate) fn error(&self) -> Value {
        let lines = json_lines(&self.stderr);
        assert_eq!(lines.len(), 1, "one error: {self:?}");
        lines[0]["error"].clone()
    }

    /// The text in the events on standard output.
    pub(crate) fn text(&self) -> String {
        let lines = self.lines();
        let pieces = lines.iter().map(|line| &line["contentBlockDelta"]["delta"]["text"]);
        pieces.filter_map(Value::as_str).collect()
    }

    /// Whether standard output has an event of this name.
    pub(crate) fn has(&self, event: &str) -> bool {
        self.lines().iter().any(|line| line.get(event).is_some())
    }
}

/// Values of JSON, one a line.
pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
    text.lines().map(parse).collect()
}

/// The binary, knowing of no AWS account but an invented key.
pub(crate) fn outcrop(arguments: &[&str]) -> Command {
    let mut command = bare(arguments);
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command.env("AWS_REGION", "us-east-1");
    command
}

/// The binary, knowing of no AWS account, key or region.
pub(crate) fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outcrop"));
    let nowhere = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nowhere");
    command
        .args(arguments)
        .env_clear()
        .env("HOME", &nowhere)
        .env("AWS_CONFIG_FILE", nowhere.join("config"))
        .env("AWS_SHARED_CREDENTIALS_FILE", nowhere.join("credentials"))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs the binary to its end.
pub(crate) fn run(arguments: &[&str]) -> Ran {
    finish(outcrop(arguments).spawn().unwrap())
}

/// Runs the binary to its end with this on standard input.
pub(crate) fn run_with_input(arguments: &[&str], input: &str) -> Ran {
    let mut child = outcrop(arguments).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    finish(child)
}

/// Does what Ctrl-C does.
pub(crate) fn interrupt(child: &Child) {
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("/bin/sh").args(["-c", &kill]).status().unwrap().success());
}

/// Waits for the end of a run.
pub(crate) fn finish(child: Child) -> Ran {
    let output = child.wait_with_output().unwrap();
    let ran = Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    ran
}
