//! `outcrop emulate`: the local Bedrock on its own, for any AWS SDK.

mod environment;
mod log;
mod source;

use std::io::ErrorKind;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use clap::ValueEnum;
use emulator::{Auth, Emulator, Quotas, Refill, Scenario, ScenarioError};
use futures_util::future::select;
use serde_json::json;

use self::log::AccessLog;
use self::source::Source;
use crate::args::Globals;
use crate::connect::{LOCAL_KEY, LOCAL_REGION};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::output::Output;

/// How the server is to be.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Folder that holds the buckets; else a temporary one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Time to the first token, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 20)]
    ttft: u64,
    /// Limits in TOML, by default and for single models, also of batch jobs; the options
    /// --rpm, --tpm, --tpd and --concurrency go before its defaults
    #[arg(long, value_name = "FILE")]
    limits: Option<PathBuf>,
    #[arg(long, value_name = "FILE|NAME", help = scenario_help())]
    scenario: Option<PathBuf>,
    /// Tokens per day to throttle beyond [default: no limit]
    #[arg(long, value_name = "N")]
    tpd: Option<NonZeroU64>,
    /// Calls at a time to throttle beyond [default: no limit]
    #[arg(long, value_name = "N")]
    concurrency: Option<NonZeroU64>,
    /// How used quota comes back: sliding, minute, or bucket:SECONDS [default: sliding]
    #[arg(long, value_name = "HOW")]
    refill: Option<Refill>,
    /// Throttle a streamed call by an exception inside the stream
    #[arg(long)]
    throttle_in_stream: bool,
    /// Print no line for each request
    #[arg(short, long)]
    quiet: bool,
    /// Tokens per second after the first; 0 is as fast as it can
    #[arg(long, value_name = "N", default_value_t = 500)]
    tokens_per_second: u32,
    /// Make every answer this many tokens long, within the limit of its request
    #[arg(long, value_name = "N")]
    output_tokens: Option<NonZeroU64>,
    /// Stretch the delays of batch jobs and provisioned throughputs by this factor; 0 leaves them out
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = factor)]
    time_scale: f64,
    /// What becomes of calls to a model whose life has ended
    #[arg(long, value_enum, default_value_t)]
    eol: EndOfLife,
    /// Whether requests have to prove who sent them
    #[arg(long, value_enum, default_value_t)]
    auth: Check,
    /// Access key that signs requests
    #[arg(long, value_name = "ID", default_value = LOCAL_KEY)]
    access_key: String,
    /// Secret of the access key
    #[arg(long, value_name = "SECRET", default_value = LOCAL_KEY)]
    secret_key: String,
    /// API key that a request to Bedrock may bring instead of a signature
    #[arg(long, value_name = "KEY", default_value = LOCAL_KEY)]
    api_key: String,
    #[command(flatten)]
    source: Source,
}

/// What becomes of calls to a model whose life has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum EndOfLife {
    /// They are answered, with the date in a header and in the log.
    #[default]
    Warn,
    /// They are refused.
    Enforce,
}

/// Whether requests have to prove who sent them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Check {
    /// They are signed with the key pair, or bring the API key; others are refused.
    #[default]
    Verify,
    /// Nothing is checked.
    Any,
}

impl From<Check> for Auth {
    fn from(check: Check) -> Self {
        match check {
            Check::Verify => Self::Verify,
            Check::Any => Self::Any,
        }
    }
}

/// Serves until the process is asked to end.
pub(crate) async fn run(
    args: Args,
    globals: &Globals,
    output: Output,
    interrupt: &Interrupt,
) -> Result<(), Error> {
    args.source.check(globals)?;
    let quotas = quotas(&args, globals)?;
    let mut builder = Emulator::builder()
        .port(args.port)
        .time_to_first_token(Duration::from_millis(args.ttft))
        .tokens_per_second(args.tokens_per_second)
        .time_scale(args.time_scale)
        .quotas(quotas)
        .auth(args.auth.into())
        .credentials(&args.access_key, &args.secret_key)
        .api_key(&args.api_key)
        .enforce_end_of_life(args.eol == EndOfLife::Enforce);
    if let Some(tokens) = args.output_tokens {
        builder = builder.output_tokens(tokens.get());
    }
    if let Some(wanted) = &args.scenario {
        builder = builder.scenario(scenario(wanted)?);
    }
    if let Some(folder) = args.data {
        builder = builder.data_dir(folder);
    }
    builder = args.source.apply(builder);
    let log = (!args.quiet).then(AccessLog::start);
    if let Some(log) = &log {
        builder = builder.access_log(log.teller());
    }
    let keys = Keys { access: args.access_key, secret: args.secret_key };
    let emulator = builder.start().await?;
    print(&emulator, &keys, output)?;
    if let Some(remark) = args.source.remark(&emulator) {
        output.remark(&remark);
    }
    if let Some(warning) = args.source.warning() {
        output.remark(&warning);
    }
    interrupt.signal().await;
    let drained = drain(emulator, output).await;
    if let Some(log) = log {
        log.finish();
    }
    drained
}

