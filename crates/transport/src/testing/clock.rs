//! A clock that stands still until it is moved.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::rt::{Clock, Moment, Timer};

/// A clock and its timer, moved by hand. Copies share one time.
///
/// ```
/// use std::time::Duration;
/// use outcrop_transport::rt::{Clock, Timer};
/// use outcrop_transport::testing::ManualClock;
///
/// let clock = ManualClock::new();
/// let hour = clock.now().after(Duration::from_secs(3600));
/// clock.run(clock.sleep_until(hour))?;
/// assert_eq!(clock.now(), hour);
/// # Ok::<(), outcrop_transport::testing::Stuck>(())
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    now: Moment,
    wall: Duration,
    next_id: u64,
    // In the order in which they are to be woken: by moment, then by age.
    sleepers: BTreeMap<(Moment, u64), Waker>,
}

impl ManualClock {
    /// A clock at its origin, on which it is 2026-01-01T00:00:00Z.
    pub fn new() -> Self {
        Self::at(Duration::from_secs(1_767_225_600))
    }

    /// A clock at its origin, on which it is `wall` after 1970-01-01T00:00:00Z.
    pub fn at(wall: Duration) -> Self {
        let shared = Shared { now: Moment::default(), wall, next_id: 0, sleepers: BTreeMap::new() };
        Self { shared: Arc::new(Mutex::new(shared)) }
    }

    /// Moves the clock on, then wakes every sleeper whose moment has come, the earliest first.
    pub fn advance(&self, span: Duration) {
        let due = {
            let mut shared = self.lock();
            shared.now = shared.now.after(span);
            shared.wall = shared.wall.saturating_add(span);
            let after_now = (shared.now.after(Duration::from_nanos(1)), 0);
            let later = shared.sleepers.split_off(&after_now);
            std::mem::replace(&mut shared.sleepers, later)
        };
        for waker in due.into_values() {
            waker.wake();
        }
    }

    /// The moment for which the next sleeper waits, if anyone sleeps.
    pub fn next_wake_up(&self) -> Option<Moment> {
        self.lock().sleepers.first_key_value().map(|((until, _), _)| *until)
    }

    /// Runs a future to its end, moving the clock to the next wake-up whenever nothing else can
    /// happen.
    ///
    /// It is meant for futures that wait for this clock and for each other, not for sockets or
    /// other threads.
    ///
    /// # Errors
    ///
    /// [`Stuck`], if the future waits and nobody sleeps: it would never end.
    pub fn run<F: Future>(&self, future: F) -> Result<F::Output, Stuck> {
        let flag = Arc::new(Flag(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&flag));
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return Ok(output);
            }
            if !flag.0.swap(false, Ordering::AcqRel) {
                let next = self.next_wake_up().ok_or(Stuck)?;
                self.advance(next.since(self.now()));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        self.lock().now
    }

    fn wall(&self) -> Duration {
        self.lock().wall
    }
}

impl Timer for ManualClock {
    fn sleep_until(&self, until: Moment) -> BoxFuture<'static, ()> {
        let id = {
            let mut shared = self.lock();
            shared.next_id += 1;
            shared.next_id
        };
        Sleep { clock: self.clone(), until, id }.boxed()
    }
}

/// A future that waits for something that can never come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the future waits, and nobody sleeps on the clock: it would never end")]
#[non_exhaustive]
pub struct Stuck;

struct Sleep {
    clock: ManualClock,
    until: Moment,
    id: u64,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut shared = self.clock.lock();
        if shared.now >= self.until {
            return Poll::Ready(());
        }
        shared.sleepers.insert((self.until, self.id), context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.lock().sleepers.remove(&(self.until, self.id));
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_sleeper_wakes_at_its_moment_and_not_before() {
        let clock = ManualClock::new();
        let flag = Arc::new(Flag(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&flag));
        let mut context = Context::from_waker(&waker);
        let mut sleep = clock.sleep_until(clock.now().after(SECOND));

        assert!(sleep.as_mut().poll(&mut context).is_pending());
        clock.advance(SECOND - Duration::from_nanos(1));
        assert!(!flag.0.load(Ordering::Acquire));
        assert!(sleep.as_mut().poll(&mut context).is_pending());
        clock.advance(Duration::from_nanos(1));
        assert!(flag.0.load(Ordering::Acquire));
        assert!(sleep.as_mut().poll(&mut context).is_ready());
    }

    #[test]
    fn running_moves_both_clocks_to_the_last_wake_up() {
        let clock = ManualClock::new();
        let (start, wall) = (clock.now(), clock.wall());
        let sleep = |seconds| clock.sleep_until(start.after(SECOND * seconds));
        clock.run(join(sleep(5), sleep(3))).unwrap();
        assert_eq!(clock.now().since(start), SECOND * 5);
        assert_eq!(clock.wall() - wall, SECOND * 5);
    }

    #[test]
    fn a_dropped_sleeper_is_forgotten() {
        let clock = ManualClock::new();
        let mut sleep = clock.sleep_until(clock.now().after(SECOND));
        assert!((&mut sleep).now_or_never().is_none());
        assert!(clock.next_wake_up().is_some());
        drop(sleep);
        assert_eq!(clock.next_wake_up(), None);
    }

    #[test]
    fn a_future_that_cannot_end_is_found_out() {
        assert_eq!(ManualClock::new().run(std::future::pending::<()>()), Err(Stuck));
    }
}
