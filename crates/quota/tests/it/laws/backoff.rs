//! Laws of the pauses between retries.

use outcrop_quota::{Backoff, Decorrelated, Jitter, Span};
use proptest::prelude::*;

use super::cases;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn ceiling_doubles_up_to_the_cap(base: u64, cap: u64, attempt in 0_u32..100) {
        let ceiling = backoff(Jitter::None, base, cap).ceiling(attempt).as_nanos();
        let mut exact = u128::from(base);
        for _ in 0..attempt {
            exact = (exact * 2).min(u64::MAX.into());
        }
        prop_assert_eq!(u128::from(ceiling), exact.min(cap.into()));
    }

    #[test]
    fn pause_stays_in_bounds(base: u64, cap: u64, attempt in 0_u32..70, draw in draws()) {
        let top = backoff(Jitter::None, base, cap).ceiling(attempt);
        let half = Span::from_nanos(top.as_nanos() / 2);
        for (jitter, least) in [(Jitter::Full, Span::ZERO), (Jitter::Equal, half), (Jitter::None, top)] {
            let backoff = backoff(jitter, base, cap);
            let pause = |draw| backoff.delay(attempt, draw, None);
            prop_assert!((least..=top).contains(&pause(draw)));
            // Both ends are reached, and a larger draw never shortens the pause.
            prop_assert_eq!([pause(0), pause(u64::MAX)], [least, top]);
            prop_assert!(pause(draw) <= pause(draw.saturating_add(1)));
        }
    }

    #[test]
    fn pause_is_spread_evenly(top: u64, draw in draws()) {
        // The pause is the draw's share of all possible pauses, to within the rounding down.
        let pause = backoff(Jitter::Full, top, top).delay(0, draw, None).as_nanos();
        let [top, draw, pause] = [top, draw, pause].map(u128::from);
        prop_assert!(pause << 64 <= (top + 1) * draw);
        prop_assert!((top + 1) * draw - (pause << 64) < 1 << 64);
    }

    #[test]
    fn decorrelated_pause_stays_in_bounds(
        base: u64,
        cap: u64,
        previous in prop::option::of(any::<u64>()),
        draw in draws(),
        hint: u64,
    ) {
        let backoff = Decorrelated::new(Span::from_nanos(base), Span::from_nanos(cap));
        let pause = |draw| backoff.delay(previous.map(Span::from_nanos), draw, None);
        let top = previous.unwrap_or(base).saturating_mul(3).max(base);
        let [least, most] = [base.min(cap), top.min(cap)].map(Span::from_nanos);
        prop_assert_eq!([pause(0), pause(u64::MAX)], [least, most]);
        prop_assert!((least..=most).contains(&pause(draw)));
        prop_assert!(pause(draw) <= pause(draw.saturating_add(1)));
        let hinted = backoff.delay(previous.map(Span::from_nanos), draw, Some(Span::from_nanos(hint)));
        let longest = pause(draw).saturating_add(Span::from_secs(5)).as_nanos();
        prop_assert_eq!(hinted.as_nanos(), hint.min(longest).max(pause(draw).as_nanos()));
    }

    #[test]
    fn server_hint_lengthens_by_five_seconds_at_most(
        base: u64,
        cap: u64,
        attempt in 0_u32..70,
        draw in draws(),
        hint: u64,
        near in 0_u64..10_000,
    ) {
        for jitter in [Jitter::Full, Jitter::Equal, Jitter::None] {
            let backoff = backoff(jitter, base, cap);
            let own = backoff.delay(attempt, draw, None);
            let longest = own.saturating_add(Span::from_secs(5));
            for hint in [Span::from_nanos(hint), own.saturating_add(Span::from_millis(near))] {
                let pause = backoff.delay(attempt, draw, Some(hint));
                let expected = if hint < own { own } else { hint.min(longest) };
                prop_assert_eq!(pause, expected);
            }
        }
    }
}

fn backoff(jitter: Jitter, base: u64, cap: u64) -> Backoff {
    Backoff::new(jitter, Span::from_nanos(base), Span::from_nanos(cap))
}

fn draws() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(1 << 63), Just(u64::MAX), any::<u64>()]
}
