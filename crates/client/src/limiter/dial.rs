//! The limiter's own count of time: that of the clock, turned so that minutes and days begin with
//! those of the wall clock, in UTC.

use quota::{Span, Tick};
use transport::rt::{Clock, Moment};

/// Turns moments into ticks and back.
///
/// A service that counts by the minute, or the day, does so by the wall clock, which may jump; so
/// the limiter looks at it once, and counts on by the clock that does not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dial {
    ahead: u64,
}

impl Dial {
    pub(super) fn new(clock: &dyn Clock) -> Self {
        let day = u128::from(Span::DAY.as_nanos());
        let [wall, own] = [clock.wall().as_nanos(), clock.now().as_nanos().into()];
        let ahead = (wall % day + day - own % day) % day;
        Self { ahead: u64::try_from(ahead).unwrap_or_default() }
    }

    pub(super) const fn tick(self, moment: Moment) -> Tick {
        Tick::from_nanos(moment.as_nanos().saturating_add(self.ahead))
    }

    /// The moment of a tick; the last one for the end of time.
    pub(super) fn moment(self, tick: Tick) -> Moment {
        if tick == Tick::MAX {
            return Moment::from_nanos(u64::MAX);
        }
        Moment::from_nanos(tick.as_nanos().saturating_sub(self.ahead))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use transport::testing::ManualClock;

    use super::*;

    #[test]
    fn minutes_and_days_begin_with_those_of_the_wall_clock() {
        let clock = ManualClock::at(Duration::from_millis(1_700_000_000_250));
        clock.advance(Duration::from_secs(7));
        let dial = Dial::new(&clock);
        let day = u128::from(Span::DAY.as_nanos());
        let tick = dial.tick(clock.now());
        assert_eq!(u128::from(tick.as_nanos()) % day, clock.wall().as_nanos() % day);
        assert_eq!(dial.moment(tick), clock.now());
        assert_eq!(dial.moment(Tick::MAX), Moment::from_nanos(u64::MAX));
    }
}
