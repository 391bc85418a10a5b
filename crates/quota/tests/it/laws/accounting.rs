//! Laws of the charge rules.

use core::num::NonZeroU64;

use outcrop_quota::{Accounting, Charge, Requests, TokenCounts, Tokens};
use proptest::prelude::*;

use super::cases;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn on_demand_holds_max_tokens_and_burns_output(
        [input, cache_read, cache_write, output] in counts(),
        most in 0_u64..1 << 40,
        burndown in 1_u64..20,
    ) {
        let rules = Accounting::on_demand(NonZeroU64::new(burndown).unwrap());
        let used = token_counts([input, cache_read, cache_write, output]);
        let reserved = rules.reserve(TokenCounts { output: Tokens::new(most), ..used });
        let settled = rules.settle(used);
        prop_assert_eq!(reserved.tokens.get(), input + cache_read + cache_write + most);
        prop_assert_eq!(settled.tokens.get(), input + cache_write + burndown * output);
        prop_assert_eq!([reserved.requests, settled.requests], [Requests::new(1); 2]);
        // The settled charge is the larger one exactly when the answer burns more than was held
        // for it and for the cache.
        prop_assert_eq!(settled.tokens > reserved.tokens, burndown * output > most + cache_read);
    }

    #[test]
    fn provisioned_weighs_the_cache(
        [input, cache_read, cache_write, output] in counts(),
        most in 0_u64..1 << 40,
    ) {
        let rules = Accounting::Provisioned;
        let used = token_counts([input, cache_read, cache_write, output]);
        let reserved = rules.reserve(TokenCounts { output: Tokens::new(most), ..used });
        let settled = rules.settle(used);
        // A quarter more for writes and a tenth for reads, up to the next whole token.
        let hundredths = |output| 100 * (input + output) + 125 * cache_write + 10 * cache_read;
        prop_assert_eq!(reserved.tokens.get(), hundredths(most).div_ceil(100));
        prop_assert_eq!(settled.tokens.get(), hundredths(output).div_ceil(100));
        prop_assert!(output > most || settled.tokens <= reserved.tokens);
        prop_assert_eq!([settled.input, settled.output], [Tokens::ZERO; 2]);
    }

    #[test]
    fn mantle_counts_input_and_output_apart(
        [input, cache_read, cache_write, output] in counts(),
        most in 0_u64..1 << 40,
    ) {
        let rules = Accounting::Mantle;
        let used = token_counts([input, cache_read, cache_write, output]);
        let reserved = rules.reserve(TokenCounts { output: Tokens::new(most), ..used });
        let settled = rules.settle(used);
        let parts = |charge: Charge| [charge.tokens, charge.input, charge.output].map(Tokens::get);
        prop_assert_eq!(parts(reserved), [0, input + cache_write + most, 0]);
        prop_assert_eq!(parts(settled), [0, input + cache_write, output]);
    }

    #[test]
    fn holding_grows_with_the_output(
        [input, cache_read, cache_write, most] in counts(),
        burndown in 1_u64..20,
        outputs: [u32; 2],
    ) {
        let counts = token_counts([input, cache_read, cache_write, most]);
        let [less, more] = [outputs[0].min(outputs[1]), outputs[0].max(outputs[1])]
            .map(|output| Tokens::new(output.into()));
        let burndown = NonZeroU64::new(burndown).unwrap();
        for rules in [Accounting::on_demand(burndown), Accounting::Provisioned, Accounting::Mantle] {
            let hold = |output| rules.hold(counts, output);
            prop_assert_eq!(hold(Tokens::ZERO), rules.reserve(counts));
            prop_assert_eq!(hold(less).max(hold(more)), hold(more));
            // If the call ended here, it would owe no more than is held.
            let ended = rules.settle(TokenCounts { output: more, ..counts });
            prop_assert_eq!(ended.max(hold(more)), hold(more));
        }
    }

    #[test]
    fn unset_output_reserves_the_most(
        [input, cache_read, cache_write, output] in counts(),
        max_tokens in prop::option::of(0_u64..1 << 40),
        model in prop::option::of(0_u64..1 << 40),
    ) {
        let counts = token_counts([input, cache_read, cache_write, output]);
        let most = counts.with_most_output(max_tokens.map(Tokens::new), model.map(Tokens::new));
        let expected = match (max_tokens, model) {
            (Some(n), _) | (None, Some(n)) => n,
            (None, None) => 131_072,
        };
        prop_assert_eq!(most, TokenCounts { output: Tokens::new(expected), ..counts });
    }

    #[test]
    fn charges_saturate(input: u64, output: u64, burndown in 1_u64..) {
        let rules = Accounting::on_demand(NonZeroU64::new(burndown).unwrap());
        let counts = TokenCounts {
            input: Tokens::new(input),
            output: Tokens::new(output),
            ..TokenCounts::default()
        };
        let [input, output, burndown] = [input, output, burndown].map(u128::from);
        let most = u128::from(u64::MAX);
        let [reserved, settled] = [rules.reserve(counts), rules.settle(counts)];
        prop_assert_eq!(u128::from(reserved.tokens.get()), (input + output).min(most));
        let burnt = output.saturating_mul(burndown);
        prop_assert_eq!(u128::from(settled.tokens.get()), input.saturating_add(burnt).min(most));
    }
}

fn token_counts(counts: [u64; 4]) -> TokenCounts {
    let [input, cache_read, cache_write, output] = counts.map(Tokens::new);
    TokenCounts { input, cache_read, cache_write, output }
}

fn counts() -> impl Strategy<Value = [u64; 4]> {
    let count = || prop_oneof![Just(0), 0_u64..10_000, 0_u64..1 << 40];
    [count(), count(), count(), count()]
}
