//! Identifiers that differ from one another and, by the seed, from those of an earlier run.

use std::sync::atomic::{AtomicU64, Ordering};

/// A source of identifiers, shared by all calls.
#[derive(Debug)]
pub(crate) struct Ids {
    seed: u64,
    drawn: AtomicU64,
}

impl Ids {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }

    /// The next number; each is drawn once.
    pub(crate) fn draw(&self) -> u64 {
        let n = self.drawn.fetch_add(1, Ordering::Relaxed);
        mix(self.seed.wrapping_add(n.wrapping_mul(STEP)))
    }

    /// Eight, four, four, four and twelve hexadecimal digits, as request ids are written.
    pub(crate) fn uuid(&self) -> String {
        let (high, low) = (self.draw(), self.draw());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }

    /// `length` lower-case letters and digits.
    pub(crate) fn word(&self, length: usize) -> String {
        let mut word = String::with_capacity(length);
        while word.len() < length {
            let mut number = self.draw();
            for _ in 0..12 {
                if word.len() < length {
                    let digit = u32::try_from(number % 36).unwrap_or(0);
                    word.extend(char::from_digit(digit, 36));
                    number /= 36;
                }
            }
        }
        word
    }
}

/// One step of the SplitMix64 generator: a one-to-one scrambling of 64 bits.
pub(crate) const fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(STEP);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_id_is_given_twice() {
        let ids = Ids::new(7);
        let words: HashSet<String> = (0..10_000).map(|_| ids.word(12)).collect();
        assert_eq!(words.len(), 10_000);
        assert!(
            words.iter().all(|w| w.len() == 12 && w.bytes().all(|b| b.is_ascii_alphanumeric()))
        );
    }

    #[test]
    fn request_ids_look_like_version_4_uuids() {
        let id = Ids::new(1).uuid();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(matches!(id.as_bytes()[19], b'8'..=b'9' | b'a'..=b'b'));
    }

    #[test]
    fn another_seed_gives_other_ids() {
        assert_ne!(Ids::new(1).word(12), Ids::new(2).word(12));
    }
}
