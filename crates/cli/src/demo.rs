//! `outcrop demo`: the three modes, one after the other, on a Bedrock inside this process.

use std::num::NonZeroU64;
use std::time::Duration;

use client::{ModelRef, Outcome, QuotaSnapshot, Request, Usage};
use emulator::Emulator;
use serde_json::{Value, json};

use crate::args::Globals;
use crate::connect::Session;
use crate::error::{Error, one_line};
use crate::output::Output;

/// Shows the three modes.
pub(crate) async fn run(globals: &Globals, output: Output) -> Result<(), Error> {
    let mut globals = globals.clone();
    globals.rpm = globals.rpm.or(NonZeroU64::new(60));
    globals.tpm = globals.tpm.or(NonZeroU64::new(10_000));
    let emulator = Emulator::builder().tokens_per_second(120).start().await?;
    let session = Session::local(emulator, &globals).await?;
    invoke(&session, output).await?;
    stream(&session, output).await?;
    Ok(())
}

async fn invoke(session: &Session, output: Output) -> Result<(), Error> {
    let (model, request) =
        (model(INVOKE_MODEL)?, Request::user(INVOKE_PROMPT).with_max_tokens(300));
    head(output, "invoke", &model, INVOKE_PROMPT)?;
    let done = session.client.invoke(&model, &request).await?;
    if !output.is_json() {
        output.line(&format!("  got     {}", excerpt(&done.reply.text())))?;
    }
    let sum = Sum {
        mode: "invoke",
        usage: done.reply.usage.as_ref(),
        took: done.report.elapsed,
        first: None,
        left: session.client.quota(&model),
        text: &done.reply.text(),
    };
    sum.print(output)
}

async fn stream(session: &Session, output: Output) -> Result<(), Error> {
    let (model, request) =
        (model(STREAM_MODEL)?, Request::user(STREAM_PROMPT).with_max_tokens(300));
    head(output, "stream", &model, STREAM_PROMPT)?;
    let mut stream = session.client.stream(&model, &request).await?;
    if !output.is_json() {
        output.text("  got     ")?;
    }
    while let Some(event) = stream.next().await {
        if let (Some(text), false) = (event.text(), output.is_json()) {
            output.text(text)?;
        }
    }
    if !output.is_json() {
        output.text("\n")?;
    }
    let (reply, report) = match stream.finish().await {
        Outcome::Complete { reply, report, .. } => (reply, report),
        Outcome::Incomplete { why, .. } => return Err(Error::Incomplete(why)),
    };
    let sum = Sum {
        mode: "stream",
        usage: reply.usage.as_ref(),
        took: report.elapsed,
        first: report.first_content,
        left: session.client.quota(&model),
        text: &reply.text(),
    };
    sum.print(output)
}

fn model(address: &str) -> Result<ModelRef, Error> {
    ModelRef::parse(address).map_err(Error::Model)
}

/// Says what is sent.
fn head(output: Output, mode: &str, model: &ModelRef, sent: &str) -> Result<(), Error> {
    if output.is_json() {
        return Ok(());
    }
    let words = sent.split_whitespace().count();
    output.line(&format!("{mode}  {}", model.address()))?;
    output.line(&format!("  sent    {} ({words} words)", excerpt(sent)))
}

/// What a call came to.
struct Sum<'a> {
    mode: &'static str,
    usage: Option<&'a Usage>,
    took: Duration,
    first: Option<Duration>,
    left: Option<QuotaSnapshot>,
    text: &'a str,
}

impl Sum<'_> {
    fn print(&self, output: Output) -> Result<(), Error> {
        if output.is_json() {
            return output.json(&self.to_json());
        }
        let tokens = self.usage.map_or_else(String::new, |usage| {
            let (total, input, out) = (usage.total(), usage.input_tokens, usage.output_tokens);
            format!("{total} tokens ({input} in, {out} out), ")
        });
        let first = self.first.map_or_else(String::new, |first| {
            format!(", the first text after {} ms", first.as_millis())
        });
        let seconds = self.took.as_secs_f64();
        let mode = self.mode;
        output.line(&format!("  {mode}  {tokens}{seconds:.2} s{first}{}\n", self.left()))
    }

    fn left(&self) -> String {
        let (requests, tokens) = match &self.left {
            Some(QuotaSnapshot {
                requests_left: Some(requests),
                tokens_left: Some(tokens),
                ..
            }) => (requests, tokens),
            _ => return String::new(),
        };
        format!("; quota left this minute: {requests} requests, {tokens} tokens")
    }

    fn to_json(&self) -> Value {
        let left = self.left.as_ref();
        json!({
            "mode": self.mode,
            "text": self.text,
            "usage": self.usage.map(Usage::to_json),
            "elapsedMs": self.took.as_millis() as u64,
            "firstTextMs": self.first.map(|first| first.as_millis() as u64),
            "requestsLeft": left.and_then(|left| left.requests_left),
            "tokensLeft": left.and_then(|left| left.tokens_left),
        })
    }
}

/// The beginning of a text, on one line.
fn excerpt(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or(&line).trim_end()),
        None => line,
    }
}

const INVOKE_MODEL: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const INVOKE_PROMPT: &str = include_str!("../prompts/invoke.txt");
const STREAM_MODEL: &str = "amazon.nova-lite-v1:0";
const STREAM_PROMPT: &str = include_str!("../prompts/stream.txt");
/// How many characters of a text are shown.
const EXCERPT: usize = 72;
