//! `outcrop invoke`: one reply, printed when it is there.

use serde_json::Value;

use crate::args::Globals;
use crate::connect::Session;
use crate::error::Error;
use crate::input::Question;
use crate::interrupt::within;
use crate::output::Output;
use crate::remarks;

/// What to ask.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    question: Question,
}

/// Prints the reply: its text, or Converse response JSON with the request id.
pub(crate) async fn run(args: &Args, globals: &Globals, output: Output) -> Result<(), Error> {
    let model = args.question.model(globals)?;
    let request = within(globals.timeout, args.question.request()).await?;
    let session = Session::open(globals, model.region()).await?;
    remarks::before(output, &model, Some(session.region()));
    let invocation = session.client.invoke(&model, &request).await?;
    let reply = &invocation.reply;
    if output.is_json() {
        let mut json = reply.to_converse();
        if let Value::Object(members) = &mut json {
            members.insert("requestId".to_owned(), invocation.report.request_id.into());
        }
        return output.json(&json);
    }
    output.text(&remarks::ended(&reply.text()))?;
    remarks::on_message(output, &reply.message);
    remarks::on_end(output, &reply.stop_reason);
    Ok(())
}
