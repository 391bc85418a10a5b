//! Limiters with the defects that limiters usually have: the laws that the crate exports catch each.

use outcrop_quota::laws::{self, Limiter};
use outcrop_quota::{Charge, Decision, Ledger, Limits, Reservation, Tick, Tokens};

#[test]
fn spending_a_request_on_a_refusal_is_caught() {
    assert_ne!(broken(Defect::SpendsOnRefusal), "");
}

#[test]
fn sending_after_a_timed_out_wait_is_caught() {
    assert_eq!(broken(Defect::FallsThrough), "admits_no_more_than_the_limits");
}

#[test]
fn waiting_for_ever_for_what_never_fits_is_caught() {
    assert_eq!(broken(Defect::WaitsForEver), "waits_are_tight");
}

#[test]
fn refilling_on_a_clock_that_jumps_is_caught() {
    assert_eq!(broken(Defect::TrustsTheClock), "admits_no_more_than_the_limits");
}

#[test]
fn settling_nothing_is_caught() {
    assert_ne!(broken(Defect::NeverSettles), "");
}

#[test]
fn holding_only_half_of_max_tokens_is_caught() {
    assert_eq!(broken(Defect::HoldsHalf), "admits_no_more_than_the_limits");
}

#[test]
fn without_a_defect_nothing_is_caught() {
    assert_eq!(broken(Defect::None), "");
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
            _ => {}
        }
        decision
    }

    fn settle(&mut self, now: Tick, held: Reservation, actual: Charge) {
        if self.defect == Defect::NeverSettles {
            self.ledger.keep(held);
        } else {
            self.ledger.settle(now, held, actual);
        }
    }
}

/// The law that a limiter with this defect breaks, if any.
fn broken(defect: Defect) -> &'static str {
    let make = |limits: &Limits| Careless {
        defect,
        limits: limits.clone(),
        ledger: Ledger::new(limits.clone()),
        latest: Tick::ZERO,
        refusals: 0,
    };
    laws::check(512, &make).err().map_or("", |broken| broken.law)
}
