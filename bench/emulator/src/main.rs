//! The emulator as a process: how soon it answers, what a call, a frame and a record cost it, and
//! what it holds in memory. A line of JSON comes for each figure; `cargo xtask bench emulator` reads
//! them.
//!
//! Costs are those of the server's process alone, in CPU time, beside a bare server that sends the
//! same bytes. `emulator-bench bare` is that server.

mod bare;
mod batch;
mod client;
mod clock;
mod prompt;
mod row;
mod server;
mod sign;
mod soak;
mod start;
mod streams;
mod throughput;

use std::path::PathBuf;

/// Whatever goes wrong ends the run.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let outcrop = match args.next().as_deref() {
        Some("bare") => return bare::serve().await,
        Some(outcrop) => PathBuf::from(outcrop),
        None => return Err(USAGE.into()),
    };
    let requests = args.next().ok_or(USAGE)?.parse()?;
    let names: Vec<String> = args.collect();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    if wanted("start") {
        start::measure(&outcrop).await?;
    }
    if wanted("throughput") {
        throughput::measure(&outcrop).await?;
    }
    if wanted("streams") {
        streams::measure(&outcrop).await?;
    }
    if wanted("batch") {
        batch::measure(&outcrop).await?;
    }
    if wanted("soak") {
        soak::measure(&outcrop, requests).await?;
    }
    Ok(())
}

const USAGE: &str = "usage: emulator-bench OUTCROP REQUESTS [start|throughput|streams|batch|soak]…";
