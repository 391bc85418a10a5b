//! From the start of the process to its first answer.

use std::path::Path;

use crate::client::Connection;
use crate::prompt::Api;
use crate::row::{Row, median};
use crate::server::Server;
use crate::{Result, clock};

pub(crate) async fn measure(outcrop: &Path) -> Result<()> {
    let call = Api::Converse.call(false);
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let start = clock::now();
        let server = Server::emulator(outcrop, &["--tokens-per-second", "0"])?;
        Connection::open(server.address).await?.send(&call).await?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let slowest = times.iter().copied().fold(0.0, f64::max);
    for (name, ours) in [("start-to-answer", median(times)), ("start-to-answer-slowest", slowest)] {
        Row { name, ours, reference: GOAL, unit: "ms", goal: Some(1.0) }.print();
    }
    Ok(())
}

const STARTS: usize = 100;
const GOAL: f64 = 50.0;
