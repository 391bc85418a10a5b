//! Laws of the retry budget.

use outcrop_quota::{RetryBudget, RetryCause, RetryRatio};
use proptest::prelude::*;

use super::cases;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn retries_are_paid_for(events in prop::collection::vec(event(), 0..400)) {
        let mut budget = RetryBudget::new();
        let mut points = 500_u32;
        let mut permits = Vec::new();
        for event in events {
            match event {
                Event::Retry(cause) => {
                    let cost = match cause {
                        RetryCause::Throttled => 5,
                        _ => 14,
                    };
                    let permit = budget.acquire(cause);
                    prop_assert_eq!(permit.is_some(), cost <= points);
                    if let Some(permit) = permit {
                        points -= cost;
                        permits.push((permit, cost));
                    }
                }
                Event::Fail => drop(permits.pop()),
                Event::Succeed => {
                    let (permit, back) = permits.pop().map_or((None, 1), |(permit, cost)| (Some(permit), cost));
                    budget.succeed(permit);
                    points = (points + back).min(500);
                }
            }
            prop_assert_eq!(budget.available(), points);
        }
    }

    #[test]
    fn retries_stay_within_their_ratio(
        per_mille in 0_u16..1_500,
        burst in 0_u32..10,
        events in prop::collection::vec(any::<bool>(), 0..300),
    ) {
        let mut ratio = RetryRatio::new(per_mille, burst);
        let mut made = Vec::new();
        for is_request in events {
            if is_request {
                ratio.request();
                made.push(true);
            } else {
                let available = ratio.available();
                prop_assert_eq!(ratio.acquire(), available > 0);
                if available > 0 {
                    made.push(false);
                }
            }
            prop_assert!(ratio.available() <= burst.into());
        }
        // Every window, in thousandths of a retry.
        for start in 0..made.len() {
            let (mut requests, mut retries) = (0_u64, 0_u64);
            for &is_request in &made[start..] {
                *(if is_request { &mut requests } else { &mut retries }) += 1;
                let most = 1_000 * u64::from(burst) + requests * u64::from(per_mille);
                prop_assert!(1_000 * retries <= most);
            }
        }
    }

    #[test]
    fn failures_exhaust_the_budget(causes in prop::collection::vec(cause(), 101..200)) {
        let mut budget = RetryBudget::new();
        let spent: u32 = causes
            .into_iter()
            .filter_map(|cause| budget.acquire(cause).map(|_permit| cause.cost()))
            .sum();
        prop_assert!(spent <= RetryBudget::CAPACITY);
        prop_assert_eq!(budget.available(), RetryBudget::CAPACITY - spent);
        prop_assert!(budget.acquire(RetryCause::Transient).is_none());
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Retry(RetryCause),
    Fail,
    Succeed,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => cause().prop_map(Event::Retry),
        2 => Just(Event::Fail),
        1 => Just(Event::Succeed),
    ]
}

fn cause() -> impl Strategy<Value = RetryCause> {
    prop_oneof![Just(RetryCause::Throttled), Just(RetryCause::Transient)]
}
