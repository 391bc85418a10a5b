//! `outcrop codec …`: payloads in and out of the neutral form, without a network.

mod decode;
mod decode_request;
mod decode_stream;
mod encode;
mod lint;

use std::io::{self, Read};
use std::path::Path;

use client::ModelRef;
use codec::Api;

use crate::args::{self, Globals};
use crate::error::Error;
use crate::input::{aside, model};
use crate::interrupt::within;
use crate::output::Output;

/// What to read, and what to make of it.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Write a Converse-shaped request as the body that the model takes
    Encode(encode::Args),
    /// Read the body of a request into a Converse-shaped request
    DecodeRequest(decode_request::Args),
    /// Read the body of a reply into a Converse response
    Decode(decode::Args),
    /// Read the bytes of an event stream into Converse-shaped events, as they come
    DecodeStream(decode_stream::Args),
    /// Name what Bedrock would refuse of a Converse-shaped request; exit 1 where there is something
    Lint(lint::Args),
}

/// Whose payload it is.
#[derive(Debug, clap::Args)]
pub(crate) struct Payload {
    /// Model id, inference profile id or ARN
    #[arg(short, long)]
    model: String,
    /// Operation whose body it is; `converse` is the same for all models [default: invoke]
    #[arg(long, value_enum)]
    operation: Option<Operation>,
}

/// An operation, whether it streams or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Operation {
    /// InvokeModel: the model's native format.
    #[value(alias = "InvokeModel", alias = "InvokeModelWithResponseStream")]
    Invoke,
    /// Converse: one format for all models.
    #[value(alias = "Converse", alias = "ConverseStream")]
    Converse,
}

/// Reads standard input on another thread, so that an interrupt ends the command while nothing
/// comes.
pub(crate) async fn run(command: Command, globals: &Globals, output: Output) -> Result<(), Error> {
    let at_work = globals.clone();
    let work = move || match command {
        Command::Encode(args) => encode::run(&args, &at_work, output),
        Command::DecodeRequest(args) => decode_request::run(&args, &at_work, output),
        Command::Decode(args) => decode::run(&args, &at_work, output),
        Command::DecodeStream(args) => decode_stream::run(&args, &at_work, output),
        Command::Lint(args) => lint::run(&args, &at_work, output),
    };
    within(globals.timeout, aside(work)).await
}

impl Payload {
    /// The model, and the interface whose format the payload has. `--api` says it too, where it is
    /// given and `--operation` is not.
    fn format(&self, globals: &Globals) -> Result<(ModelRef, Api), Error> {
        let api = match (self.operation, globals.api) {
            (Some(Operation::Converse), _) | (None, args::Api::Converse) => Api::Converse,
            (Some(Operation::Invoke), _) | (None, _) => Api::Invoke,
        };
        Ok((model(&self.model, globals)?, api))
    }
}

/// All of standard input.
fn standard_input() -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|source| Error::read(Path::new("standard input"), source))?;
    Ok(bytes)
}
