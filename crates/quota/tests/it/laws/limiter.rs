//! The laws that the crate exports, on its own limiters: a ledger, one over limits within limits, and
//! the whole policy.

use outcrop_quota::laws::{self, Law, Limiter};
use outcrop_quota::{Admission, Charge, Decision, Ledger, Limits, Place, Reservation, Tick, Tree};
use proptest::prelude::*;

use super::cases;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn ledger_admits_no_more_than_the_limits(case in laws::cases()) {
        laws::admits_no_more_than_the_limits(&ledger, &case)?;
        laws::admits_no_more_than_the_limits(&nested, &case)?;
        laws::admits_no_more_than_the_limits(&admission, &case)?;
    }

    #[test]
    fn ledger_waits_are_tight(case in laws::cases()) {
        laws::waits_are_tight(&ledger, &case)?;
        laws::waits_are_tight(&nested, &case)?;
        laws::waits_are_tight(&admission, &case)?;
    }

    #[test]
    fn ledger_too_large_is_never(case in laws::cases()) {
        laws::too_large_is_never(&ledger, &case)?;
        laws::too_large_is_never(&nested, &case)?;
        laws::too_large_is_never(&admission, &case)?;
    }

    #[test]
    fn ledger_refusal_changes_nothing(case in laws::cases()) {
        laws::refusal_changes_nothing(&ledger, &case)?;
        laws::refusal_changes_nothing(&nested, &case)?;
        laws::refusal_changes_nothing(&admission, &case)?;
    }

    #[test]
    fn ledger_refund_undoes_reserve(case in laws::cases()) {
        laws::refund_undoes_reserve(&ledger, &case)?;
        laws::refund_undoes_reserve(&nested, &case)?;
        laws::refund_undoes_reserve(&admission, &case)?;
    }

    #[test]
    fn ledger_settlement_replaces_the_estimate(case in laws::cases()) {
        laws::settlement_replaces_the_estimate(&ledger, &case)?;
        laws::settlement_replaces_the_estimate(&nested, &case)?;
        laws::settlement_replaces_the_estimate(&admission, &case)?;
    }

    #[test]
    fn ledger_backward_clock_changes_nothing(case in laws::cases()) {
        laws::backward_clock_changes_nothing(&ledger, &case)?;
        laws::backward_clock_changes_nothing(&nested, &case)?;
        laws::backward_clock_changes_nothing(&admission, &case)?;
    }

    #[test]
    fn ledger_answers_are_those_of_the_list(case in laws::cases()) {
        laws::answers_are_those_of_the_list(&ledger, &case)?;
        laws::answers_are_those_of_the_list(&nested, &case)?;
        laws::answers_are_those_of_the_list(&admission, &case)?;
    }
}

/// What is exported one by one, and proved above for each limiter, is also what `check` checks.
#[test]
fn ledger_keeps_all_exported_laws() {
    laws::check(1_024, &ledger).unwrap();
    let names = laws::all::<Ledger>().map(|(name, _): (_, Law<Ledger>)| name);
    let own = include_str!("limiter.rs");
    assert!(names.iter().all(|name| own.contains(&format!("fn ledger_{name}("))));
}

fn ledger(limits: &Limits) -> Ledger {
    Ledger::new(limits.clone())
}

fn admission(limits: &Limits) -> Admission {
    Admission::over(Tick::ZERO, limits.clone())
}

/// A tenant within a model within an account, of which each has one of the limits, or both.
struct Nested(Ledger<Tree>, Place);

fn nested(limits: &Limits) -> Nested {
    let mut tree = Tree::new();
    let requests = limits.requests().cloned().unwrap();
    let account = tree.root(Limits::unlimited().with_requests(requests));
    let model = tree.within(account, limits.clone());
    let tokens = limits.tokens().cloned().unwrap();
    let tenant = tree.within(model, Limits::unlimited().with_daily_tokens(tokens));
    Nested(Ledger::new(tree), tenant)
}

impl Limiter for Nested {
    type Held = Reservation<Place>;

    fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Self::Held, Charge> {
        self.0.reserve_in(now, self.1, charge)
    }

    fn settle(&mut self, now: Tick, held: Self::Held, actual: Charge) {
        self.0.settle(now, held, actual);
    }
}
