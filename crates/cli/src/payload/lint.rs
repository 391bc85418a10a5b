//! `outcrop codec lint`: what Bedrock would refuse of a Converse-shaped request.

use codec::Request;
use serde_json::json;

use super::standard_input;
use crate::args::Globals;
use crate::error::Error;
use crate::input::model;
use crate::output::Output;

/// Which model is to take it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Model id, inference profile id or ARN
    #[arg(short, long)]
    model: String,
}

/// Prints one finding a line; findings are a failure.
pub(crate) fn run(args: &Args, globals: &Globals, output: Output) -> Result<(), Error> {
    let model = model(&args.model, globals)?;
    let request = serde_json::from_slice(&standard_input()?).map_err(codec::DecodeError::from);
    let findings = codec::lint(&model, &Request::from_json(request?)?);
    for found in &findings {
        if output.is_json() {
            output.json(&json!({
                "path": found.path,
                "rule": found.rule,
                "message": found.message,
                "fix": found.fix,
            }))?;
        } else {
            let fix = found.fix.as_ref().map(|fix| format!("; {fix}")).unwrap_or_default();
            let (path, rule, message) = (&found.path, found.rule, &found.message);
            output.line(&crate::error::one_line(&format!("{path}: {rule}: {message}{fix}")))?;
        }
    }
    match findings.len() {
        0 => Ok(()),
        count => Err(Error::Findings(count)),
    }
}
