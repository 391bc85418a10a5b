//! The real clock, timer and entropy: the one file of this crate that touches the machine.

use std::future::{Future, pending, poll_fn};
use std::task::Poll;
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
    #[expect(clippy::disallowed_methods, reason = "this is where time enters")]
    fn sleep_until(&self, until: Moment) -> BoxFuture<'static, ()> {
        let Some(instant) = self.origin.checked_add(until.since(Moment::default())) else {
            return pending().boxed();
        };
        let mut sleep = None;
        // The clock is asked first: tokio's sleep does not end while other work of the same task
        // has used up the turn, which an endless flood of bytes does every time.
        poll_fn(move |context| {
            if Instant::now() >= instant {
                return Poll::Ready(());
            }
            let sleep =
                sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(instant.into())));
            sleep.as_mut().poll(context)
        })
        .boxed()
    }
}

impl Entropy for System {
    fn draw(&self) -> u64 {
        // Without the operating system's randomness, jitter loses its use but nothing breaks.
        getrandom::u64().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_that_has_passed_needs_no_turn_of_the_runtime() {
        assert_eq!(System::new().sleep_until(Moment::default()).now_or_never(), Some(()));
    }
}
