//! One request, and its reply as it comes.

use client::{Outcome, Request};

use super::{Left, Sum, excerpt, head, model};
use crate::connect::Session;
use crate::error::Error;
use crate::output::Output;

pub(super) async fn show(session: &Session, output: Output) -> Result<(), Error> {
    let model = model(MODEL)?;
    head(output, "stream", &model, &excerpt(PROMPT))?;
    let show = |text: &str| if output.is_json() { Ok(()) } else { output.text(text) };
    show("  got   ")?;
    let request = Request::user(PROMPT).with_max_tokens(300);
    let mut stream = session.client.stream(&model, &request).await?;
    while let Some(event) = stream.next().await {
        show(event.text().unwrap_or_default())?;
    }
    show("\n")?;
    let (reply, report) = match stream.finish().await {
        Outcome::Complete { reply, report, .. } => (reply, report),
        Outcome::Incomplete { why, .. } => return Err(Error::Incomplete(why)),
    };
    let sum = Sum {
        mode: "stream",
        text: reply.text(),
        usage: reply.usage,
        took: report.elapsed,
        first: report.first_content,
        left: Left::Minute(session.client.quota(&model).map(Box::new)),
    };
    sum.print(output)
}

const MODEL: &str = "amazon.nova-lite-v1:0";
const PROMPT: &str = include_str!("../../prompts/stream.txt");
