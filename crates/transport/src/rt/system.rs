//! The real clock, timer and entropy: the one file of this crate that touches the machine.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{Clock, Entropy, Moment, Timer};

/// The machine's clock, tokio's timer and the operating system's randomness.
///
/// Copies share one origin, so moments of one are moments of the other.
/// Its timer needs a tokio runtime with time enabled.
#[derive(Clone, Copy, Debug)]
pub struct System {
    origin: Instant,
}

impl System {
    /// A clock whose origin is now.
    #[expect(clippy::disallowed_methods, reason = "this is where time enters")]
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for System {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "this is where time enters")]
    fn now(&self) -> Moment {
        Moment::default().after(Instant::now().duration_since(self.origin))
    }

    #[expect(clippy::disallowed_methods, reason = "this is where time enters")]
    fn wall(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}

impl Timer for System {
    fn sleep_until(&self, until: Moment) -> BoxFuture<'static, ()> {
        let instant = self.origin.checked_add(until.since(Moment::default()));
        async move {
            match instant {
                Some(instant) => tokio::time::sleep_until(instant.into()).await,
                None => std::future::pending().await,
            }
        }
        .boxed()
    }
}

impl Entropy for System {
    fn draw(&self) -> u64 {
        // Without the operating system's randomness, jitter loses its use but nothing breaks.
        getrandom::u64().unwrap_or_default()
    }
}
