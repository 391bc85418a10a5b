//! A quantile of numbers seen one by one, in little memory and never too low.

/// Remembers roughly how numbers are spread, and answers quantiles from above.
///
/// Numbers are counted in bins whose width is at most a sixteenth of the number; from 2³² on there
/// is one bin. When a bin is full, all counts are halved, so that what was long ago weighs less and
/// less.
///
/// # Examples
///
/// ```
/// use outcrop_quota::Quantile;
///
/// let mut lengths = Quantile::new();
/// assert_eq!(lengths.at(990), None);
/// for length in 1..=1_000 {
///     lengths.observe(length);
/// }
/// let most = lengths.at(990).unwrap();
/// assert!((990..=990 + 990 / 16).contains(&most));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantile {
    bins: [u16; BINS],
    count: u32,
}

impl Quantile {
    /// Nothing seen.
    pub const fn new() -> Self {
        Self { bins: [0; BINS], count: 0 }
    }

    /// How many numbers count at present; halving makes them fewer.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Takes notice of a number.
    pub fn observe(&mut self, number: u64) {
        let Some(bin) = self.bins.get_mut(bin_of(number)) else { return };
        *bin += 1;
        self.count += 1;
        if *bin == u16::MAX {
            for bin in &mut self.bins {
                *bin /= 2;
            }
            self.count = self.bins.iter().map(|bin| u32::from(*bin)).sum();
        }
    }

    /// A number that at least `per_mille` thousandths of those seen do not exceed, and not much more
    /// than the smallest such number. `None` if none were seen.
    pub fn at(&self, per_mille: u16) -> Option<u64> {
        let wanted = (u64::from(self.count) * u64::from(per_mille.min(1_000))).div_ceil(1_000);
        let mut seen = 0;
        for (number, bin) in self.bins.iter().enumerate() {
            seen += u64::from(*bin);
            if *bin > 0 && seen >= wanted {
                return Some(top_of(number));
            }
        }
        None
    }
}

impl Default for Quantile {
    fn default() -> Self {
        Self::new()
    }
}

/// Every power of two has as many bins; numbers below have one each.
fn bin_of(number: u64) -> usize {
    let place = if number < PER_OCTAVE {
        number
    } else {
        let octave = u64::from(number.ilog2() - OCTAVE_BITS);
        octave * PER_OCTAVE + (number >> octave)
    };
    usize::try_from(place).unwrap_or(BINS).min(BINS - 1)
}

/// The largest number of a bin.
fn top_of(bin: usize) -> u64 {
    let bin = u64::try_from(bin).unwrap_or(u64::MAX);
    if bin + 1 >= BINS as u64 {
        return u64::MAX;
    }
    match (bin / PER_OCTAVE).checked_sub(1) {
        None => bin,
        Some(octave) => ((bin % PER_OCTAVE + PER_OCTAVE + 1) << octave) - 1,
    }
}

const OCTAVE_BITS: u32 = 4;
const PER_OCTAVE: u64 = 1 << OCTAVE_BITS;
/// One more for everything from 2³² on.
const BINS: usize = ((32 - OCTAVE_BITS as usize + 1) << OCTAVE_BITS) + 1;
