//! Chance that repeats.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::rt::Entropy;

/// Numbers that look drawn and are the same in every run: SplitMix64 from a seed.
///
/// ```
/// use outcrop_transport::rt::Entropy;
/// use outcrop_transport::testing::SeededEntropy;
///
/// let (one, other) = (SeededEntropy::new(7), SeededEntropy::new(7));
/// assert_eq!([one.draw(), one.draw()], [other.draw(), other.draw()]);
/// ```
#[derive(Debug)]
pub struct SeededEntropy {
    state: AtomicU64,
}

impl SeededEntropy {
    /// The sequence that belongs to this seed.
    pub const fn new(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed) }
    }
}

impl Entropy for SeededEntropy {
    fn draw(&self) -> u64 {
        let state = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// One and the same number, whenever it is asked: the ends of a range of jitter are `0` and `u64::MAX`.
#[derive(Clone, Copy, Debug)]
pub struct FixedEntropy(u64);

impl FixedEntropy {
    /// Always this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }
}

impl Entropy for FixedEntropy {
    fn draw(&self) -> u64 {
        self.0
    }
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    // The first outputs of the published generator for the seed 1234567.
    #[test]
    fn the_sequence_is_splitmix64() {
        let entropy = SeededEntropy::new(1_234_567);
        assert_eq!(entropy.draw(), 6_457_827_717_110_365_317);
        assert_eq!(entropy.draw(), 3_203_168_211_198_807_973);
    }
}
