//! `outcrop emulate`: the local Bedrock on its own, for any AWS SDK.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use emulator::Emulator;
use serde_json::json;

use crate::args::{self, Globals};
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
    /// Time to the first token, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "0.02", value_parser = args::seconds)]
    ttft: Duration,
    /// Tokens per second after the first; 0 is as fast as it can
    #[arg(long, value_name = "N", default_value_t = 500)]
    tokens_per_second: u32,
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
        .time_to_first_token(args.ttft)
        .tokens_per_second(args.tokens_per_second);
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
