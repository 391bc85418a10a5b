//! Laws of limits joined.

use outcrop_quota::{Charge, Decision, Gauge, Kind, Limits, Tick};
use proptest::prelude::*;

use super::cases;
use crate::strategies::{Fraction, admissible, charge_of, non_zero, part, used_limits};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn limits_admit_when_each_does((limits, now) in used_limits(), fractions: [Fraction; 4]) {
        let charge = charge_of(&limits, fractions);
        let alone = alone(&limits, now, charge);
        let together = limits.check(now, charge);
        prop_assert_eq!(together.is_admitted(), alone.iter().all(|(_, one)| one.is_admitted()));
        let never = |one: &Decision<()>| matches!(one, Decision::Never { .. });
        prop_assert_eq!(
            matches!(together, Decision::Never { .. }),
            alone.iter().any(|(_, one)| never(one))
        );
        if let Decision::Wait { until } = together {
            let longest = alone.iter().filter_map(|(_, one)| match one {
                Decision::Wait { until } => Some(*until),
                _ => None,
            });
            prop_assert_eq!(Some(until), longest.max());
        }
        // The answers that are told one by one are those of the limits alone.
        prop_assert_eq!(limits.answers(now, charge).collect::<Vec<_>>(), alone);
    }

    #[test]
    fn largest_admissible_charge_is_named((limits, now) in used_limits(), fractions: [Fraction; 4]) {
        let charge = charge_of(&limits, fractions);
        let Decision::Never { max } = limits.check(now, charge) else {
            return Err(TestCaseError::reject("not too large"));
        };
        for (kind, answer) in alone(&limits, now, charge) {
            if let Decision::Never { max: most } = answer {
                prop_assert!(kind.part(max) <= most && kind.part(max) < kind.part(charge));
            }
        }
        let fitting = |kind: Kind| kind.part(max).min(kind.part(charge));
        let mut less = Charge::ZERO;
        less.requests = fitting(Kind::Requests).into();
        less.tokens = fitting(Kind::Tokens).into();
        less.input = fitting(Kind::Input).into();
        less.output = fitting(Kind::Output).into();
        prop_assert!(
            !matches!(limits.check(now, less), Decision::Never { .. }),
            "{less:?} is within the bound"
        );
    }

    #[test]
    fn admitted_charge_is_taken_from_each((limits, now) in used_limits(), fractions: [Fraction; 4]) {
        let (now, charge) = admissible(&[&limits], now, fractions);
        // Nothing at all is taken from nobody.
        prop_assume!(charge != Charge::ZERO);
        let mut after = limits.clone();
        prop_assume!(after.take(now, charge).is_admitted());
        for kind in BUCKETS {
            let mut expected = limits.bucket(kind).cloned();
            if let Some(bucket) = &mut expected {
                bucket.charge(now, asked(kind, charge));
            }
            prop_assert_eq!(after.bucket(kind), expected.as_ref());
        }
        let inside = |limits: &Limits| limits.concurrent().map(|gauge| gauge.inside());
        prop_assert_eq!(inside(&after), inside(&limits).map(|n| n + charge.requests.get()));
    }

    #[test]
    fn refused_join_changes_nothing((limits, now) in used_limits(), fractions: [Fraction; 4]) {
        let mut after = limits.clone();
        prop_assume!(!after.take(now, charge_of(&limits, fractions)).is_admitted());
        prop_assert_eq!(after, limits);
    }

    #[test]
    fn joined_waits_are_tight((mut limits, now) in used_limits(), fractions: [Fraction; 4]) {
        let charge = charge_of(&limits, fractions);
        let Decision::Wait { until } = limits.take(now, charge) else {
            return Err(TestCaseError::reject("nothing to wait for"));
        };
        // A gauge waits for somebody to leave, not for a tick.
        prop_assume!(until < Tick::MAX);
        let before = Tick::from_nanos(until.as_nanos() - 1);
        prop_assert_eq!(limits.take(before, charge), Decision::Wait { until });
        prop_assert!(limits.take(until, charge).is_admitted());
    }

    #[test]
    fn full_gauge_waits_for_a_leaver(
        (limits, now) in used_limits(),
        max in 1_u64..6,
        inside: Fraction,
        fractions: [Fraction; 4],
    ) {
        let mut limits = limits.with_concurrent(Gauge::new(non_zero(max)));
        limits.enter((1 + part(inside, max)).into());
        let gauge = limits.concurrent().cloned().unwrap();
        let mut charge = charge_of(&limits, fractions);
        // More than there is room for, and never more than there can be.
        let free = max - gauge.inside();
        charge.requests = (free + 1 + part(fractions[0], gauge.inside())).into();
        prop_assume!(!matches!(limits.check(now, charge), Decision::Never { .. }));
        prop_assert_eq!(limits.check(now, charge), Decision::Wait { until: Tick::MAX });
        limits.leave(gauge.inside().into());
        // Now the buckets alone decide.
        let buckets = alone(&limits, now, charge)
            .into_iter()
            .filter(|(kind, _)| *kind != Kind::Concurrent)
            .all(|(_, one)| one.is_admitted());
        prop_assert_eq!(limits.check(now, charge).is_admitted(), buckets);
    }
}

const BUCKETS: [Kind; 5] =
    [Kind::Requests, Kind::Tokens, Kind::Input, Kind::Output, Kind::DailyTokens];

/// What each limit says by itself, asked for the part that it is about.
fn alone(limits: &Limits, now: Tick, charge: Charge) -> Vec<(Kind, Decision<()>)> {
    let buckets = BUCKETS.into_iter().filter_map(|kind| {
        limits.bucket(kind).map(|bucket| (kind, bucket.check(now, asked(kind, charge))))
    });
    let gauge = limits.concurrent();
    let gauge = gauge.map(|gauge| (Kind::Concurrent, gauge.check(charge.requests.get())));
    buckets.chain(gauge).collect()
}

fn asked(kind: Kind, charge: Charge) -> u64 {
    match kind {
        Kind::Requests => charge.requests.get(),
        Kind::Input => charge.input.get(),
        Kind::Output => charge.output.get(),
        _ => charge.tokens.get(),
    }
}
