//! Laws of what throttles teach.

use outcrop_quota::{Adapt, Cause, Growth, Kind, Limits, Policy, Span, Tick, Verdict};
use proptest::prelude::*;

use super::cases;
use crate::strategies::{self, Fraction, charge_of, part};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn rates_stay_between_floor_and_ceiling((adapt, policy, now) in taught(), later: u64) {
        for now in [now, now.after(Span::from_nanos(later)), Tick::MAX] {
            for level in [adapt.requests(now), adapt.tokens(now)] {
                prop_assert!((policy.floor..=policy.ceiling).contains(&level), "{level}");
            }
        }
    }

    #[test]
    fn throttle_lowers_its_own_limit(
        (adapt, policy, now) in taught(),
        cause in cause(),
        used in prop::option::of(0_u32..1_500),
    ) {
        // Past the cooldown of what came before.
        let now = now.after(policy.cooldown);
        let mut after = adapt.clone();
        let _ = after.throttled(now, cause, used);
        let kept = match used {
            Some(900..) => policy.kept_if_ours,
            _ => policy.kept_otherwise,
        };
        let levels = |adapt: &Adapt| [adapt.requests(now), adapt.tokens(now)];
        let (before, after_levels) = (levels(&adapt), levels(&after));
        let lowered = match cause {
            Cause::RequestRate => [true, false],
            Cause::TokenRate => [false, true],
            Cause::Unknown => [true, true],
            _ => [false, false],
        };
        for i in 0..2 {
            if lowered[i] {
                // As much as the policy says, or a hundredth of the whole where that is more.
                let most = u64::from(before[i]) * u64::from(kept) / 1_000_000;
                prop_assert!(u64::from(after_levels[i]) <= most.max(policy.floor.into()) + 1);
            } else if cause == Cause::Daily {
                prop_assert_eq!(before[i], after_levels[i]);
            }
        }
        prop_assert_eq!(after.throttles(cause), adapt.throttles(cause) + 1);
        if cause != Cause::Daily {
            prop_assert_eq!(after.closed_until(now), adapt.closed_until(now));
        }
    }

    #[test]
    fn rates_recover_with_time_alone((adapt, policy, now) in taught(), pauses: [u32; 2]) {
        let [soon, later] = {
            let nanos = pauses.map(|pause| part(pause, 8 * policy.recovery.as_nanos()));
            [nanos[0].min(nanos[1]), nanos[0].max(nanos[1])].map(|n| now.after(Span::from_nanos(n)))
        };
        prop_assert!(adapt.requests(soon) <= adapt.requests(later));
        prop_assert!(adapt.tokens(soon) <= adapt.tokens(later));
        // Six recoveries for the steeper curve, a hundred and one for the straight line, and for a
        // shortage of capacity, however many strikes, some hours.
        let recoveries = match policy.growth {
            Growth::Cubic => 6,
            _ => 101,
        };
        let nanos = policy.recovery.as_nanos() * recoveries + 100 * Span::MINUTE.as_nanos() * 15;
        let rested = now.after(Span::from_nanos(nanos));
        prop_assert_eq!([adapt.requests(rested), adapt.tokens(rested)], [policy.ceiling; 2]);
    }

    #[test]
    fn early_throttle_comes_back_to_less(growth in growth(), millis in 15_000_u64..55_000) {
        let policy = policy(growth, 1_000_000);
        let mut adapt = Adapt::new(Tick::ZERO, policy.clone());
        let _ = adapt.throttled(Tick::ZERO, Cause::TokenRate, None);
        // Before it is back.
        let early = Tick::ZERO.after(Span::from_millis(millis));
        let level = adapt.tokens(early);
        prop_assert!(level < 1_000_000);
        let _ = adapt.throttled(early, Cause::TokenRate, None);
        let low = adapt.tokens(early);
        let back = adapt.tokens(early.after(policy.recovery));
        prop_assert_eq!(back, low.midpoint(level));
    }

    #[test]
    fn throttles_of_one_moment_count_once(
        (adapt, policy, now) in taught(),
        used in prop::option::of(0_u32..1_500),
        others in prop::collection::vec(any::<Fraction>(), 0..10),
    ) {
        let now = now.after(policy.cooldown);
        let mut once = adapt;
        let _ = once.throttled(now, Cause::TokenRate, used);
        let mut often = once.clone();
        for fraction in others {
            let soon = now.after(Span::from_nanos(part(fraction, policy.cooldown.as_nanos())));
            let _ = often.throttled(soon, Cause::TokenRate, used);
        }
        let end = now.after(policy.cooldown);
        prop_assert_eq!(often.tokens(end), once.tokens(end));
    }

    #[test]
    fn rest_doubles_while_it_is_too_short(
        gaps in prop::collection::vec((0_u64..1_000, cause()), 1..40),
    ) {
        let mut adapt = Adapt::new(Tick::ZERO, Policy::default());
        // The beginning and the length of the latest rest, in milliseconds.
        let mut rest: Option<(u64, u64)> = None;
        let mut now = 0;
        for (gap, cause) in gaps {
            // From the latest rest on, as soon as in the middle of it.
            now = rest.map_or(gap, |(begin, length)| now.max(begin + length / 2 + gap));
            let tick = Tick::ZERO.after(Span::from_millis(now));
            let closed = adapt.closed_until(tick);
            let _ = adapt.throttled(tick, cause, None);
            if matches!(cause, Cause::RequestRate | Cause::TokenRate | Cause::Unknown) {
                rest = match rest {
                    Some((begin, length)) if now < begin + length => Some((begin, length)),
                    Some((begin, length)) if now <= begin + length + 250 => {
                        Some((now, (2 * length).min(5_000)))
                    }
                    _ => Some((now, 50)),
                };
                prop_assert_eq!(adapt.closed_until(tick), closed);
            }
            let end = rest.map(|(begin, length)| Tick::ZERO.after(Span::from_millis(begin + length)));
            let quiet = adapt.closed_until(tick).max(end.filter(|end| *end > tick));
            prop_assert_eq!(adapt.quiet_until(tick), quiet);
        }
    }

    #[test]
    fn throttle_that_cannot_be_ours_is_named(
        (limits, now) in strategies::used_limits(),
        fractions: [Fraction; 4],
        cause in cause(),
    ) {
        let mut limits = limits;
        let charge = charge_of(&limits, fractions);
        limits.charge(now, charge);
        let used = cause.used(now, &limits);
        let expected = kinds(cause)
            .iter()
            .filter_map(|kind| limits.bucket(*kind))
            .map(|bucket| bucket.used(now))
            .max();
        prop_assert_eq!(used, expected);
        let verdict = Adapt::new(now, Policy::default()).throttled(now, cause, used);
        match (cause, used) {
            (Cause::Capacity, _) => prop_assert_eq!(verdict, Verdict::Service),
            (_, None) => prop_assert_eq!(verdict, Verdict::Unmetered),
            (_, Some(used)) if used >= 900 => prop_assert_eq!(verdict, Verdict::Ours { used }),
            (_, Some(used)) => {
                prop_assert_eq!(verdict, Verdict::NotOurs { used });
                let text = format!("{} % used: not your quota, or someone else on the account", used / 10);
                prop_assert_eq!(verdict.to_string(), text);
            }
        }
    }

    #[test]
    fn daily_throttle_closes_until_the_reset(
        (mut adapt, policy, now) in taught(),
        reset in prop::option::of(0_u64..1 << 50),
    ) {
        let reset = reset.map(Tick::from_nanos);
        if let Some(reset) = reset {
            adapt.set_daily_reset(reset);
        }
        let closed = adapt.closed_until(now);
        let _ = adapt.throttled(now, Cause::Daily, None);
        let own = match reset {
            Some(reset) if reset > now => reset,
            _ => now.after(policy.daily_pause),
        };
        let until = closed.map_or(own, |closed| closed.max(own));
        prop_assert_eq!(adapt.closed_until(now), Some(until));
        let before = Tick::from_nanos(until.as_nanos() - 1);
        prop_assert_eq!(adapt.closed_until(before), Some(until));
        prop_assert_eq!(adapt.closed_until(until), None);
    }

    #[test]
    fn capacity_halves_the_rates_only_when_it_lasts(
        growth in growth(),
        gaps in prop::collection::vec(0_u64..60, 0..12),
    ) {
        let policy = policy(growth, 1_000_000);
        let mut adapt = Adapt::new(Tick::ZERO, policy);
        let mut now = Tick::ZERO;
        // Written out: the strikes of a spell, and what each full spell has left.
        let (mut spell, mut expected) = (Vec::<Tick>::new(), 1_000_000);
        for gap in gaps {
            now = now.after(Span::from_secs(gap));
            let _ = adapt.throttled(now, Cause::Capacity, None);
            if spell.first().is_some_and(|first| now.since(*first) > Span::MINUTE) {
                spell.clear();
            }
            spell.push(now);
            if spell.len() == 3 {
                expected /= 2;
                spell.clear();
            }
            prop_assert_eq!([adapt.requests(now), adapt.tokens(now)], [expected.max(10_000); 2]);
        }
    }

    #[test]
    fn shortages_now_and_then_lower_nothing(
        gaps in prop::collection::vec((10_u32..200, 0_u64..1 << 31), 1..100),
    ) {
        // At least ten calls from one that finds no capacity to the next, however fast.
        let mut adapt = Adapt::new(Tick::ZERO, Policy::default());
        let mut calm = adapt.clone();
        let mut now = Tick::ZERO;
        for (calls, nanos) in gaps {
            for _ in 0..calls {
                now = now.after(Span::from_nanos(nanos / u64::from(calls)));
                adapt.called(now);
                calm.called(now);
            }
            let _ = adapt.throttled(now, Cause::Capacity, None);
            let levels = |adapt: &Adapt| [adapt.requests(now), adapt.tokens(now)];
            prop_assert_eq!(levels(&adapt), levels(&calm));
        }
    }

    #[test]
    fn rate_settles_under_a_hidden_limit(hidden in 100_000_u32..1_000_000, growth in growth()) {
        let policy = policy(growth, 850_000);
        let mut adapt = Adapt::new(Tick::ZERO, policy);
        let (mut throttles, mut sum, mut over) = (0_u32, 0_u64, 0_u32);
        // An hour, second by second. The service throttles whenever we use more than it has.
        for second in 0..3_600 {
            let now = Tick::ZERO.after(Span::from_secs(second));
            let level = adapt.tokens(now);
            if level > hidden {
                let _ = adapt.throttled(now, Cause::TokenRate, Some(level / 1_000 * 9 / 10));
            }
            if second >= 1_200 {
                sum += u64::from(level.min(hidden));
                throttles += u32::from(level > hidden);
                over = over.max(level.saturating_sub(hidden));
            }
        }
        let mean = sum / 2_400;
        prop_assert!(mean * 100 >= u64::from(hidden) * 75, "{mean} of {hidden}");
        prop_assert!(throttles <= 48, "{throttles} throttles in 40 minutes");
        prop_assert!(over <= 20_000, "{over} too much");
    }

    #[test]
    fn rates_that_were_stated_are_scaled((adapt, _, now) in taught(), bucket in strategies::bucket()) {
        let rate = bucket.rate();
        prop_assert_eq!(adapt.rate(now, Kind::Requests, rate), rate.part(adapt.requests(now)));
        for kind in [Kind::Tokens, Kind::Input, Kind::Output] {
            prop_assert_eq!(adapt.rate(now, kind, rate), rate.part(adapt.tokens(now)));
        }
        prop_assert_eq!(adapt.rate(now, Kind::DailyTokens, rate), rate);
        prop_assert_eq!(Cause::TokenRate.used(now, &Limits::unlimited()), None);
    }
}

