//! Laws of even spacing.

use outcrop_quota::{Decision, Pacer, Span, Tick};
use proptest::prelude::*;

use super::cases;
use crate::strategies::{self, Fraction, part};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn sends_are_spaced_by_what_they_take(
        bucket in strategies::bucket(),
        sends in prop::collection::vec((1_u64..1 << 30, any::<Fraction>(), any::<bool>()), 1..20),
    ) {
        let mut pacer = Pacer::new(bucket.rate());
        let [amount, per] = [bucket.rate().amount().get(), bucket.rate().per().as_nanos()].map(u128::from);
        // The turn of the next send as an exact fraction: nanoseconds times the amount.
        let (mut now, mut turn) = (Tick::ZERO, 0_u128);
        for (n, pause, waits) in sends {
            now = now.after(Span::from_nanos(part(pause, 1 << 36)));
            let due = Tick::from_nanos(u64::try_from(turn.div_ceil(amount)).unwrap_or(u64::MAX));
            if now < due {
                prop_assert_eq!(pacer.take(now, n), Decision::Wait { until: due });
                if !waits {
                    continue;
                }
                let before = Tick::from_nanos(due.as_nanos() - 1);
                prop_assert_eq!(pacer.take(before, n), Decision::Wait { until: due });
                now = due;
            }
            prop_assert!(pacer.take(now, n).is_admitted());
            turn = turn.max(u128::from(now.as_nanos()) * amount) + u128::from(n) * per;
            prop_assume!(turn / amount < u64::MAX.into());
        }
    }

    #[test]
    fn idleness_saves_nothing_up(
        bucket in strategies::bucket(),
        sends in prop::collection::vec((1_u64..1 << 30, any::<Fraction>()), 1..20),
    ) {
        let mut pacer = Pacer::new(bucket.rate());
        let [amount, per] = [bucket.rate().amount().get(), bucket.rate().per().as_nanos()].map(u128::from);
        let (mut now, mut sent) = (Tick::ZERO, Vec::new());
        for (n, pause) in sends {
            now = now.after(Span::from_nanos(part(pause, 1 << 38)));
            if pacer.take(now, n).is_admitted() {
                sent.push((now, n));
            }
        }
        for (i, &(start, _)) in sent.iter().enumerate() {
            let mut taken = 0;
            for &(end, n) in &sent[i..] {
                // All but the last send of the window.
                prop_assert!(taken * per <= u128::from(end.since(start).as_nanos()) * amount);
                taken += u128::from(n);
            }
        }
    }

    #[test]
    fn unsent_units_make_no_one_wait(
        bucket in strategies::bucket(),
        first in 1_u64..1 << 30,
        second in 1_u64..1 << 30,
        pause: Fraction,
    ) {
        let mut pacer = Pacer::new(bucket.rate());
        prop_assert!(pacer.take(Tick::ZERO, first).is_admitted());
        let Decision::Wait { until } = pacer.check(Tick::ZERO) else {
            return Err(TestCaseError::fail("the first has just gone"));
        };
        prop_assume!(until < Tick::MAX);
        // The second goes on its turn and is taken back before anything has refilled.
        let before = pacer.clone();
        prop_assert!(pacer.take(until, second).is_admitted());
        pacer.give_back(until, second);
        prop_assert!(pacer.check(until).is_admitted());
        // What goes out of turn makes the next wait for both, and taken back, for none of it.
        let mut pushed = before.clone();
        pushed.charge(Tick::ZERO, second);
        let both = pushed.check(Tick::ZERO);
        prop_assert_eq!(both.join(before.check(Tick::ZERO)), both);
        pushed.give_back(Tick::ZERO, second);
        prop_assert_eq!(pushed.check(Tick::ZERO), before.check(Tick::ZERO));
        let early = Tick::from_nanos(part(pause, until.as_nanos()));
        pushed.give_back(early, u64::MAX);
        prop_assert!(pushed.take(early.after(Span::from_nanos(until.as_nanos())), 1).is_admitted());
    }
}
