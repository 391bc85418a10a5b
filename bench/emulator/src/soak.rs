//! Memory over many requests.

use std::path::Path;
use std::time::Duration;

use crate::client::{Connection, Plan, load, parts};
use crate::prompt::Api;
use crate::row::Row;
use crate::server::Server;
use crate::{Result, clock};

/// What is in use after each tenth of the requests, of which the first tenth warms up. One request
/// in a hundred is a stream, and connections are made anew all the time. It ends early where the
/// machine takes too long.
pub(crate) async fn measure(outcrop: &Path, requests: u32) -> Result<()> {
    let server = Server::emulator(outcrop, &["--tokens-per-second", "0"])?;
    let mut mix = Vec::new();
    for (api, streamed, share) in
        [(Api::Converse, false, 59), (Api::Invoke, false, 40), (Api::Converse, true, 1)]
    {
        let call = api.call(streamed);
        let answer = Connection::open(server.address).await?.send(&call).await?;
        mix.push((call, share, parts(&answer).len()));
    }
    let rounds = requests.div_ceil(ROUND);
    let mut samples = Vec::new();
    let (start, mut sent) = (clock::now(), 0);
    for round in 1..=rounds {
        if start.elapsed() > LONGEST {
            break;
        }
        for (call, share, parts) in &mix {
            let plan = Plan { connections: CONNECTIONS, calls: ROUND / 100 * share, parts: *parts };
            load(server.address, call, plan).await?;
        }
        sent += ROUND;
        if round % rounds.div_ceil(SAMPLES) == 0 || round == rounds {
            samples.push(server.memory()?.0);
        }
    }
    let shown: Vec<String> = samples.iter().map(|sample| format!("{sample:.1}")).collect();
    eprintln!("{sent} requests, MB in use: {}", shown.join(" "));
    let (warm, later) =
        samples.split_first().filter(|(_, later)| !later.is_empty()).ok_or(TOO_FEW)?;
    let most = later.iter().copied().fold(0.0, f64::max);
    let row =
        Row { name: "soak-memory", ours: most, reference: *warm, unit: "MB", goal: Some(GOAL) };
    row.print();
    Ok(())
}

/// How many requests come over the same connections.
const ROUND: u32 = 10_000;
const CONNECTIONS: u32 = 16;
const SAMPLES: u32 = 10;
/// On a slow machine fewer requests have to do.
const LONGEST: Duration = Duration::from_secs(15 * 60);
const TOO_FEW: &str = "growth shows from 20,000 requests on";
/// Growth that is no growth: the allocator's pages come and go.
const GOAL: f64 = 1.05;
