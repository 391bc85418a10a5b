//! One request, one reply.

use client::Request;

use super::{Left, Sum, excerpt, head, model};
use crate::connect::Session;
use crate::error::Error;
use crate::output::Output;

pub(super) async fn show(session: &Session, output: Output) -> Result<(), Error> {
    let model = model(MODEL)?;
    head(output, "invoke", &model, &excerpt(PROMPT))?;
    let request = Request::user(PROMPT).with_max_tokens(300);
    let done = session.client.invoke(&model, &request).await?;
    let text = done.reply.text();
    if !output.is_json() {
        output.line(&format!("  got   {}", excerpt(&text)))?;
    }
    let sum = Sum {
        mode: "invoke",
        text,
        usage: done.reply.usage,
        took: done.report.elapsed,
        first: None,
        left: Left::Minute(session.client.quota(&model).map(Box::new)),
    };
    sum.print(output)
}

const MODEL: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const PROMPT: &str = include_str!("../../prompts/invoke.txt");
