//! `outcrop codec encode`: a neutral request in, the body that the model takes out.

use codec::Request;
use serde_json::json;

use super::{Payload, standard_input};
use crate::args::Globals;
use crate::error::Error;
use crate::output::{Output, note};

/// How to write the request.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    payload: Payload,
    /// Leave out what the format cannot express, with a warning for each part, instead of refusing
    #[arg(long)]
    lossy: bool,
    /// Write the body for an answer that streams, which a few families are told in the body
    #[arg(long)]
    stream: bool,
}

/// Prints the body on one line.
pub(crate) fn run(args: &Args, globals: &Globals, output: Output) -> Result<(), Error> {
    let (model, api) = args.payload.format(globals)?;
    let request = serde_json::from_slice(&standard_input()?).map_err(codec::DecodeError::from);
    let mut request = Request::from_json(request?)?;
    if args.lossy {
        let (expressible, warnings) = codec::lossy(&model, api, &request)?;
        request = expressible;
        for warning in warnings {
            if output.is_json() {
                let (path, capability) = (&warning.path, warning.capability.name());
                let message = warning.to_string();
                let said = json!({"path": format!("${path}"), "capability": capability, "message": message});
                output.aside(&json!({ "warning": said }));
            } else {
                note(&format!("warning: {warning}"));
            }
        }
    }
    let encode = if args.stream { codec::encode_for_stream } else { codec::encode };
    let body = encode(&model, api, &request)?;
    output.line(&String::from_utf8_lossy(&body))
}
