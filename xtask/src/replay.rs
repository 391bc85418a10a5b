//! Has the emulator answer with recorded exchanges, asks for each over HTTP, and compares what
//! comes back with what was recorded.

mod http;
mod server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use self::http::Answer;
use self::server::Server;
use crate::corpus::case::{Case, StreamEvent};
use crate::corpus::{frames, read_json};
use crate::failure::Failure;

/// Replays the exchanges of a folder.
pub(crate) fn run(root: &Path, folder: &str) -> Result<(), Failure> {
    let folder = PathBuf::from(folder);
    let files = Case::files(&folder)?;
    if files.is_empty() {
        return Err(Failure::NoCases { folder });
    }
    let server = Server::start(root, &folder)?;
    let (mut counts, mut failures) = (BTreeMap::<&str, u32>::new(), 0);
    for (at, path) in files.iter().enumerate() {
        let case: Case = read_json(path)?;
        let text = std::fs::read_to_string(path)
            .map_err(|source| Failure::Read { path: path.clone(), source })?;
        let verdict = match request(&case, at) {
            Some((target, body)) => {
                server.post(&target, &body).and_then(|a| same(&case, &text, &a))
            }
            None => Ok("name no model, so that no call is theirs"),
        };
        match verdict {
            Ok(how) => *counts.entry(how).or_default() += 1,
            Err(why) => {
                println!("{}: {why}", case.name);
                failures += 1;
            }
        }
    }
    for (how, count) in counts {
        println!("{count:5} {how}");
    }
    match failures {
        0 => Ok(()),
        count => Err(Failure::Breaches { task: "replay", count }),
    }
}

/// The path and the body to ask with, where the recording says which model was called. Every other
/// model id is percent-encoded.
fn request(case: &Case, at: usize) -> Option<(String, String)> {
    let model = case.model_id.as_deref()?;
    let name = match case.operation.as_str() {
        "InvokeModel" => "invoke",
        "InvokeModelWithResponseStream" => "invoke-with-response-stream",
        "Converse" => "converse",
        "ConverseStream" => "converse-stream",
        "CountTokens" => "count-tokens",
        _ => return None,
    };
    let model = if at.is_multiple_of(2) {
        model.replace(':', "%3A").replace('/', "%2F")
    } else {
        model.into()
    };
    let body = match (&case.request, &case.request_raw) {
        (Value::Null, Some(raw)) => raw.clone(),
        (Value::Null, None) => r#"{"any":"body"}"#.into(),
        // Its members are in another order than the file's.
        (request, _) => request.to_string(),
    };
    Some((format!("/model/{model}/{name}"), body))
}

/// Compares an answer with its recording, and says how they are the same.
fn same(case: &Case, text: &str, answer: &Answer) -> Result<&'static str, String> {
    if answer.status != case.status {
        let body = String::from_utf8_lossy(&answer.body);
        return Err(format!("status {} instead of {}: {body}", answer.status, case.status));
    }
    for (name, value) in case.headers() {
        let matters = name == "content-type" || name.starts_with("x-amz");
        if matters && answer.header(name) != Some(value) {
            return Err(format!("header {name} is {:?}, not {value:?}", answer.header(name)));
        }
    }
    if let Some(bytes) = case.stream_bytes()? {
        let found = if bytes == answer.body { Ok("streams, byte by byte") } else { Err("stream") };
        return found.map_err(|what| format!("the bytes of the {what} differ"));
    }
    if let Some(events) = &case.stream_events {
        let found = frames::read(&answer.body);
        let equal =
            found.len() == events.len() && found.iter().zip(events).all(|(a, b)| event(a, b));
        return if equal { Ok("streams, frame by frame") } else { Err("the frames differ".into()) };
    }
    let read: Value = serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
    // The order of members and the form of numbers are those of the file.
    let body = std::str::from_utf8(&answer.body).map_err(|error| error.to_string())?;
    match (read == case.response, squeezed(text).contains(&squeezed(body)), case.status) {
        (true, true, 200) => Ok("replies, byte by byte"),
        (true, true, _) => Ok("errors, byte by byte"),
        _ => Err(format!("the body differs: {body}")),
    }
}

fn event(found: &StreamEvent, recorded: &StreamEvent) -> bool {
    let payload = recorded.payload.is_null() || found.payload == recorded.payload;
    found.headers == recorded.headers && payload && found.inner() == recorded.inner()
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_whitespace()).collect()
}
