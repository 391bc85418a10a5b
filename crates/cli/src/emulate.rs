//! `outcrop emulate`: the local Bedrock on its own, for any AWS SDK.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use emulator::Emulator;
use serde_json::json;

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
    /// Tokens per second after the first; 0 is as fast as it can
    #[arg(long, value_name = "N", default_value_t = 500)]
    tokens_per_second: u32,
    /// Make every answer this many tokens long, within the limit of its request
    #[arg(long, value_name = "N")]
    output_tokens: Option<NonZeroU64>,
    /// Stretch the delays of a batch job's life by this factor; 0 leaves them out
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    time_scale: f64,
    /// What becomes of calls to a model whose life has ended
    #[arg(long, value_enum, default_value_t)]
    eol: EndOfLife,
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

/// Serves until the process is asked to end.
pub(crate) async fn run(
    args: Args,
    globals: &Globals,
    output: Output,
    interrupt: &Interrupt,
) -> Result<(), Error> {
    let mut builder = Emulator::builder()
        .port(args.port)
        .time_to_first_token(Duration::from_millis(args.ttft))
        .tokens_per_second(args.tokens_per_second)
        .time_scale(args.time_scale)
        .enforce_end_of_life(args.eol == EndOfLife::Enforce);
    if let Some(tokens) = args.output_tokens {
        builder = builder.output_tokens(tokens.get());
    }
    if let Some(folder) = args.data {
        builder = builder.data_dir(folder);
    }
    if let Some(requests) = globals.rpm.map(NonZeroU64::get) {
        builder = builder.requests_per_minute(requests);
    }
    if let Some(tokens) = globals.tpm.map(NonZeroU64::get) {
        builder = builder.tokens_per_minute(tokens);
    }
    let emulator = builder.start().await?;
    print(&emulator.endpoint_url(), output)?;
    interrupt.signal().await;
    emulator.shutdown().await;
    Ok(())
}

/// Prints what points any AWS SDK at the server.
fn print(url: &str, output: Output) -> Result<(), Error> {
    if output.is_json() {
        return output.json(&json!({
            "endpointUrl": url,
            "region": LOCAL_REGION,
            "accessKeyId": LOCAL_KEY,
            "secretAccessKey": LOCAL_KEY,
        }));
    }
    // Some SDKs read the region under the one name, some under the other.
    output.text(&format!(
        "export AWS_ENDPOINT_URL={url}\n\
         export AWS_REGION={LOCAL_REGION}\n\
         export AWS_DEFAULT_REGION={LOCAL_REGION}\n\
         export AWS_ACCESS_KEY_ID={LOCAL_KEY}\n\
         export AWS_SECRET_ACCESS_KEY={LOCAL_KEY}\n"
    ))?;
    output.remark("the local Bedrock is up; Ctrl-C ends it");
    Ok(())
}
