//! The one file that reads a clock or waits.
#![expect(clippy::disallowed_methods, reason = "what is measured is time")]

use std::time::{Duration, Instant};

pub(crate) fn now() -> Instant {
    Instant::now()
}

pub(crate) async fn wait(time: Duration) {
    tokio::time::sleep(time).await;
}
