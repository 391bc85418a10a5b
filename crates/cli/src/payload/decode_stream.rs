//! `outcrop codec decode-stream`: the bytes of an event stream in, events or the reply out.

use std::io::{self, Read};
use std::path::Path;

use codec::{Finish, StreamDecoder, StreamError, Value};
use serde_json::json;

use super::Payload;
use crate::args::Globals;
use crate::error::Error;
use crate::output::Output;

/// How to read the stream.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    payload: Payload,
    /// Print the reply on one line, whole or as far as it came, and no events
    #[arg(long)]
    fold: bool,
}

/// Prints one event a line as it comes, or the reply, and then how the stream ended.
pub(crate) fn run(args: &Args, globals: &Globals, output: Output) -> Result<(), Error> {
    let (model, api) = args.payload.format(globals)?;
    let mut stream = StreamDecoder::new(&model, api)?;
    let mut stdin = io::stdin().lock();
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = match stdin.read(&mut buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::read(Path::new("standard input"), error)),
        };
        stream.push(buffer.get(..read).unwrap_or_default());
        // What stopped the stream is told at its end.
        while let Ok(Some(event)) = stream.next() {
            if !args.fold {
                output.json(&event.to_json())?;
            }
        }
        if read == 0 {
            break;
        }
    }
    let (reply, why) = match stream.finish() {
        Finish::Complete(reply) => (reply.to_converse(), None),
        Finish::Incomplete { why, partial } => (partial.to_converse(), Some(why)),
    };
    if args.fold {
        output.json(&reply)?;
    }
    output.json(&why.as_ref().map_or_else(|| json!({"outcome": "complete"}), incomplete))?;
    why.map_or(Ok(()), |why| Err(Error::IncompleteStream(why)))
}

/// The last line of a stream that was cut.
fn incomplete(why: &StreamError) -> Value {
    let kind = match why {
        StreamError::EndOfStream => "endOfStream",
        StreamError::TornFrame { .. } => "tornFrame",
        StreamError::Frame(_) => "frame",
        StreamError::Fault(_) => "fault",
        StreamError::Payload(_) => "payload",
        _ => "other",
    };
    let mut line = json!({"outcome": "incomplete", "kind": kind, "why": why.to_string()});
    if let (StreamError::Fault(fault), Value::Object(members)) = (why, &mut line) {
        let retry = !matches!(fault.retry(), codec::FaultRetry::Never);
        let said = json!({
            "code": fault.code, "status": fault.status, "message": fault.message, "retry": retry,
        });
        members.insert("fault".to_owned(), said);
    }
    line
}

/// How many bytes are read at once at most.
const CHUNK: usize = 64 * 1024;
