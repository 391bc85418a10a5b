//! A number for each record id, in at most 24 bytes a record.
//!
//! The id itself is not kept, only 80 bits of a keyed hash of it: two of a million ids share them
//! with a probability of 10⁻¹², and nobody who does not know the key can make two that do.

use siphasher::sip128::SipHasher13;
use transport::rt::Entropy;

/// Ids that were seen, each with a number that was given to it.
///
/// It takes at most 24 bytes a record once there are a thousand, growth included. So it is made of
/// shards that grow one at a time and by small steps: the old and the new copy of a shard are never
/// more than a fraction of the whole.
#[derive(Debug)]
pub(crate) struct IdTable {
    hasher: SipHasher13,
    shards: [Shard; SHARDS],
}

/// Open addressing with linear probing. A slot is 80 bits of hash over 48 bits of number plus one;
/// an empty one is zero.
#[derive(Debug, Default)]
struct Shard {
    slots: Box<[u128]>,
    used: usize,
}

impl IdTable {
    /// The greatest number that can be kept.
    pub(crate) const MAX: u64 = NUMBER as u64 - 1;

    /// An empty table with a key of its own.
    pub(crate) fn new(entropy: &dyn Entropy) -> Self {
        Self {
            hasher: SipHasher13::new_with_keys(entropy.draw(), entropy.draw()),
            shards: Default::default(),
        }
    }

    /// Keeps `number`, at most [`MAX`](Self::MAX), for an id.
    ///
    /// # Errors
    ///
    /// The number that the id has already; it stays.
    pub(crate) fn insert(&mut self, id: &str, number: u64) -> Result<(), u64> {
        let number = number.min(Self::MAX);
        let hash = self.hash(id);
        match self.shards.get_mut(shard_of(hash)) {
            Some(shard) => shard.insert(hash | (u128::from(number) + 1)),
            None => Ok(()),
        }
    }

    /// The number of an id.
    pub(crate) fn get(&self, id: &str) -> Option<u64> {
        let hash = self.hash(id);
        let shard = self.shards.get(shard_of(hash))?;
        shard.find(hash).ok()
    }

    /// How many ids there are.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.used).sum()
    }

    /// The hash of an id, without its lowest 48 bits.
    fn hash(&self, id: &str) -> u128 {
        self.hasher.hash(id.as_bytes()).as_u128() & !NUMBER
    }
}

impl Shard {
    fn insert(&mut self, slot: u128) -> Result<(), u64> {
        if let Ok(number) = self.find(slot) {
            return Err(number);
        }
        if (self.used + 1) * 8 > self.slots.len() * 7 {
            self.grow();
        }
        self.put(slot);
        Ok(())
    }

    /// The number under the hash of `slot`, or the empty place where `slot` belongs, if there is one.
    fn find(&self, slot: u128) -> Result<u64, Option<usize>> {
        for place in self.places(slot) {
            match self.slots.get(place) {
                Some(0) => return Err(Some(place)),
                Some(own) if own & !NUMBER == slot & !NUMBER => {
                    return Ok(u64::try_from(own & NUMBER).unwrap_or(0) - 1);
                }
                _ => {}
            }
        }
        Err(None)
    }

    /// Puts a slot whose hash is not there yet.
    fn put(&mut self, slot: u128) {
        if let Err(Some(place)) = self.find(slot)
            && let Some(empty) = self.slots.get_mut(place)
        {
            *empty = slot;
            self.used += 1;
        }
    }

    fn grow(&mut self) {
        let size = ((self.used + 1) * 21).div_ceil(16);
        let old = std::mem::replace(&mut self.slots, vec![0; size].into_boxed_slice());
        self.used = 0;
        for slot in old.into_iter().filter(|slot| *slot != 0) {
            self.put(slot);
        }
    }

    /// Every place, beginning with the one that the hash points to.
    fn places(&self, slot: u128) -> impl Iterator<Item = usize> + use<> {
        let size = self.slots.len();
        // The upper 64 bits, scaled to the size, which they do not reach.
        let first = ((slot >> 64) * size as u128) >> 64;
        let first = usize::try_from(first).unwrap_or(0);
        (first..size).chain(0..first)
    }
}

/// Chosen by bits that do not choose the place.
fn shard_of(hash: u128) -> usize {
    usize::try_from((hash >> 48) % SHARDS as u128).unwrap_or(0)
}

const SHARDS: usize = 32;

/// The bits of a slot that hold its number plus one.
const NUMBER: u128 = (1 << 48) - 1;

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use transport::testing::{FixedEntropy, SeededEntropy};

    use super::*;

    impl IdTable {
        /// What the table takes now, and what it would take while the largest shard grows.
        fn bytes(&self) -> (usize, usize) {
            let slots = |shard: &Shard| shard.slots.len() * size_of::<u128>();
            let now = size_of::<Self>() + self.shards.iter().map(slots).sum::<usize>();
            let copy = self.shards.iter().map(|shard| shard.used + 1).max().unwrap_or(0);
            (now, now + (copy * 21).div_ceil(16) * size_of::<u128>())
        }
    }

    fn table() -> IdTable {
        IdTable::new(&SeededEntropy::new(11))
    }

    #[test]
    fn at_most_24_bytes_a_record_from_a_thousand_records_on_growth_included() {
        let mut table = table();
        for record in 1..=200_000_usize {
            table.insert(&format!("record-{record}"), record as u64).unwrap();
            let (_, growing) = table.bytes();
            assert!(record < 1000 || growing <= 24 * record, "{growing} bytes for {record}");
        }
        assert_eq!(table.len(), 200_000);
    }

    #[test]
    fn a_number_at_the_upper_end_is_kept() {
        let mut table = table();
        table.insert("a", IdTable::MAX).unwrap();
        assert_eq!(table.get("a"), Some(IdTable::MAX));
        assert_eq!(table.insert("a", 0), Err(IdTable::MAX));
    }

    #[test]
    fn the_key_decides_the_hash() {
        let hashes = |seed| IdTable::new(&FixedEntropy::new(seed)).hash("a");
        assert_eq!(hashes(1), hashes(1));
        assert_ne!(hashes(1), hashes(2));
    }

    // All hashes in one shard and at its end, so that every probe wraps around.
    #[test]
    fn a_crowded_end_of_a_shard_wraps_around() {
        let mut shard = Shard::default();
        let slot = |n: u128| (u128::MAX << 64) | (n << 48) | (n + 1);
        for n in 0..100 {
            assert_eq!(shard.insert(slot(n)), Ok(()));
        }
        for n in 0..100 {
            assert_eq!(shard.find(slot(n) & !NUMBER), Ok(n as u64));
            assert_eq!(shard.insert(slot(n)), Err(n as u64));
        }
        assert!(shard.find(slot(100)).is_err());
    }

    proptest! {
        #[test]
        fn it_is_a_map_whose_first_entry_stays(
            ids in proptest::collection::vec("[a-c]{0,5}", 0..400),
        ) {
            let (mut table, mut oracle) = (table(), HashMap::new());
            for (number, id) in (0_u64..).zip(&ids) {
                let before = oracle.get(id).copied();
                oracle.entry(id.clone()).or_insert(number);
                prop_assert_eq!(table.insert(id, number), before.map_or(Ok(()), Err));
            }
            prop_assert_eq!(table.len(), oracle.len());
            for (id, number) in &oracle {
                prop_assert_eq!(table.get(id), Some(*number));
            }
            prop_assert_eq!(table.get("somebody else"), None);
        }
    }
}
