//! A quota by the window: a sum over what was taken in the last minute or day, or since its start.

use std::collections::VecDeque;

#[derive(Debug)]
pub(super) struct Window {
    quota: u64,
    span: u64,
    by_the_clock: bool,
    /// When it was taken, and how much counts.
    taken: VecDeque<(u64, u64)>,
    gone: u64,
    sum: u64,
}

impl Window {
    /// Full at the start.
    pub(super) fn new(quota: u64, span: u64, by_the_clock: bool) -> Self {
        Self { quota, span, by_the_clock, taken: VecDeque::new(), gone: 0, sum: 0 }
    }

    /// When something taken at `at` no longer counts.
    fn end(&self, at: u64) -> u64 {
        if self.by_the_clock { at - at % self.span + self.span } else { at + self.span }
    }

    fn forget(&mut self, now: u64) {
        while let Some(&(at, n)) = self.taken.front() {
            if now < self.end(at) {
                break;
            }
            self.taken.pop_front();
            self.gone += 1;
            self.sum -= n;
        }
    }

    pub(super) fn fits(&mut self, now: u64, n: u64) -> bool {
        self.forget(now);
        self.sum + n <= self.quota
    }

    pub(super) fn left(&mut self, now: u64) -> u64 {
        self.forget(now);
        self.quota.saturating_sub(self.sum)
    }

    pub(super) fn take(&mut self, now: u64, n: u64) -> u64 {
        self.forget(now);
        self.taken.push_back((now, n));
        self.sum += n;
        self.gone + self.taken.len() as u64 - 1
    }

    /// Less is corrected where it was taken, if that still counts; more counts from now on.
    pub(super) fn settle(&mut self, now: u64, entry: u64, reserved: u64, actual: u64) {
        self.forget(now);
        if actual > reserved {
            self.take(now, actual - reserved);
        } else if let Some(place) = entry.checked_sub(self.gone)
            && let Some((_, n)) = self.taken.get_mut(place as usize)
        {
            *n -= reserved - actual;
            self.sum -= reserved - actual;
        }
    }

    pub(super) fn earliest(&mut self, now: u64, n: u64) -> Option<u64> {
        self.forget(now);
        let mut sum = self.sum;
        let mut when = now;
        for &(at, taken) in &self.taken {
            if sum + n <= self.quota {
                break;
            }
            sum -= taken;
            when = self.end(at);
        }
        (sum + n <= self.quota).then_some(when)
    }
}
