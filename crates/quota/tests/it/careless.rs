//! Limiters with the defects that limiters usually have: the laws that the crate exports catch each.

use outcrop_quota::laws::{self, Limiter};
use outcrop_quota::{Charge, Decision, Ledger, Limits, Reservation, Tick, Tokens};
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

#[test]
fn spending_a_request_on_a_refusal_is_caught() {
    assert!(breaks(Defect::SpendsOnRefusal, "refusal_changes_nothing"));
}

#[test]
fn sending_after_a_timed_out_wait_is_caught() {
    assert!(breaks(Defect::FallsThrough, "admits_no_more_than_the_limits"));
}

#[test]
fn waiting_for_ever_for_what_never_fits_is_caught() {
    assert!(breaks(Defect::WaitsForEver, "too_large_is_never"));
}

#[test]
fn refilling_on_a_clock_that_jumps_is_caught() {
    assert!(breaks(Defect::TrustsTheClock, "backward_clock_changes_nothing"));
}

#[test]
fn settling_nothing_is_caught() {
    assert!(breaks(Defect::NeverSettles, "settlement_replaces_the_estimate"));
}

#[test]
fn refunding_more_than_was_taken_is_caught() {
    assert!(breaks(Defect::RefundsAll, "refund_undoes_reserve"));
}

#[test]
fn waking_too_early_is_caught() {
    assert!(breaks(Defect::WakesEarly, "waits_are_tight"));
}

#[test]
fn holding_only_half_of_max_tokens_is_caught() {
    assert!(breaks(Defect::HoldsHalf, "answers_are_those_of_the_list"));
    assert!(breaks(Defect::HoldsHalf, "admits_no_more_than_the_limits"));
}

#[test]
fn without_a_defect_nothing_is_caught() {
    for (law, _) in laws::all::<Careless>() {
        assert!(!breaks(Defect::None, law), "{law}");
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defect {
    None,
    /// Takes the request before it asks for the tokens.
    SpendsOnRefusal,
    /// Admits whoever has been told to wait twice.
    FallsThrough,
    /// Lets a charge wait that can never fit.
    WaitsForEver,
    /// Starts anew when the clock goes back.
    TrustsTheClock,
    /// Lets every estimate stand.
    NeverSettles,
    /// Takes half of the tokens that it is asked for.
    HoldsHalf,
    /// Is full again after every refund.
    RefundsAll,
    /// Tells those who wait to come back a nanosecond before it is time.
    WakesEarly,
}

struct Careless {
    defect: Defect,
    limits: Limits,
    ledger: Ledger,
    latest: Tick,
    refusals: u32,
}

impl Limiter for Careless {
    type Held = Reservation;

    fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Reservation, Charge> {
        if self.defect == Defect::TrustsTheClock && now < self.latest {
            self.ledger = Ledger::new(self.limits.clone());
        }
        self.latest = now;
        let mut asked = charge;
        if self.defect == Defect::HoldsHalf {
            asked.tokens = Tokens::new(charge.tokens.get() / 2);
        }
        let decision = self.ledger.reserve(now, asked);
        match (&decision, self.defect) {
            (Decision::Wait { .. }, Defect::SpendsOnRefusal) => {
                let request = Charge::new(1.into(), Tokens::ZERO);
                self.ledger.limits_mut().charge(now, request);
            }
            (Decision::Wait { .. }, Defect::FallsThrough) => {
                self.refusals += 1;
                if self.refusals > 2 {
                    self.ledger.limits_mut().charge(now, charge);
                    return Ledger::default().reserve(now, charge);
                }
            }
            (Decision::Never { .. }, Defect::WaitsForEver) => {
                return Decision::Wait { until: Tick::MAX };
            }
            (Decision::Wait { until }, Defect::WakesEarly) => {
                return Decision::Wait { until: Tick::from_nanos(until.as_nanos() - 1) };
            }
            _ => {}
        }
        decision
    }

    fn settle(&mut self, now: Tick, held: Reservation, actual: Charge) {
        if self.defect == Defect::NeverSettles {
            self.ledger.keep(held);
            return;
        }
        self.ledger.settle(now, held, actual);
        if self.defect == Defect::RefundsAll && actual == Charge::ZERO {
            let _clipped = self.ledger.limits_mut().give_back(now, Charge::MAX);
        }
    }
}

/// Whether a limiter with this defect breaks this law. The cases are the same in every run.
fn breaks(defect: Defect, law: &str) -> bool {
    let make = |limits: &Limits| Careless {
        defect,
        limits: limits.clone(),
        ledger: Ledger::new(limits.clone()),
        latest: Tick::ZERO,
        refusals: 0,
    };
    let (_, holds) = laws::all().into_iter().find(|(name, _)| *name == law).unwrap();
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let seeded = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, seeded);
    let outcome = runner.run(&laws::cases(), |case| holds(&make, &case));
    assert!(!matches!(outcome, Err(TestError::Abort(_))), "no cases for {law}");
    outcome.is_err()
}

const CASES: u32 = 512;