fn growth() -> impl Strategy<Value = Growth> {
    prop_oneof![Just(Growth::Additive), Just(Growth::Cubic)]
}

fn cause() -> impl Strategy<Value = Cause> {
    prop_oneof![
        Just(Cause::RequestRate),
        Just(Cause::TokenRate),
        Just(Cause::Daily),
        Just(Cause::Capacity),
        Just(Cause::Unknown),
    ]
}

fn kinds(cause: Cause) -> &'static [Kind] {
    match cause {
        Cause::RequestRate => &[Kind::Requests],
        Cause::TokenRate => &[Kind::Tokens, Kind::Input, Kind::Output],
        Cause::Daily => &[Kind::DailyTokens],
        Cause::Unknown => &[Kind::Requests, Kind::Tokens, Kind::Input, Kind::Output],
        _ => &[],
    }
}

fn policy(growth: Growth, start: u32) -> Policy {
    let mut policy = Policy::default();
    (policy.growth, policy.start) = (growth, start);
    policy
}

/// After up to thirty throttles.
fn taught() -> impl Strategy<Value = (Adapt, Policy, Tick)> {
    let throttle = (cause(), prop::option::of(0_u32..1_500), 0_u64..100_000);
    let throttles = prop::collection::vec(throttle, 0..30);
    (growth(), 10_000_u32..=1_000_000, throttles).prop_map(|(growth, start, throttles)| {
        let policy = policy(growth, start);
        let mut now = Tick::ZERO;
        let mut adapt = Adapt::new(now, policy.clone());
        for (cause, used, millis) in throttles {
            now = now.after(Span::from_millis(millis));
            let _ = adapt.throttled(now, cause, used);
        }
        (adapt, policy, now)
    })
}
