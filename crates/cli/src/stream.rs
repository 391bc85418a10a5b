//! `outcrop stream`: one reply, printed as it comes.

use client::codec::{Block, Message};
use client::{Event, EventStream, Outcome};

use crate::args::Globals;
use crate::connect::Session;
use crate::error::Error;
use crate::gate::Gate;
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

/// Prints the reply as it comes: its text, or one event a line.
pub(crate) async fn run(args: &Args, globals: &Globals, output: Output) -> Result<(), Error> {
    let model = args.question.model(globals)?;
    let request = within(globals.timeout, args.question.request()).await?;
    let session = Session::open(globals, model.region()).await?;
    remarks::before(output, &model, Some(session.region()));
    let stream = session.client.stream(&model, &request).await?;
    if output.is_json() { events(stream, output).await } else { text(stream, output).await }
}

async fn text(mut stream: EventStream, output: Output) -> Result<(), Error> {
    let mut last = None;
    while let Some(event) = stream.next().await {
        if let Some(text) = event.text().filter(|text| !text.is_empty()) {
            output.text(text)?;
            last = text.chars().last();
        }
    }
    if last.is_some_and(|last| last != '\n') {
        output.text("\n")?;
    }
    match stream.finish().await {
        Outcome::Complete { reply, .. } => {
            remarks::on_message(output, &reply.message);
            remarks::on_end(output, &reply.stop_reason);
            Ok(())
        }
        Outcome::Incomplete { why, partial, .. } => {
            remarks::on_message(output, &partial.message);
            Err(Error::Incomplete(why))
        }
    }
}

async fn events(mut stream: EventStream, output: Output) -> Result<(), Error> {
    let mut gate = Gate::default();
    let print =
        |events: Vec<Event>| events.iter().try_for_each(|event| output.json(&event.to_json()));
    while let Some(event) = stream.next().await {
        print(gate.push(event))?;
    }
    let (message, ended) = match stream.finish().await {
        Outcome::Complete { reply, .. } => (reply.message, Ok(())),
        Outcome::Incomplete { why, partial, .. } => (partial.message, Err(Error::Incomplete(why))),
    };
    let (calls, end) = gate.finish(&message);
    print(calls)?;
    cut_tools(output, &message)?;
    ended?;
    print(end)
}

/// One line for each tool call that was cut off.
fn cut_tools(output: Output, message: &Message) -> Result<(), Error> {
    let cut = message.content.iter().filter(|block| matches!(block, Block::IncompleteToolUse(_)));
    for block in cut {
        output.json(&block.to_json())?;
    }
    Ok(())
}
