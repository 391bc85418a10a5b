//! What a call and a frame cost the emulator, beside a bare server that sends the same bytes.

use std::path::Path;

use crate::Result;
use crate::bare::Recorded;
use crate::client::{Call, Connection, Plan, load, parts};
use crate::prompt::Api;
use crate::row::{Row, median};
use crate::server::Server;

pub(crate) async fn measure(outcrop: &Path) -> Result<()> {
    for (name, api, streamed) in [
        ("request-converse", Api::Converse, false),
        ("request-invoke", Api::Invoke, false),
        ("frame-converse", Api::Converse, true),
        ("frame-invoke", Api::Invoke, true),
    ] {
        let call = api.call(streamed);
        let ours = Server::emulator(outcrop, &["--tokens-per-second", "0"])?;
        let answer = Connection::open(ours.address).await?.send(&call).await?;
        let recorded = serde_json::to_vec(&[Recorded::new(&call, &answer)])?;
        let bare = Server::bare(&recorded)?;
        let plan = Plan {
            connections: CONNECTIONS,
            calls: if streamed { STREAMS } else { REQUESTS },
            parts: parts(&answer).len(),
        };
        let mut costs = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            costs[0].push(cost(&ours, &call, plan).await?);
            costs[1].push(cost(&bare, &call, plan).await?);
        }
        let [ours, reference] = costs.map(median);
        Row { name, ours, reference, unit: "us", goal: Some(GOAL) }.print();
    }
    Ok(())
}

/// Microseconds of CPU for each part of an answer.
async fn cost(server: &Server, call: &Call, plan: Plan) -> Result<f64> {
    let before = server.cpu()?;
    load(server.address, call, plan).await?;
    let parts = f64::from(plan.calls) * plan.parts as f64;
    Ok((server.cpu()? - before) * 1e6 / parts)
}

const ROUNDS: usize = 9;
const CONNECTIONS: u32 = 32;
const REQUESTS: u32 = 40_000;
const STREAMS: u32 = 4_000;
/// At least half as many for a second of CPU.
const GOAL: f64 = 2.0;
