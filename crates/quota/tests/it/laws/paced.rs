//! Laws of small bursts under large charges.

use outcrop_quota::laws::Naive;
use outcrop_quota::{
    Bucket, Charge, Decision, Kind, Limit, Limits, Paced, Requests, Span, Tick, Tokens,
};
use proptest::prelude::*;

use super::cases;
use crate::strategies::{self, Fraction, Step, Walk, charge_of, fill, part};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn paced_limits_are_limits_within_the_bursts(
        (limits, now) in strategies::used_limits(),
        fractions: [Fraction; 4],
    ) {
        let charge = charge_of(&limits, fractions);
        let paced = Paced::new(limits.clone()).with_most(bursts(&limits));
        prop_assert_eq!(paced.check(now, (), charge), limits.check(now, charge));
    }

    #[test]
    fn large_charge_goes_when_its_bucket_is_full(
        (bucket, now) in strategies::used_bucket(),
        factor in 1_u64..20,
    ) {
        let paced = Paced::new(Limits::unlimited().with_tokens(bucket.clone()));
        let large = tokens(bucket.burst().get() * factor + 1);
        match paced.check(now, (), large) {
            Decision::Admit(()) => prop_assert_eq!(missing(&paced, now), 0),
            // The end of time, which is no tick to wait for.
            Decision::Wait { until } if until == Tick::MAX => {}
            Decision::Wait { until } => {
                let before = Tick::from_nanos(until.as_nanos() - 1);
                prop_assert!(missing(&paced, before) > 0 && missing(&paced, until) == 0);
                prop_assert_eq!(paced.check(before, (), large), Decision::Wait { until });
                prop_assert!(paced.check(until, (), large).is_admitted());
            }
            Decision::Never { max } => prop_assert!(false, "no more than {max:?}"),
        }
    }

    #[test]
    fn paced_limits_admit_burst_or_one_charge_and_refill(
        bucket in strategies::bucket(),
        steps in strategies::steps(),
    ) {
        let (burst, rate) = (bucket.burst().get(), bucket.rate());
        let mut paced = Paced::new(Limits::unlimited().with_tokens(bucket.clone()));
        // Time, what was taken, and what was charged without asking.
        let (mut walk, mut taken) = (Walk::default(), Vec::<(Tick, u128, u128)>::new());
        for step in steps {
            walk.step(step, fill(&bucket));
            let now = walk.now.max(taken.last().map_or(Tick::ZERO, |(at, ..)| *at));
            match step {
                Step::Take(fraction) => {
                    let n = part(fraction, burst.saturating_mul(3));
                    let decision = paced.check(now, (), tokens(n));
                    walk.note(&decision);
                    if decision.is_admitted() {
                        paced.charge(now, (), tokens(n));
                        taken.push((now, n.into(), 0));
                    }
                }
                Step::Charge(fraction) => {
                    let n = part(fraction, burst / 2);
                    paced.charge(now, (), tokens(n));
                    taken.push((now, 0, n.into()));
                }
                _ => {}
            }
        }
        let (amount, per) = (u128::from(rate.amount().get()), u128::from(rate.per().as_nanos()));
        for (i, (start, ..)) in taken.iter().enumerate() {
            let (mut sum, mut largest) = (0, u128::from(burst));
            for (end, n, debt) in &taken[i..] {
                if *n > 0 {
                    // What was charged without asking is waited for, too.
                    (sum, largest) = (sum + n, largest.max(*n));
                    let refill = u128::from(end.since(*start).as_nanos()) * amount;
                    prop_assert!(sum.saturating_sub(largest) * per <= refill);
                }
                sum += debt;
            }
        }
    }

    #[test]
    fn beyond_the_most_is_never(
        limits in strategies::limits(),
        fractions: [Fraction; 4],
        most: [Fraction; 4],
    ) {
        let (charge, most) = (charge_of(&limits, fractions), charge_of(&limits, most));
        let paced = Paced::new(limits.clone()).with_most(most);
        let is_beyond = |kind: Kind| limits.bucket(kind).is_some_and(|bucket| match kind {
            Kind::DailyTokens => kind.part(charge) > bucket.burst().get(),
            _ => kind.part(charge) > kind.part(most),
        });
        let kinds = [Kind::Requests, Kind::Tokens, Kind::Input, Kind::Output, Kind::DailyTokens];
        let is_crowd =
            limits.concurrent().is_some_and(|gauge| charge.requests.get() > gauge.max().get());
        let is_never = matches!(paced.check(Tick::ZERO, (), charge), Decision::Never { .. });
        prop_assert_eq!(is_never, is_crowd || kinds.into_iter().any(is_beyond));
    }

    #[test]
    fn paced_waits_are_those_of_the_list_within_the_burst(
        bucket in strategies::bucket(),
        uses in prop::collection::vec(any::<(Fraction, Fraction)>(), 1..20),
    ) {
        let mut paced = Paced::new(Limits::unlimited().with_tokens(bucket.clone()));
        let mut list = Naive::like(&bucket);
        let mut now = Tick::ZERO;
        for (n, pause) in uses {
            // A large charge asks the list for a full bucket.
            let n = part(n, bucket.burst().get().saturating_mul(2));
            let expected = list.check(now, n.min(bucket.burst().get()));
            let decision = paced.check(now, (), tokens(n));
            prop_assert_eq!(decision.map_max(|max| max.tokens.get()), expected);
            if decision.is_admitted() {
                paced.charge(now, (), tokens(n));
                list.charge(now, n);
            }
            now = now.after(Span::from_nanos(part(pause, fill(&bucket).as_nanos())));
        }
    }
}

/// The bursts of the buckets by the minute, and no bound where there is none.
fn bursts(limits: &Limits) -> Charge {
    let burst = |kind| limits.bucket(kind).map_or(u64::MAX, |bucket: &Bucket| bucket.burst().get());
    Charge::new(Requests::new(burst(Kind::Requests)), Tokens::new(burst(Kind::Tokens)))
        .with_parts(Tokens::new(burst(Kind::Input)), Tokens::new(burst(Kind::Output)))
}

fn tokens(n: u64) -> Charge {
    Charge::request(Tokens::new(n))
}

/// Whole or broken units that a bucket of tokens lacks, rounded up.
fn missing(paced: &Paced, now: Tick) -> u64 {
    let bucket = paced.limits().tokens().unwrap();
    let level = bucket.level(now);
    bucket.burst().get() - level.available + level.debt
}
