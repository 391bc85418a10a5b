//! Laws of limits joined.

use outcrop_quota::{Bucket, Charge, Decision, Limits, Requests, Tick, Tokens};
use proptest::prelude::*;

use super::cases;
use crate::strategies::{self, Fraction, asked, fill, part};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn limits_admit_when_each_does((limits, now) in used_limits(), fractions: [Fraction; 2]) {
        let charge = asked_of(&limits, fractions);
        let alone = [
            limits.requests().map(|bucket| bucket.check(now, charge.requests.get())),
            limits.tokens().map(|bucket| bucket.check(now, charge.tokens.get())),
        ];
        let together = limits.check(now, charge);
        prop_assert_eq!(
            together.is_admitted(),
            alone.iter().flatten().all(Decision::is_admitted)
        );
        let never = |decision: &Decision<()>| matches!(decision, Decision::Never { .. });
        prop_assert_eq!(
            matches!(together, Decision::Never { .. }),
            alone.iter().flatten().any(never)
        );
        if let Decision::Wait { until } = together {
            let longest = alone.iter().flatten().filter_map(|decision| match decision {
                Decision::Wait { until } => Some(*until),
                _ => None,
            });
            prop_assert_eq!(Some(until), longest.max());
        }
    }

    #[test]
    fn admitted_charge_is_taken_from_each((limits, now) in used_limits(), fractions: [Fraction; 2]) {
        let charge = asked_of(&limits, fractions);
        let mut after = limits.clone();
        prop_assume!(after.take(now, charge).is_admitted());
        let pairs = [
            (limits.requests(), after.requests(), charge.requests.get()),
            (limits.tokens(), after.tokens(), charge.tokens.get()),
        ];
        for (before, after, n) in pairs {
            let mut expected = before.cloned();
            if let Some(bucket) = &mut expected {
                bucket.charge(now, n);
            }
            prop_assert_eq!(after, expected.as_ref());
        }
    }

    #[test]
    fn refused_join_changes_nothing((limits, now) in used_limits(), fractions: [Fraction; 2]) {
        let mut after = limits.clone();
        prop_assume!(!after.take(now, asked_of(&limits, fractions)).is_admitted());
        prop_assert_eq!(after, limits);
    }

    #[test]
    fn joined_waits_are_tight((mut limits, now) in used_limits(), fractions: [Fraction; 2]) {
        let charge = asked_of(&limits, fractions);
        let Decision::Wait { until } = limits.take(now, charge) else {
            return Err(TestCaseError::reject("nothing to wait for"));
        };
        prop_assume!(until < Tick::MAX);
        let before = Tick::from_nanos(until.as_nanos() - 1);
        prop_assert_eq!(limits.take(before, charge), Decision::Wait { until });
        prop_assert!(limits.take(until, charge).is_admitted());
    }
}

/// Limits somewhere in their life, and the tick it is.
fn used_limits() -> impl Strategy<Value = (Limits, Tick)> {
    (strategies::limits(), any::<[[Fraction; 2]; 4]>(), any::<Fraction>()).prop_map(
        |(mut limits, charges, pause)| {
            let mut now = Tick::ZERO;
            let pace = [limits.requests(), limits.tokens()].into_iter().flatten().map(fill).min();
            for fractions in charges {
                let charge = asked_of(&limits, fractions);
                if !limits.take(now, charge).is_admitted() {
                    limits.charge(now, charge);
                }
                if let Some(pace) = pace {
                    let pause = part(pause, pace.as_nanos());
                    now = Tick::from_nanos(now.as_nanos().saturating_add(pause));
                }
            }
            (limits, now)
        },
    )
}

fn asked_of(limits: &Limits, fractions: [Fraction; 2]) -> Charge {
    let burst = |bucket: Option<&Bucket>| bucket.map_or(1_000, |bucket| bucket.burst().get());
    Charge::new(
        Requests::new(asked(fractions[0], burst(limits.requests()))),
        Tokens::new(asked(fractions[1], burst(limits.tokens()))),
    )
}
