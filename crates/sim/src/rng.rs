//! Chance from a seed: the same seed, the same numbers, on every machine.

use crate::math::ln;

/// A generator of numbers, by the method SplitMix64.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The numbers of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number drawn evenly from all of `u64`.
    pub const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number drawn evenly from 0 to 1, never 0.
    pub fn part(&mut self) -> f64 {
        ((self.draw() >> 11) as f64 + 1.0) / (1_u64 << 53) as f64
    }

    /// A number drawn from the normal distribution with mean 0 and deviation 1, by the polar method.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.part() - 1.0, 2.0 * self.part() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 && square > 0.0 {
                return x * (-2.0 * ln(square) / square).sqrt();
            }
        }
    }
}
