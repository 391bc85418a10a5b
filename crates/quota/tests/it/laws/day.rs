//! Laws of a policy's day, and of what it never refuses for good.

use outcrop_quota::{
    Admission, Cause, Charge, DailyReset, Decision, Quotas, ServerModel, Span, Tick, Tokens,
};
use proptest::prelude::*;

use super::cases;
use crate::strategies::{Fraction, non_zero, part};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_day_sees_more_than_its_quota(
        quota in 1_000_u64..1_000_000,
        is_rolling in any::<bool>(),
        start: Fraction,
        calls in prop::collection::vec(any::<[Fraction; 4]>(), 1..80),
    ) {
        let reset = if is_rolling { DailyReset::Rolling } else { DailyReset::Midnight };
        let quotas =
            Quotas::default().with_tokens_per_day(non_zero(quota)).with_daily_reset(reset);
        let mut now = Tick::from_nanos(part(start, 3 * DAY));
        let mut admission = Admission::new(now, &quotas);
        // What counts, and since when.
        let mut counted = Vec::new();
        for [pause, size, actual, work] in calls {
            now = now.after(Span::from_nanos(part(pause, DAY / 6)));
            let reserved = part(size, quota / 3);
            let call = match admission.reserve(now, tokens(reserved)) {
                Decision::Admit(call) => call,
                Decision::Wait { until } => {
                    prop_assert!(until > now && until <= now.after(Span::from_nanos(DAY + MINUTE)));
                    continue;
                }
                Decision::Never { max } => {
                    prop_assert!(false, "{reserved} of {quota}, at most {max:?}");
                    break;
                }
            };
            let began = now;
            now = now.after(Span::from_nanos(part(work, MINUTE)));
            let actual = part(actual, reserved);
            admission.settle(now, call, tokens(actual));
            counted.push((began, actual));
        }
        let day = |at: Tick| at.as_nanos() / DAY;
        for (last, _) in &counted {
            let inside = counted.iter().filter(|(at, _)| match reset {
                DailyReset::Midnight => day(*at) == day(*last),
                _ => at <= last && last.as_nanos() - at.as_nanos() < DAY,
            });
            let sum: u64 = inside.map(|(_, n)| n).sum();
            prop_assert!(sum <= quota, "{sum} of {quota} within a day");
        }
    }

    #[test]
    fn what_is_within_the_quotas_may_go_one_day(
        tpm in 1_000_u64..1_000_000,
        model in 0..4,
        throttles in prop::collection::vec((any::<Fraction>(), cause()), 0..8),
        size: Fraction,
    ) {
        let (server, most) = match model {
            0 => (ServerModel::Unknown, tpm),
            1 => (ServerModel::Sliding, tpm),
            2 => (ServerModel::ClockMinute, tpm),
            _ => (ServerModel::Bucket { burst: Span::MINUTE.into() }, tpm * 9 / 10),
        };
        let quotas = Quotas::default().with_tokens_per_minute(non_zero(tpm)).with_server(server);
        let mut admission = Admission::new(Tick::ZERO, &quotas);
        let mut now = Tick::ZERO;
        for (pause, cause) in throttles {
            now = now.after(Span::from_nanos(part(pause, 20_000_000_000)));
            if let Decision::Admit(call) = admission.reserve(now, tokens(1)) {
                let _ = admission.throttled(now, call, cause);
            }
        }
        let decision = admission.check(now, tokens(part(size, most)));
        prop_assert!(!matches!(decision, Decision::Never { .. }), "{decision:?}");
    }
}

fn cause() -> impl Strategy<Value = Cause> {
    prop_oneof![Just(Cause::TokenRate), Just(Cause::Unknown)]
}

fn tokens(n: u64) -> Charge {
    Charge::request(Tokens::new(n))
}

const MINUTE: u64 = Span::MINUTE.as_nanos();
const DAY: u64 = Span::DAY.as_nanos();
