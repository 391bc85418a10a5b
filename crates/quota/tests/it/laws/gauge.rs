//! Laws of the number of things that go on at once.

use core::num::NonZeroU64;

use outcrop_quota::{Decision, Gauge, Tick};
use proptest::prelude::*;

use super::cases;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn gauge_holds_no_more_than_its_maximum(
        max in 1_u64..20,
        moves in prop::collection::vec((any::<bool>(), 0_u64..24), 0..60),
    ) {
        let mut gauge = Gauge::new(NonZeroU64::new(max).unwrap());
        // Those inside, written out one by one.
        let mut inside = Vec::new();
        for (enters, n) in moves {
            if enters {
                let room = usize::try_from(max).unwrap() - inside.len();
                let expected = if n > max {
                    Decision::Never { max }
                } else if usize::try_from(n).unwrap() <= room {
                    inside.extend(0..n);
                    Decision::Admit(())
                } else {
                    Decision::Wait { until: Tick::MAX }
                };
                prop_assert_eq!(gauge.enter(n), expected);
            } else {
                gauge.leave(n);
                inside.truncate(inside.len().saturating_sub(usize::try_from(n).unwrap()));
            }
            prop_assert_eq!(gauge.inside(), u64::try_from(inside.len()).unwrap());
            prop_assert!(gauge.inside() <= max);
        }
    }
}
