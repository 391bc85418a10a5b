//! Start-time fair queueing over numbered flows: who is next, by what each has had.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// A virtual clock and, for every flow, where on it the flow's next job starts.
///
/// A job of cost `c` moves its flow's tag on by `c / weight`; the flow with the lowest tag is next.
/// A flow that comes back from idleness starts at the present, and so has saved up nothing; nor does
/// it owe anything that is past.
#[derive(Clone, Debug)]
pub(super) struct Fair {
    flows: Vec<Flow>,
    /// The start tags of those that have something waiting.
    ready: BTreeSet<(u128, usize)>,
    /// The start tag of the latest job served.
    present: u128,
}

#[derive(Clone, Debug)]
struct Flow {
    weight: NonZeroU32,
    /// Where the latest job of the flow ended.
    finish: u128,
    /// Where the clock stood when the flow last came back from idleness.
    since: u128,
    /// Where its next job starts, if it has one.
    start: Option<u128>,
}

impl Fair {
    pub(super) const EMPTY: Self = Self { flows: Vec::new(), ready: BTreeSet::new(), present: 0 };

    pub(super) fn add(&mut self, weight: NonZeroU32) -> usize {
        self.flows.push(Flow { weight, finish: 0, since: 0, start: None });
        self.flows.len() - 1
    }

    pub(super) fn weight(&self, flow: usize) -> Option<NonZeroU32> {
        self.flows.get(flow).map(|flow| flow.weight)
    }

    pub(super) fn weights(&self) -> u64 {
        self.flows.iter().map(|flow| u64::from(flow.weight.get())).sum()
    }

    /// The flow whose turn it is.
    pub(super) fn first(&self) -> Option<usize> {
        self.ready.first().map(|(_, flow)| *flow)
    }

    /// The flow has something waiting. Does nothing if it had before.
    pub(super) fn wake(&mut self, number: usize) {
        if let Some(flow) = self.flows.get_mut(number)
            && flow.start.is_none()
        {
            flow.since = self.present;
            self.ready.insert((flow.begin(), number));
        }
    }

    /// The flow has nothing waiting any more, without having been served.
    pub(super) fn rest(&mut self, number: usize) {
        if let Some(flow) = self.flows.get_mut(number)
            && let Some(start) = flow.start.take()
        {
            self.ready.remove(&(start, number));
        }
    }

    /// A job of this cost has been taken from the flow, which may have more.
    pub(super) fn serve(&mut self, number: usize, cost: u64, has_more: bool) {
        if let Some(flow) = self.flows.get_mut(number)
            && let Some(start) = flow.start.take()
        {
            self.ready.remove(&(start, number));
            self.present = self.present.max(start);
            flow.finish = start.saturating_add(flow.length(cost));
            if has_more {
                self.ready.insert((flow.begin(), number));
            }
        }
    }

    /// A job that was served at `estimated` has cost `actual`.
    pub(super) fn correct(&mut self, number: usize, estimated: u64, actual: u64) {
        let Some(flow) = self.flows.get_mut(number) else { return };
        let (before, after) = (flow.length(estimated), flow.length(actual));
        let less = flow.finish.saturating_sub(before.saturating_sub(after));
        flow.finish = less.saturating_add(after.saturating_sub(before));
        if let Some(start) = flow.start {
            self.ready.remove(&(start, number));
            self.ready.insert((flow.begin(), number));
        }
    }
}

impl Flow {
    /// Where its next job starts, which waits from now on.
    fn begin(&mut self) -> u128 {
        *self.start.insert(self.finish.max(self.since))
    }

    /// How far a job of this cost moves the flow.
    fn length(&self, cost: u64) -> u128 {
        // In two steps, since a division of 128 bits is slow.
        let weight = u64::from(self.weight.get());
        let part = ((cost % weight) << TAG_BITS).div_ceil(weight);
        (u128::from(cost / weight) << TAG_BITS) + u128::from(part)
    }
}

/// Tags are in 2⁻³² tokens for a weight of one: so fine that rounding never adds up to a token.
const TAG_BITS: u32 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_the_quotient_rounded_up() {
        for weight in [1, 2, 3, 7, 16, 1_000_003, u32::MAX] {
            let flow =
                Flow { weight: weight.try_into().unwrap(), finish: 0, since: 0, start: None };
            for cost in [0, 1, 5, 6, 1_999, u64::from(weight), u64::MAX / 3, u64::MAX] {
                let exact = (u128::from(cost) << TAG_BITS).div_ceil(weight.into());
                assert_eq!(flow.length(cost), exact, "{cost} / {weight}");
            }
        }
    }
}
