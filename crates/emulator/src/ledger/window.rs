//! One limit over time: a list of timed charges or the level of a bucket, and what is left of the
//! quota at a moment.
//!
//! The list is kept short: charges that no longer count are taken off it, and their sum is carried
//! along. A property compares each window with the whole list counted anew at every step.

use std::collections::VecDeque;
use std::time::Duration;

use crate::quotas::Refill;

/// The charges against one limit. Times are counted from one fixed moment, a UTC midnight, and do
/// not go back.
#[derive(Debug)]
pub(super) struct Window {
    limit: u64,
    period: Duration,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// What the bucket holds, in units of one charge over one period's nanoseconds, at a time. It
    /// may be less than nothing.
    Bucket { level: i128, capacity: i128, at: Duration },
    /// The charges that count, oldest first, and their sum.
    List { charges: VecDeque<Charge>, sum: u128, calendar: bool },
}

#[derive(Debug)]
struct Charge {
    number: u64,
    at: Duration,
    amount: u64,
}

impl Window {
    /// A window with its whole quota left. `least` is the least that a bucket holds.
    pub(super) fn new(limit: u64, period: Duration, refill: Refill, least: u64) -> Self {
        let list = |calendar| Kind::List { charges: VecDeque::new(), sum: 0, calendar };
        let kind = match refill {
            Refill::Bucket(burst) => {
                let burst = if period > MINUTE { period } else { burst };
                // A burst is at most a day, so that the product has room.
                let capacity = i128::from(limit).saturating_mul(nanos(burst));
                let least = i128::from(least.min(limit)) * nanos(period);
                let capacity = capacity.max(least);
                Kind::Bucket { level: capacity, capacity, at: Duration::ZERO }
            }
            Refill::Sliding => list(false),
            Refill::Minute => list(true),
        };
        Self { limit, period, kind }
    }

    /// Whether a charge of `amount` fits at `now`.
    pub(super) fn fits(&mut self, now: Duration, amount: u64) -> bool {
        self.forget(now);
        if amount > self.limit {
            return false;
        }
        match &self.kind {
            Kind::Bucket { level, capacity, .. } => {
                *level >= (i128::from(amount) * nanos(self.period)).min(*capacity)
            }
            Kind::List { sum, .. } => sum + u128::from(amount) <= u128::from(self.limit),
        }
    }

    /// Charges `amount` at `now`, whether it fits or not. Numbers grow from charge to charge.
    pub(super) fn charge(&mut self, now: Duration, number: u64, amount: u64) {
        self.forget(now);
        match &mut self.kind {
            Kind::Bucket { level, .. } => *level -= i128::from(amount) * nanos(self.period),
            Kind::List { charges, sum, .. } => {
                charges.push_back(Charge { number, at: now, amount });
                *sum += u128::from(amount);
            }
        }
    }

    /// Changes a charge that was made before from `held` to `used`. A list changes it in its
    /// place, if it still counts; a bucket takes or gives the difference now, and what would not
    /// fit into it is lost.
    pub(super) fn settle(&mut self, now: Duration, number: u64, held: u64, used: u64) {
        self.forget(now);
        match &mut self.kind {
            Kind::Bucket { level, capacity, .. } => {
                let back = (i128::from(held) - i128::from(used)) * nanos(self.period);
                *level = (*level + back).min(*capacity);
            }
            Kind::List { charges, sum, .. } => {
                let place = charges.binary_search_by_key(&number, |charge| charge.number);
                if let Some(charge) = place.ok().and_then(|place| charges.get_mut(place)) {
                    *sum = *sum - u128::from(charge.amount) + u128::from(used);
                    charge.amount = used;
                }
            }
        }
    }

    /// How much of the quota counts as used at `now`; of a bucket what it lacks to be full.
    pub(super) fn used(&mut self, now: Duration) -> u64 {
        self.forget(now);
        let used = match &self.kind {
            Kind::Bucket { level, capacity, .. } => {
                (capacity - level + nanos(self.period) - 1) / nanos(self.period)
            }
            Kind::List { sum, .. } => i128::try_from(*sum).unwrap_or(i128::MAX),
        };
        u64::try_from(used).unwrap_or(u64::MAX)
    }

    /// Takes off the list what no longer counts, and fills the bucket up to `now`.
    fn forget(&mut self, now: Duration) {
        let period = self.period;
        match &mut self.kind {
            Kind::Bucket { level, capacity, at } => {
                let come = i128::from(self.limit).saturating_mul(nanos(now.saturating_sub(*at)));
                *level = level.saturating_add(come).min(*capacity);
                *at = now.max(*at);
            }
            Kind::List { charges, sum, calendar } => {
                let counts = |charge: &Charge| {
                    if *calendar {
                        charge.at.as_nanos() / period.as_nanos()
                            == now.as_nanos() / period.as_nanos()
                    } else {
                        now.saturating_sub(charge.at) < period
                    }
                };
                while let Some(charge) = charges.pop_front_if(|charge| !counts(charge)) {
                    *sum -= u128::from(charge.amount);
                }
            }
        }
    }
}

fn nanos(time: Duration) -> i128 {
    i128::try_from(time.as_nanos()).unwrap_or(i128::MAX)
}

pub(super) const MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
