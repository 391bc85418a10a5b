//! How many tokens a text will take, guessed from its bytes and learned from settlements.

use core::num::NonZeroU64;

use crate::{Quantile, Tokens};

/// Guesses the tokens of a text from its length in bytes, for one model, without a tokenizer.
///
/// It starts from a rate that is known to be dense enough, and learns from every settled call how
/// many tokens the model really made of its bytes. From 32 calls on, the guess is the rate that
/// covers 95 % of them, so that it is rather too high than too low.
///
/// # Examples
///
/// ```
/// use outcrop_quota::{Estimate, Tokens};
///
/// let mut estimate = Estimate::default();
/// assert_eq!(estimate.tokens(3_000), Tokens::new(1_000));
/// // This model makes a token of every five bytes.
/// for _ in 0..100 {
///     estimate.learn(5_000, Tokens::new(1_000));
/// }
/// let guess = estimate.tokens(5_000).get();
/// assert!((1_000..1_070).contains(&guess));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Tokens for so many bytes.
    first: (u64, NonZeroU64),
    per_mille: u16,
    /// Of tokens in [`SAMPLE`] bytes.
    seen: Quantile,
}

impl Estimate {
    /// The calls from which on it trusts what it has learned.
    pub const TRUSTED: u32 = 32;

    /// Guesses `tokens` for `bytes` until it has learned better, and then covers `per_mille`
    /// thousandths of the calls.
    pub const fn new(tokens: u64, bytes: NonZeroU64, per_mille: u16) -> Self {
        Self { first: (tokens, bytes), per_mille, seen: Quantile::new() }
    }

    /// The tokens that a text of so many bytes will hardly exceed: 0 for 0 bytes, else at least 1,
    /// at most [`Tokens::MAX`].
    pub fn tokens(&self, bytes: u64) -> Tokens {
        if bytes == 0 {
            return Tokens::ZERO;
        }
        let learned = Some(self.seen.count()).filter(|count| *count >= Self::TRUSTED);
        let rate = learned.and_then(|_| self.seen.at(self.per_mille));
        let (tokens, per) = match rate {
            Some(rate) => (rate, SAMPLE),
            None => (self.first.0, self.first.1.get()),
        };
        let tokens = (u128::from(bytes) * u128::from(tokens)).div_ceil(per.into());
        Tokens::new(u64::try_from(tokens).unwrap_or(u64::MAX).max(1))
    }

    /// A settled call had so many bytes of input, and the service counted so many tokens.
    ///
    /// Tell it the whole input, with what was read from a cache or written to one. A call without
    /// bytes teaches nothing.
    pub fn learn(&mut self, bytes: u64, tokens: Tokens) {
        if bytes > 0 {
            let rate = (u128::from(tokens.get()) * u128::from(SAMPLE)).div_ceil(bytes.into());
            self.seen.observe(u64::try_from(rate).unwrap_or(u64::MAX));
        }
    }

    /// How many calls it has learned from, of which the early ones are forgotten in the end.
    pub const fn learned(&self) -> u32 {
        self.seen.count()
    }
}

impl Default for Estimate {
    /// A token for three bytes, the densest that was measured on plain text, and 95 % covered.
    fn default() -> Self {
        Self::new(1, NonZeroU64::MIN.saturating_add(2), 950)
    }
}

/// The bytes to which rates are scaled, so that they are whole numbers of some size.
const SAMPLE: u64 = 1 << 12;
