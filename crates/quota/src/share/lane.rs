//! The jobs of one priority of one tenant, in the order in which they came.

use alloc::collections::VecDeque;

use super::Job;

/// A queue from whose middle jobs can be taken back.
///
/// One that is taken back leaves a gap. The first place is never a gap, and there are never more gaps
/// than jobs, so that a step takes no longer for them in the long run.
#[derive(Clone, Debug)]
pub(super) struct Lane<T> {
    /// By their numbers, which rise.
    places: VecDeque<(u64, Option<Entry<T>>)>,
    gaps: usize,
    /// What the jobs cost together.
    cost: u128,
}

#[derive(Clone, Debug)]
pub(super) struct Entry<T> {
    pub(super) job: Job,
    pub(super) item: T,
}

impl<T> Lane<T> {
    pub(super) const EMPTY: Self = Self { places: VecDeque::new(), gaps: 0, cost: 0 };

    pub(super) const fn cost(&self) -> u128 {
        self.cost
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Queues a job under a number larger than all before.
    pub(super) fn push(&mut self, number: u64, entry: Entry<T>) {
        self.cost = self.cost.saturating_add(entry.job.cost.get().into());
        self.places.push_back((number, Some(entry)));
    }

    /// The first job and its number.
    pub(super) fn first(&self) -> Option<(u64, &Entry<T>)> {
        let (number, entry) = self.places.front()?;
        Some((*number, entry.as_ref()?))
    }

    pub(super) fn pop(&mut self) -> Option<Entry<T>> {
        let (_, entry) = self.places.pop_front()?;
        self.without(entry)
    }

    pub(super) fn get(&self, number: u64) -> Option<&T> {
        let (_, entry) = self.places.get(self.place(number)?)?;
        entry.as_ref().map(|entry| &entry.item)
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let place = self.place(number)?;
        let (_, entry) = self.places.get_mut(place)?;
        entry.as_mut().map(|entry| &mut entry.item)
    }

    /// Takes back the job of this number.
    pub(super) fn remove(&mut self, number: u64) -> Option<Entry<T>> {
        let place = self.place(number)?;
        let (_, entry) = self.places.get_mut(place)?;
        let entry = entry.take()?;
        self.gaps += 1;
        self.without(Some(entry))
    }

    fn place(&self, number: u64) -> Option<usize> {
        self.places.binary_search_by_key(&number, |(number, _)| *number).ok()
    }

    /// Brings order back after `entry` has been taken out.
    fn without(&mut self, entry: Option<Entry<T>>) -> Option<Entry<T>> {
        if self.gaps > self.places.len() / 2 {
            self.places.retain(|(_, entry)| entry.is_some());
            self.gaps = 0;
        }
        while let Some((_, None)) = self.places.front() {
            self.places.pop_front();
            self.gaps -= 1;
        }
        let entry = entry?;
        self.cost = self.cost.saturating_sub(entry.job.cost.get().into());
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use core::num::NonZeroU32;

    use proptest::prelude::*;

    use super::*;
    use crate::{Share, Tokens};

    proptest! {
        #[test]
        fn lane_agrees_with_an_ordered_map(steps in prop::collection::vec(any::<(u8, u64)>(), 0..200)) {
            let tenant = Share::<()>::of_order().add_tenant(NonZeroU32::MIN);
            let (mut lane, mut map) = (Lane::EMPTY, BTreeMap::new());
            for (number, (step, which)) in (0..).zip(steps) {
                match step % 8 {
                    0..4 => {
                        let job = Job::new(tenant, Tokens::new(which % 1_000));
                        lane.push(number, Entry { job, item: which });
                        map.insert(number, (job, which));
                    }
                    4..7 => {
                        let number = which % (number + 1);
                        let removed = lane.remove(number).map(|entry| (entry.job, entry.item));
                        prop_assert_eq!(removed, map.remove(&number));
                    }
                    _ => {
                        let popped = lane.pop().map(|entry| (entry.job, entry.item));
                        prop_assert_eq!(popped, map.pop_first().map(|(_, entry)| entry));
                    }
                }
                let first = lane.first().map(|(number, entry)| (number, entry.item));
                prop_assert_eq!(first, map.first_key_value().map(|(number, (_, item))| (*number, *item)));
                let number = which % (number + 1);
                prop_assert_eq!(lane.get(number), map.get(&number).map(|(_, item)| item));
                prop_assert_eq!(lane.get(number).copied(), lane.get_mut(number).copied());
                prop_assert_eq!(lane.cost(), map.values().map(|(job, _)| u128::from(job.cost.get())).sum());
                prop_assert_eq!(lane.is_empty(), map.is_empty());
                prop_assert!(lane.places.len() <= 2 * map.len());
            }
        }
    }
}
