//! `outcrop codec encode`: a neutral request in, the body that the model takes out.

use codec::Request;

use super::{Payload, standard_input};
use crate::args::Globals;
use crate::error::Error;
use crate::output::Output;

/// How to write the request.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    payload: Payload,
    /// Write the body for an answer that streams, which a few families are told in the body
    #[arg(long)]
    stream: bool,
}

/// Prints the body on one line.
pub(crate) fn run(args: &Args, globals: &Globals, output: Output) -> Result<(), Error> {
    let (model, api) = args.payload.format(globals)?;
    let request = serde_json::from_slice(&standard_input()?).map_err(codec::DecodeError::from);
    let request = Request::from_json(request?)?;
    let encode = if args.stream { codec::encode_for_stream } else { codec::encode };
    let body = encode(&model, api, &request)?;
    output.line(&String::from_utf8_lossy(&body))
}
