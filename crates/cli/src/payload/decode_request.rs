//! `outcrop codec decode-request`: the body of a request in, the neutral request out.

use super::{Payload, standard_input};
use crate::args::Globals;
use crate::error::Error;
use crate::output::Output;

/// How to read the body.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    payload: Payload,
}

/// Prints the request as Converse JSON on one line. A raw prompt is its member `prompt`.
pub(crate) fn run(args: &Args, globals: &Globals, output: Output) -> Result<(), Error> {
    let (model, api) = args.payload.format(globals)?;
    let request = codec::decode_request(&model, api, &standard_input()?)?;
    output.json(&request.to_json())
}
