//! Laws of one bucket.

use outcrop_quota::{Bucket, Decision, Rate, Span, Tick};
use proptest::prelude::*;

use super::cases;
use crate::strategies::{self, Fraction, Step, Walk, asked, fill, part};
use outcrop_quota::laws::Naive;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn bucket_agrees_with_a_list_of_timed_charges(
        mut bucket in strategies::bucket(),
        steps in strategies::steps(),
    ) {
        let mut naive = Naive::like(&bucket);
        let mut walk = Walk::default();
        let burst = bucket.burst().get();
        for step in steps {
            walk.step(step, fill(&bucket));
            let now = walk.now;
            match step {
                Step::Take(fraction) => {
                    let n = asked(fraction, burst);
                    let decision = bucket.take(now, n);
                    prop_assert_eq!(decision, naive.take(now, n));
                    walk.note(&decision);
                }
                Step::Charge(fraction) => {
                    bucket.charge(now, part(fraction, burst / 2));
                    naive.charge(now, part(fraction, burst / 2));
                }
                Step::GiveBack(fraction) => {
                    let n = part(fraction, burst / 2);
                    prop_assert_eq!(bucket.give_back(now, n), naive.give_back(now, n));
                }
                Step::Pass(_) | Step::Back(_) | Step::Due(_) => {}
            }
            prop_assert_eq!(bucket.level(now), naive.level(now));
        }
    }

    #[test]
    fn refill_follows_the_rate(mut bucket in strategies::bucket(), fraction: Fraction) {
        let (burst, rate) = (bucket.burst().get(), bucket.rate());
        prop_assert!(bucket.take(Tick::ZERO, burst).is_admitted());
        let fill = fill(&bucket);
        for wait in [part(fraction, fill.as_nanos()), fill.as_nanos() - 1, fill.as_nanos()] {
            let level = bucket.level(Tick::from_nanos(wait));
            let wait = Span::from_nanos(wait);
            prop_assert_eq!(level.available, rate.over(wait).min(burst));
            let exact = u128::from(rate.amount().get()) * u128::from(wait.as_nanos())
                / u128::from(rate.per().as_nanos());
            prop_assert_eq!(u128::from(level.available), exact.min(burst.into()));
        }
    }

    #[test]
    fn level_never_exceeds_the_burst((bucket, now) in strategies::used_bucket(), later: u64) {
        for tick in [now, now.after(Span::from_nanos(later)), Tick::MAX] {
            let level = bucket.level(tick);
            prop_assert!(level.available <= bucket.burst().get());
            prop_assert!(level.available == 0 || level.debt == 0);
        }
    }

    #[test]
    fn waits_are_tight((mut bucket, now) in strategies::used_bucket(), fraction: Fraction) {
        let n = asked(fraction, bucket.burst().get());
        prop_assert!(tight(&mut bucket, now, n));
    }

    #[test]
    fn waits_are_tight_at_any_scale(
        mut bucket in strategies::any_bucket(),
        asks in prop::collection::vec(any::<(bool, Fraction, Fraction)>(), 1..20),
    ) {
        let mut now = Tick::ZERO;
        for (settle, pause, fraction) in asks {
            let n = asked(fraction, bucket.burst().get());
            if settle {
                bucket.charge(now, n);
            }
            prop_assert!(tight(&mut bucket, now, n));
            now = now.after(Span::from_nanos(part(pause, fill(&bucket).as_nanos())));
        }
    }

    #[test]
    fn waits_grow_with_the_amount(
        (bucket, now) in strategies::used_bucket(),
        fractions: [Fraction; 2],
    ) {
        let [a, b] = fractions.map(|fraction| asked(fraction, bucket.burst().get()));
        let (less, more) = (bucket.check(now, a.min(b)), bucket.check(now, a.max(b)));
        match (less, more) {
            (Decision::Wait { until: a }, Decision::Wait { until: b }) => prop_assert!(a <= b),
            (Decision::Admit(()), _) | (_, Decision::Never { .. }) => {}
            _ => prop_assert!(false, "{less:?} for less, {more:?} for more"),
        }
    }

    #[test]
    fn admission_lasts((bucket, now) in strategies::used_bucket(), fraction: Fraction, later: u64) {
        let n = part(fraction, bucket.burst().get());
        prop_assume!(bucket.check(now, n).is_admitted());
        prop_assert!(bucket.check(now.after(Span::from_nanos(later)), n).is_admitted());
    }

    #[test]
    fn no_window_admits_more_than_burst_and_refill(
        mut bucket in strategies::bucket(),
        steps in strategies::steps(),
    ) {
        let (burst, rate) = (bucket.burst().get(), bucket.rate());
        let [amount, per] = [rate.amount().get(), rate.per().as_nanos()].map(i128::from);
        let mut walk = Walk::default();
        // What was admitted when, and the debt that it left.
        let mut admitted: Vec<(Tick, i128, i128)> = Vec::new();
        for step in steps {
            walk.step(step, fill(&bucket));
            let n: i128 = match step {
                Step::Take(fraction) => {
                    let n = asked(fraction, burst);
                    let decision = bucket.take(walk.now, n);
                    walk.note(&decision);
                    if !decision.is_admitted() {
                        continue;
                    }
                    n.into()
                }
                Step::Charge(fraction) => {
                    let n = part(fraction, burst / 2);
                    bucket.charge(walk.now, n);
                    n.into()
                }
                Step::GiveBack(fraction) => {
                    let n = part(fraction, burst / 2);
                    let clipped = bucket.give_back(walk.now, n);
                    -i128::from(n - clipped)
                }
                Step::Pass(_) | Step::Back(_) | Step::Due(_) => continue,
            };
            let at = admitted.last().map_or(walk.now, |&(at, ..)| at.max(walk.now));
            admitted.push((at, n, bucket.level(walk.now).debt.into()));
        }
        for (i, &(start, ..)) in admitted.iter().enumerate() {
            let mut sum = 0;
            for &(end, n, debt) in &admitted[i..] {
                sum += n;
                let refill = amount * i128::from(end.since(start).as_nanos());
                prop_assert!((sum - debt - i128::from(burst)) * per <= refill);
            }
        }
    }

    #[test]
    fn refused_take_changes_nothing(
        (mut bucket, now) in strategies::used_bucket(),
        fraction: Fraction,
    ) {
        let before = bucket.clone();
        let n = asked(fraction, bucket.burst().get());
        prop_assume!(!bucket.take(now, n).is_admitted());
        prop_assert_eq!(bucket, before);
    }

    #[test]
    fn giving_back_undoes_taking(
        (bucket, now) in strategies::used_bucket(),
        fractions: [Fraction; 2],
    ) {
        let n = part(fractions[0], bucket.burst().get());
        let mut undone = bucket.clone();
        undone.charge(now, n);
        let later = now.after(Span::from_nanos(part(fractions[1], fill(&bucket).as_nanos())));
        let before = net(&undone, later);
        let clipped = undone.give_back(later, n);
        prop_assert_eq!(net(&undone, later), before + i128::from(n) - i128::from(clipped));
        if clipped == 0 {
            let mut untouched = bucket;
            untouched.charge(later, 0);
            prop_assert_eq!(undone, untouched);
        } else {
            // Less than one unit is missing: the one that was just coming back.
            let burst = bucket.burst().get();
            prop_assert_eq!(bucket.level(later).available, burst);
            prop_assert!(undone.level(later).available >= burst - 1);
        }
    }

    #[test]
    fn new_rate_keeps_the_level(
        mut bucket in strategies::bucket(),
        other in strategies::bucket(),
        fractions: [Fraction; 2],
        later: u64,
    ) {
        // Anywhere between full and in debt, with a part of a unit just coming back.
        bucket.charge(Tick::ZERO, 2 * part(fractions[0], bucket.burst().get()));
        let now = Tick::from_nanos(part(fractions[1], fill(&bucket).as_nanos()));
        let mut changed = bucket.clone();
        changed.set_rate(now, other.rate());
        let (before, after) = (net(&bucket, now), net(&changed, now));
        prop_assert!(after == before || after == before - 1, "{before} became {after}");
        // The same rate in other words loses nothing, now or later.
        let mut same = bucket.clone();
        same.set_rate(now, bucket.rate());
        for tick in [now, now.after(Span::from_nanos(later))] {
            prop_assert_eq!(same.level(tick), bucket.level(tick));
        }
        // And from here on it is the new rate that refills.
        let empty = fill(&changed).as_nanos();
        changed.charge(now, changed.burst().get());
        let soon = now.max(Tick::from_nanos(now.as_nanos().saturating_add(part(u32::MAX, empty))));
        let refilled = net(&changed, soon) - net(&changed, now);
        let rate = i128::from(other.rate().over(soon.since(now)));
        let room = i128::from(changed.burst().get()) - net(&changed, now);
        prop_assert!((refilled - rate.min(room)).abs() <= 1, "{refilled} of {rate}");
    }

    #[test]
    fn use_is_what_is_missing((bucket, now) in strategies::used_bucket()) {
        let missing = i128::from(bucket.burst().get()) - net(&bucket, now);
        let used = i128::from(bucket.used(now)) * i128::from(bucket.burst().get());
        // Both sides are rounded to whole units, one up and one down.
        prop_assert!(used <= missing * 1_000);
        prop_assert!(used + i128::from(bucket.burst().get()) > (missing - 1) * 1_000);
    }

    #[test]
    fn part_of_a_rate_is_never_more(
        amount in strategies::magnitude(40),
        per in strategies::magnitude(60),
        millionths in 1_u32..2_000_000,
    ) {
        let whole = Rate::new(amount.try_into().unwrap(), Span::from_nanos(per)).unwrap();
        let part = whole.part(millionths);
        let [part_amount, part_per] = [part.amount().get(), part.per().as_nanos()].map(u128::from);
        let exact_amount = u128::from(amount) * u128::from(millionths);
        let exact_per = u128::from(per) * 1_000_000;
        // Two fractions are compared by multiplying each with the denominator of the other.
        let (is, exact) = (part_amount * exact_per, exact_amount * part_per);
        if exact_per <= u64::MAX.into() {
            prop_assert_eq!(is, exact);
        } else if part.per() < Span::MAX {
            prop_assert!(is <= exact);
            // Rounding costs less than one part of what is left of the numbers.
            prop_assert!(exact - is <= exact / part_amount.max(1) + exact / part_per);
        }
    }

    #[test]
    fn backward_clock_changes_nothing(
        (mut bucket, now) in strategies::used_bucket(),
        fraction: Fraction,
        back: u64,
    ) {
        let burst = bucket.burst().get();
        bucket.charge(now, part(fraction, burst));
        let earlier = Tick::from_nanos(now.as_nanos().saturating_sub(back));
        let n = asked(fraction, burst);
        prop_assert_eq!(bucket.level(earlier), bucket.level(now));
        prop_assert_eq!(bucket.check(earlier, n), bucket.check(now, n));
        for change in [
            |bucket: &mut Bucket, now, n| bucket.take(now, n).is_admitted().into(),
            |bucket: &mut Bucket, now, n| { bucket.charge(now, n); 0 },
            |bucket: &mut Bucket, now, n| bucket.give_back(now, n),
        ] as [fn(&mut Bucket, Tick, u64) -> u64; 3] {
            let (mut a, mut b) = (bucket.clone(), bucket.clone());
            prop_assert_eq!(change(&mut a, earlier, n), change(&mut b, now, n));
            prop_assert_eq!(a, b);
        }
    }
}

/// The level as one number, debt below zero.
fn net(bucket: &Bucket, now: Tick) -> i128 {
    let level = bucket.level(now);
    i128::from(level.available) - i128::from(level.debt)
}

/// Whether a caller alone is refused up to the end of its wait and admitted then.
fn tight(bucket: &mut Bucket, now: Tick, n: u64) -> bool {
    match bucket.take(now, n) {
        Decision::Admit(()) => n <= bucket.burst().get(),
        Decision::Never { max } => n > max && max == bucket.burst().get(),
        // A wait beyond the end of time cannot be told exactly.
        Decision::Wait { until: Tick::MAX } => true,
        Decision::Wait { until } => {
            let before = Tick::from_nanos(until.as_nanos() - 1);
            until > now
                && bucket.take(before, n) == Decision::Wait { until }
                && bucket.take(until, n).is_admitted()
        }
    }
}
