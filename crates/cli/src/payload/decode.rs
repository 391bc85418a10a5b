//! `outcrop codec decode`: the body of a reply in, a Converse response out.

use std::fs;
use std::path::{Path, PathBuf};

use codec::{DecodeError, Fault, Headers, Map, Value};

use super::{Payload, standard_input};
use crate::args::Globals;
use crate::error::Error;
use crate::output::Output;

/// How to read the body.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    payload: Payload,
    /// Response headers, a JSON object: where a body has no token counts, they do
    #[arg(long, value_name = "FILE")]
    headers: Option<PathBuf>,
}

/// Prints the reply as Converse response JSON on one line, or fails with what an error body says.
pub(crate) fn run(args: &Args, globals: &Globals, output: Output) -> Result<(), Error> {
    let (model, api) = args.payload.format(globals)?;
    let headers = args.headers.as_deref().map(read_headers).transpose()?.unwrap_or_default();
    let body = standard_input()?;
    match codec::decode(&model, api, &body, &headers.as_slice()) {
        Ok(reply) => output.json(&reply.to_converse()),
        Err(error) => Err(match fault(&body, &headers) {
            Some(fault) => Error::Fault(fault),
            None => error.into(),
        }),
    }
}

/// Reads the headers. A value may be a string, a number or a list of strings, of which the first
/// counts.
fn read_headers(path: &Path) -> Result<Vec<(String, String)>, Error> {
    let wrong = |error: DecodeError| Error::Headers { path: path.to_owned(), source: error };
    let bytes = fs::read(path).map_err(|source| Error::read(path, source))?;
    let headers: Map = serde_json::from_slice(&bytes).map_err(|error| wrong(error.into()))?;
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(values) => values.first().and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    Ok(headers.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect())
}

/// The exception that the body tells of, if it is an error document: it has a message and nothing
/// that a reply has.
fn fault(body: &[u8], headers: &[(String, String)]) -> Option<Fault> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let typed = Headers::get(&headers, "x-amzn-errortype");
    let says = |key| document.get(key).is_some_and(Value::is_string);
    let is_error = typed.is_some() || ["message", "Message", "__type"].into_iter().any(says);
    is_error.then(|| Fault::from_payload(typed, 0, body))
}
