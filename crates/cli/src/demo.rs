//! `outcrop demo`: the three modes, one after the other, on a Bedrock inside this process.

mod batch;
mod invoke;
mod stream;

use std::num::NonZeroU64;
use std::time::Duration;

use client::{ModelRef, QuotaSnapshot, Usage};
use emulator::Emulator;
use serde_json::{Value, json};

use crate::args::Globals;
use crate::connect::Session;
use crate::error::{Error, one_line};
use crate::output::Output;

/// Shows the three modes.
pub(crate) async fn run(globals: &Globals, output: Output) -> Result<(), Error> {
    let mut globals = globals.clone();
    globals.rpm = globals.rpm.or(NonZeroU64::new(REQUESTS_PER_MINUTE));
    globals.tpm = globals.tpm.or(NonZeroU64::new(TOKENS_PER_MINUTE));
    let emulator = Emulator::builder().tokens_per_second(TOKENS_PER_SECOND).start().await?;
    let session = Session::local(emulator, &globals).await?;
    invoke::show(&session, output).await?;
    stream::show(&session, output).await?;
    batch::show(&session, output).await
}

/// What a mode came to.
struct Sum {
    mode: &'static str,
    text: String,
    usage: Option<Usage>,
    took: Duration,
    /// From sending to the first text; streams only.
    first: Option<Duration>,
    left: Left,
}

/// What is left of the quotas of a mode.
enum Left {
    /// Calls draw on requests and tokens per minute.
    Minute(Option<Box<QuotaSnapshot>>),
    /// Batch jobs draw on the number of jobs at a time.
    Jobs(u32),
}

impl Sum {
    fn print(&self, output: Output) -> Result<(), Error> {
        if output.is_json() {
            return output.json(&self.to_json());
        }
        let mode = self.mode;
        let tokens = self.usage.as_ref().map_or_else(
            || "an unknown number of tokens".to_owned(),
            |usage| {
                let (total, input, out) = (usage.total(), usage.input_tokens, usage.output_tokens);
                format!("{total} tokens ({input} in, {out} out)")
            },
        );
        let took = self.took.as_secs_f64();
        let first = self.first.map_or_else(String::new, |first| {
            format!(", the first text after {} ms", first.as_millis())
        });
        let left = self.left.sentence();
        output.line(&format!("{mode:7} {tokens} in {took:.2} s{first}; quota left: {left}\n"))
    }

    fn to_json(&self) -> Value {
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        json!({
            "mode": self.mode,
            "text": self.text,
            "usage": self.usage.as_ref().map(Usage::to_json),
            "elapsedMs": millis(self.took),
            "firstTextMs": self.first.map(millis),
            "quotaLeft": self.left.to_json(),
        })
    }
}

impl Left {
    fn sentence(&self) -> String {
        let minute =
            |snapshot: &QuotaSnapshot| Some((snapshot.requests_left?, snapshot.tokens_left?));
        match self {
            Self::Minute(left) => match left.as_deref().and_then(minute) {
                Some((requests, tokens)) => {
                    format!("{requests} requests and {tokens} tokens this minute")
                }
                None => "no limit".to_owned(),
            },
            Self::Jobs(jobs) => format!("{jobs} jobs at a time, and all of each minute's"),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Minute(left) => json!({
                "requests": left.as_ref().and_then(|left| left.requests_left),
                "tokens": left.as_ref().and_then(|left| left.tokens_left),
            }),
            Self::Jobs(jobs) => json!({ "jobs": jobs }),
        }
    }
}

/// Says which model is asked what.
fn head(output: Output, mode: &str, model: &ModelRef, sent: &str) -> Result<(), Error> {
    if output.is_json() {
        return Ok(());
    }
    output.line(&format!("{mode:7} {}\n  sent  {sent}", model.address()))
}

fn model(address: &str) -> Result<ModelRef, Error> {
    ModelRef::parse(address).map_err(Error::Model)
}

/// The beginning of a text on one line, with the number of its words.
fn excerpt(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => {
            let words = line.split(' ').count();
            format!("{}… ({words} words)", line.get(..end).unwrap_or(&line).trim_end())
        }
        None => line,
    }
}

const REQUESTS_PER_MINUTE: u64 = 60;
const TOKENS_PER_MINUTE: u64 = 10_000;
/// Slow enough to be seen, fast enough not to be waited for.
const TOKENS_PER_SECOND: u32 = 120;
/// How many characters of a text are shown.
const EXCERPT: usize = 76;
