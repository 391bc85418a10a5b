//! Laws of the retry budget.

use outcrop_quota::{RetryBudget, RetryCause};
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