/// Lets open calls end, unless the process is asked to end once more.
async fn drain(emulator: Emulator, output: Output) -> Result<(), Error> {
    let again = Interrupt::listen()?;
    match emulator.open_calls() {
        0 => {}
        1 => output.remark("waiting for 1 open call to end; Ctrl-C again cuts it"),
        open => {
            output.remark(&format!("waiting for {open} open calls to end; Ctrl-C again cuts them"))
        }
    }
    select(pin!(emulator.shutdown()), again.signal()).await;
    Ok(())
}

/// The quotas of the file, with what the options say of them.
fn quotas(args: &Args, globals: &Globals) -> Result<Quotas, Error> {
    let mut quotas = match &args.limits {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| Error::read(path, error))?;
            Quotas::from_toml(&text)
                .map_err(|source| Error::Limits { path: path.clone(), source })?
        }
        None => Quotas::default(),
    };
    let limits = &mut quotas.default;
    for (option, limit) in [
        (globals.rpm, &mut limits.requests_per_minute),
        (globals.tpm, &mut limits.tokens_per_minute),
        (args.tpd, &mut limits.tokens_per_day),
        (args.concurrency, &mut limits.concurrent_requests),
    ] {
        *limit = option.map(NonZeroU64::get).or(*limit);
    }
    quotas.refill = args.refill.unwrap_or(quotas.refill);
    quotas.in_stream |= args.throttle_in_stream;
    Ok(quotas)
}

/// What signs requests to the server.
struct Keys {
    access: String,
    secret: String,
}

/// The scenario that ships under this name, or that is in this file.
fn scenario(wanted: &Path) -> Result<Scenario, Error> {
    let name = wanted.to_str().filter(|name| Scenario::NAMES.contains(name));
    if let Some(name) = name {
        return Scenario::named(name).map_err(Error::NoScenario);
    }
    let text = match std::fs::read_to_string(wanted) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let name = wanted.display().to_string();
            return Err(Error::NoScenario(ScenarioError::Name(name)));
        }
        Err(error) => return Err(Error::read(wanted, error)),
    };
    let path = wanted.to_owned();
    Scenario::from_toml(&text).map_err(|source| Error::Scenario { path, source })
}

fn scenario_help() -> String {
    let names = Scenario::NAMES.join(", ");
    format!("What goes wrong on purpose: a file in TOML, or one of {names}")
}

/// Prints what points any AWS SDK at the server.
fn print(emulator: &Emulator, keys: &Keys, output: Output) -> Result<(), Error> {
    let url = emulator.endpoint_url();
    let Keys { access, secret } = keys;
    if output.is_json() {
        return output.json(&json!({
            "endpointUrl": url,
            "region": LOCAL_REGION,
            "accessKeyId": access,
            "secretAccessKey": secret,
        }));
    }
    // Some SDKs read the region under the one name, some under the other.
    output.text(&format!(
        "export AWS_ENDPOINT_URL={url}\n\
         export AWS_REGION={LOCAL_REGION}\n\
         export AWS_DEFAULT_REGION={LOCAL_REGION}\n\
         export AWS_ACCESS_KEY_ID={access}\n\
         export AWS_SECRET_ACCESS_KEY={secret}\n"
    ))?;
    let folder = emulator.data_dir().display();
    output.remark(&format!(
        "the local Bedrock is up at {url}, with its buckets in {folder}; Ctrl-C ends it"
    ));
    Ok(())
}

/// A factor for delays: not more than would make a minute last years.
fn factor(text: &str) -> Result<f64, String> {
    let factor = text.parse().ok().filter(|factor| (0.0..=1e6).contains(factor));
    factor.ok_or_else(|| "expected a number from 0 to 1000000".to_owned())
}
