//! Runs the laws on a limiter that is not of this crate, and on one that breaks them.

#![expect(clippy::print_stdout, reason = "an example shows what it finds")]

use std::error::Error;

use outcrop_quota::laws::{self, Limiter};
use outcrop_quota::{Charge, Decision, Ledger, Limits, Reservation, Tick};

/// How many random cases each law is tried on.
const CASES: u32 = 256;

/// A limiter of one's own. This one only counts what it does; yours may ask a shared store.
struct Counting {
    inner: Ledger,
    admitted: u64,
}

impl Limiter for Counting {
    type Held = Reservation;

    fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Reservation, Charge> {
        let decision = self.inner.reserve(now, charge);
        self.admitted += u64::from(decision.is_admitted());
        decision
    }

    fn settle(&mut self, now: Tick, held: Reservation, actual: Charge) {
        self.inner.settle(now, held, actual);
    }
}

/// The usual mistake: the estimate is never corrected.
struct NeverSettled(Ledger);

impl Limiter for NeverSettled {
    type Held = Reservation;

    fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Reservation, Charge> {
        self.0.reserve(now, charge)
    }

    fn settle(&mut self, _: Tick, held: Reservation, _: Charge) {
        self.0.keep(held);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let counting = |limits: &Limits| Counting { inner: Ledger::new(limits.clone()), admitted: 0 };
    laws::check(CASES, &counting)?;
    println!("the counting limiter keeps all {} laws", laws::all::<Counting>().len());

    let careless = |limits: &Limits| NeverSettled(Ledger::new(limits.clone()));
    match laws::check(CASES, &careless) {
        Ok(()) => Err("a limiter that never settles should break a law".into()),
        Err(broken) => {
            println!("the careless one breaks `{}`", broken.law);
            Ok(())
        }
    }
}
