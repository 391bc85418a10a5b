//! Laws of learned estimates.

use outcrop_quota::{Estimate, Quantile, Tokens};
use proptest::prelude::*;

use super::cases;
use crate::strategies;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn quantile_is_covered_and_close(
        numbers in prop::collection::vec(number(), 1..200),
        per_mille in 0_u16..=1_000,
    ) {
        let mut quantile = Quantile::new();
        for number in &numbers {
            quantile.observe(*number);
        }
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        let answer = quantile.at(per_mille).unwrap();
        let wanted = (sorted.len() * usize::from(per_mille)).div_ceil(1_000);
        let covered = sorted.iter().filter(|number| **number <= answer).count();
        prop_assert!(covered >= wanted, "{covered} of {wanted} are within {answer}");
        let exact = sorted[wanted.max(1) - 1];
        prop_assert!(answer >= exact);
        if exact < 1 << 32 {
            prop_assert!(answer - exact <= exact / 16, "{answer} for {exact}");
        }
    }

    #[test]
    fn old_numbers_are_forgotten(old in number(), new in 0_u64..1_000) {
        let mut quantile = Quantile::new();
        for _ in 0..1_000 {
            quantile.observe(old);
        }
        for _ in 0..200_000 {
            quantile.observe(new);
        }
        prop_assert!(quantile.count() < 2 * u32::from(u16::MAX));
        let answer = quantile.at(995).unwrap();
        prop_assert!((new..=new + new / 16).contains(&answer), "{answer} for {new}");
    }

    #[test]
    fn estimate_covers_what_it_has_learned(
        calls in prop::collection::vec((1_u64..1 << 20, 1_u64..400), 32..120),
        per_mille in 500_u16..1_000,
    ) {
        let three = strategies::non_zero(3);
        let mut estimate = Estimate::new(1, three, per_mille);
        let calls: Vec<_> = calls.into_iter().map(|(bytes, per)| (bytes, bytes * per / 1_000)).collect();
        for (bytes, tokens) in &calls {
            estimate.learn(*bytes, Tokens::new(*tokens));
        }
        let covered = calls.iter().filter(|(bytes, tokens)| estimate.tokens(*bytes).get() >= *tokens);
        let wanted = (calls.len() * usize::from(per_mille)).div_ceil(1_000);
        let covered = covered.count();
        prop_assert!(covered >= wanted, "{covered} of {}, not {wanted}", calls.len());
    }

    #[test]
    fn estimate_is_the_first_guess_until_it_is_trusted(
        bytes: u64,
        guess in (0_u64..1 << 20, 1_u64..1 << 20),
        calls in prop::collection::vec((any::<u64>(), any::<u64>()), 0..31),
    ) {
        let mut estimate = Estimate::new(guess.0, strategies::non_zero(guess.1), 950);
        for (bytes, tokens) in calls {
            estimate.learn(bytes, Tokens::new(tokens));
        }
        prop_assert!(estimate.learned() < Estimate::TRUSTED);
        let exact = (u128::from(bytes) * u128::from(guess.0)).div_ceil(guess.1.into());
        let expected = if bytes == 0 { 0 } else { exact.clamp(1, u64::MAX.into()) };
        prop_assert_eq!(u128::from(estimate.tokens(bytes).get()), expected);
    }

    #[test]
    fn more_bytes_are_never_fewer_tokens(
        calls in prop::collection::vec((any::<u64>(), any::<u64>()), 0..100),
        bytes: [u64; 2],
    ) {
        let mut estimate = Estimate::default();
        for (bytes, tokens) in calls {
            estimate.learn(bytes, Tokens::new(tokens));
        }
        let [less, more] = [bytes[0].min(bytes[1]), bytes[0].max(bytes[1])];
        prop_assert!(estimate.tokens(less) <= estimate.tokens(more));
        prop_assert_eq!(estimate.tokens(0), Tokens::ZERO);
        prop_assert!(estimate.tokens(more.max(1)) >= Tokens::new(1));
    }
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..40, strategies::magnitude(32), strategies::magnitude(64)]
}
