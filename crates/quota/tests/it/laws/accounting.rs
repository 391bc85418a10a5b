//! Laws of the charge rules.

use core::num::NonZeroU64;

use outcrop_quota::{Accounting, Requests, TokenCounts, Tokens};
use proptest::prelude::*;

use super::cases;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn on_demand_holds_max_tokens_and_burns_output(
        [input, cache_read, cache_write, output] in counts(),
        most in 0_u64..1 << 40,
        burn_down in 1_u64..20,
    ) {
        let rules = Accounting::on_demand(NonZeroU64::new(burn_down).unwrap());
        let used = TokenCounts {
            input: Tokens::new(input),
            cache_read: Tokens::new(cache_read),
            cache_write: Tokens::new(cache_write),
            output: Tokens::new(output),
        };
        let reserved = rules.reserve(TokenCounts { output: Tokens::new(most), ..used });
        let settled = rules.settle(used);
        prop_assert_eq!(reserved.tokens.get(), input + cache_read + cache_write + most);
        prop_assert_eq!(settled.tokens.get(), input + cache_write + burn_down * output);
        prop_assert_eq!([reserved.requests, settled.requests], [Requests::new(1); 2]);
        // The settled charge is the larger one exactly when the answer burns more than was held
        // for it and for the cache.
        prop_assert_eq!(settled.tokens > reserved.tokens, burn_down * output > most + cache_read);
    }

    #[test]
    fn charges_saturate(input: u64, output: u64, burn_down in 1_u64..) {
        let rules = Accounting::on_demand(NonZeroU64::new(burn_down).unwrap());
        let counts = TokenCounts {
            input: Tokens::new(input),
            output: Tokens::new(output),
            ..TokenCounts::default()
        };
        let [input, output, burn_down] = [input, output, burn_down].map(u128::from);
        let most = u128::from(u64::MAX);
        let [reserved, settled] = [rules.reserve(counts), rules.settle(counts)];
        prop_assert_eq!(u128::from(reserved.tokens.get()), (input + output).min(most));
        let burnt = output.saturating_mul(burn_down);
        prop_assert_eq!(u128::from(settled.tokens.get()), input.saturating_add(burnt).min(most));
    }
}

fn counts() -> impl Strategy<Value = [u64; 4]> {
    let count = || prop_oneof![Just(0), 0_u64..10_000, 0_u64..1 << 40];
    [count(), count(), count(), count()]
}
