//! The one file that reads a clock or waits: everything else here is handed a time.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// Now, on the clock that only moves forward.
#[expect(clippy::disallowed_methods, reason = "the emulator's own clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Now, by the calendar.
pub(crate) fn wall() -> Timestamp {
    Timestamp::now()
}

/// How long ago the last midnight of UTC was.
pub(crate) fn since_midnight() -> Duration {
    Duration::from_secs(wall().as_second().rem_euclid(24 * 60 * 60).unsigned_abs())
}

/// Now, by the calendar, as the standard library has it.
pub(crate) fn system() -> std::time::SystemTime {
    wall().into()
}

/// Waits until `at`; a time that has passed does not wait.
pub(crate) async fn sleep_until(at: Instant) {
    // The runtime's timers count whole milliseconds, and would let a time just passed wait for one.
    if at > now() {
        tokio::time::sleep_until(at).await;
    }
}

/// Waits for `time`.
pub(crate) async fn sleep(time: Duration) {
    sleep_until(now() + time).await;
}

/// The output of `work`, or `None` if it takes longer than `limit`.
pub(crate) async fn within<F: Future>(limit: Duration, work: F) -> Option<F::Output> {
    tokio::time::timeout_at(now() + limit, work).await.ok()
}

/// Milliseconds since `start`, as the wire counts latencies.
pub(crate) fn millis_since(start: Instant) -> u64 {
    u64::try_from((now() - start).as_millis()).unwrap_or(u64::MAX)
}
