//! What was charged within the last minute, to tell whose a throttle was.

use std::collections::VecDeque;

use quota::Tick;

/// Net charges of the last sixty seconds, to the second.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// The second, and what was charged in it less what was given back in it.
    seconds: VecDeque<(u64, i128)>,
    sum: i128,
}

impl Recent {
    pub(super) fn charge(&mut self, now: Tick, n: u64) {
        self.add(now, n.into());
    }

    pub(super) fn give_back(&mut self, now: Tick, n: u64) {
        self.add(now, -i128::from(n));
    }

    /// The part of `quota` that was used, in thousandths rounded down.
    pub(super) fn used(&mut self, now: Tick, quota: u64) -> u32 {
        self.forget(second(now));
        let used = self.sum.max(0).saturating_mul(1_000) / i128::from(quota.max(1));
        u32::try_from(used).unwrap_or(u32::MAX)
    }

    fn add(&mut self, now: Tick, n: i128) {
        let second = second(now);
        self.forget(second);
        self.sum = self.sum.saturating_add(n);
        match self.seconds.back_mut() {
            // A clock that goes back counts as the latest second.
            Some((latest, sum)) if *latest >= second => *sum = sum.saturating_add(n),
            _ => self.seconds.push_back((second, n)),
        }
    }

    fn forget(&mut self, second: u64) {
        while let Some((first, n)) = self.seconds.front()
            && first + MINUTE <= second
        {
            self.sum = self.sum.saturating_sub(*n);
            self.seconds.pop_front();
        }
    }
}

fn second(now: Tick) -> u64 {
    now.as_nanos() / 1_000_000_000
}

const MINUTE: u64 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Tick {
        Tick::from_nanos(second * 1_000_000_000)
    }

    #[test]
    fn charges_count_for_a_minute() {
        let mut recent = Recent::default();
        recent.charge(at(0), 300);
        recent.charge(at(30), 200);
        recent.give_back(at(31), 100);
        assert_eq!(recent.used(at(59), 1_000), 400);
        assert_eq!(recent.used(at(60), 1_000), 100);
        assert_eq!(recent.used(at(91), 1_000), 0);
    }
}
