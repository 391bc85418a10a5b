//! Streams that are open at one time.

use std::path::Path;
use std::sync::Arc;

use http_body_util::BodyExt;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::Result;
use crate::client::{Answer, Connection, parts};
use crate::prompt::Api;
use crate::row::Row;
use crate::server::Server;

/// Opens all streams before any is read to its end. Each must then come whole.
pub(crate) async fn measure(outcrop: &Path) -> Result<()> {
    let server = Server::emulator(outcrop, &["--tokens-per-second", "5"])?;
    let call = Arc::new(Api::Converse.call(true));
    let opened = Arc::new(Barrier::new(STREAMS));
    let mut streams = JoinSet::new();
    for _ in 0..STREAMS {
        let (call, opened) = (Arc::clone(&call), Arc::clone(&opened));
        let mut connection = Connection::open(server.address).await?;
        streams.spawn(async move {
            let mut body = connection.open_call(&call).await?.into_body();
            let first = body.frame().await.ok_or("an empty stream")??;
            opened.wait().await;
            let rest = body.collect().await?.to_bytes();
            let first = first.into_data().map_err(|_| "trailers and no data")?;
            let headers = vec![("content-type".to_owned(), "eventstream".to_owned())];
            let body = [first, rest].concat().into();
            Result::Ok(parts(&Answer { headers, body }))
        });
    }
    let mut lengths = Vec::new();
    while let Some(frames) = streams.join_next().await {
        let frames = frames??;
        let last = frames.last().ok_or("no frames")?;
        if !last.windows(LAST.len()).any(|part| part == LAST) {
            return Err(format!("a stream ended after {} frames", frames.len()).into());
        }
        lengths.push(frames.len());
    }
    if lengths.iter().any(|length| *length != lengths[0]) {
        return Err("some streams have more frames than others".into());
    }
    let (_, peak) = server.memory()?;
    let row =
        Row { name: "5000-streams", ours: peak, reference: MOST, unit: "MB", goal: Some(1.0) };
    row.print();
    Ok(())
}

const STREAMS: usize = 5000;
const MOST: f64 = 200.0;
const LAST: &[u8] = b"metadata";
