//! The file of one exchange, written whole or not at all.

use std::io::{self, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::http::request::Parts;
use hyper::{HeaderMap, StatusCode};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::clean::Cleaner;
use super::headers;
use crate::exchange::compact;
use crate::redact::accounts;
use crate::route::RuntimeCall;

/// What was asked, without what is secret.
#[derive(Debug)]
pub(super) struct Asked {
    name: String,
    operation: &'static str,
    model_id: Option<String>,
    path: String,
    headers: Map<String, Value>,
    body: Vec<u8>,
}

/// The head of what came back.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
}

/// The file, in the order of its members.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    case: &'a str,
    authenticity: &'static str,
    operation: &'static str,
    model_id: Option<&'a str>,
    method: &'static str,
    path: &'a str,
    request_headers: &'a Map<String, Value>,
    request: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_raw: Option<String>,
    status: u16,
    response_headers: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Box<RawValue>>,
    /// The bytes, where they are not those of `response` without white space.
    #[serde(skip_serializing_if = "Option::is_none")]
    response_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_stream_base64: Option<String>,
}

impl Asked {
    /// A call that came `at` this time, the `number`-th that is recorded: the names of files have
    /// the order of the calls.
    pub(super) fn new(
        call: &RuntimeCall,
        request: &Parts,
        body: &[u8],
        at: Timestamp,
        number: u64,
        cleaner: &Cleaner,
    ) -> Self {
        let operation = call.name();
        let time = at.strftime("%Y%m%dT%H%M%S%.6fZ").to_string().replace('.', "-");
        // What a query holds is a proof of the sender or nothing that the runtime knows.
        let path = percent_decode_str(request.uri.path()).decode_utf8_lossy();
        Self {
            name: format!("{time}-{number:06}-{operation}"),
            operation,
            model_id: call.model().map(|model| accounts(model).into_owned()),
            path: accounts(&path).into_owned(),
            headers: headers::asked(&request.headers),
            body: cleaner.body(body).into_owned(),
        }
    }

    /// Records what came back. A stream that is not made of whole frames was cut and is left out.
    pub(super) async fn save(
        self,
        folder: &Path,
        answered: Answered,
        body: &[u8],
        streams: bool,
        cleaner: &Cleaner,
    ) {
        let body =
            if streams { cleaner.stream(body) } else { Some(cleaner.body(body).into_owned()) };
        let name = self.name.clone();
        let Some(body) = body else {
            tracing::warn!(exchange = name, "not recorded: its stream was cut inside a frame");
            return;
        };
        let folder = folder.to_owned();
        let written =
            tokio::task::spawn_blocking(move || self.write(&folder, &answered, &body, streams));
        let error = match written.await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(error) => error.into(),
        };
        tracing::warn!(exchange = name, %error, "not recorded: its file cannot be written");
    }

    fn write(
        &self,
        folder: &Path,
        answered: &Answered,
        body: &[u8],
        streams: bool,
    ) -> io::Result<()> {
        let (request, request_raw) = match json(&self.body) {
            Some(json) => (Some(json), None),
            None => (None, Some(String::from_utf8_lossy(&self.body).into_owned())),
        };
        let response = if streams { None } else { json(body) };
        let is_exact = response.as_ref().is_some_and(|json| json.get().as_bytes() == body);
        let file = File {
            case: &self.name,
            authenticity: "recorded",
            operation: self.operation,
            model_id: self.model_id.as_deref(),
            method: "POST",
            path: &self.path,
            request_headers: &self.headers,
            request,
            request_raw,
            status: answered.status.as_u16(),
            response_headers: headers::answered(&answered.headers),
            response,
            response_base64: (!streams && !is_exact).then(|| STANDARD.encode(body)),
            response_stream_base64: streams.then(|| STANDARD.encode(body)),
        };
        let mut temporary = tempfile::Builder::new().prefix(".recording-").tempfile_in(folder)?;
        serde_json::to_writer_pretty(&mut temporary, &file)?;
        temporary.write_all(b"\n")?;
        temporary.persist(folder.join(format!("{}.json", self.name)))?;
        Ok(())
    }
}

/// A body that is JSON, without white space.
fn json(body: &[u8]) -> Option<Box<RawValue>> {
    let text = std::str::from_utf8(body).ok()?;
    serde_json::from_str::<&RawValue>(text).ok()?;
    RawValue::from_string(compact(text)).ok()
}
