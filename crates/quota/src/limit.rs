//! What a ledger needs of the limits under it.

use core::fmt;

use crate::{Charge, Decision, Limits, Requests, Tick};

/// Limits that a [`Ledger`](crate::Ledger) can keep its books over.
///
/// An implementation need not be all-or-nothing itself; it must only answer for all of its limits
/// together.
pub trait Limit {
    /// Where a charge goes, if there are several places, as in a [`Tree`](crate::Tree).
    type Place: Copy + Eq + fmt::Debug;

    /// Whether all limits have room for `charge`. Changes nothing.
    fn check(&self, now: Tick, place: Self::Place, charge: Charge) -> Decision<(), Charge>;

    /// Takes `charge` from all limits if all have room for it; otherwise changes nothing.
    fn take(&mut self, now: Tick, place: Self::Place, charge: Charge) -> Decision<(), Charge> {
        let decision = self.check(now, place, charge);
        if decision.is_admitted() {
            self.charge(now, place, charge);
            self.enter(place, charge.requests);
        }
        decision
    }

    /// Takes `charge` from all buckets, into debt where it is not there.
    fn charge(&mut self, now: Tick, place: Self::Place, charge: Charge);

    /// Puts `charge`, which was taken at `taken`, back into all limits and returns, for each part,
    /// the most that did not fit into one of the buckets.
    #[must_use = "what did not fit is gone"]
    fn give_back(&mut self, now: Tick, place: Self::Place, taken: Tick, charge: Charge) -> Charge;

    /// These requests are in flight.
    fn enter(&mut self, place: Self::Place, requests: Requests);

    /// These requests are no longer in flight.
    fn leave(&mut self, place: Self::Place, requests: Requests);
}

impl Limit for Limits {
    type Place = ();

    #[inline]
    fn check(&self, now: Tick, (): (), charge: Charge) -> Decision<(), Charge> {
        self.check(now, charge)
    }

    #[inline]
    fn take(&mut self, now: Tick, (): (), charge: Charge) -> Decision<(), Charge> {
        self.take(now, charge)
    }

    #[inline]
    fn charge(&mut self, now: Tick, (): (), charge: Charge) {
        self.charge(now, charge);
    }

    #[inline]
    fn give_back(&mut self, now: Tick, (): (), _taken: Tick, charge: Charge) -> Charge {
        self.give_back(now, charge)
    }

    #[inline]
    fn enter(&mut self, (): (), requests: Requests) {
        self.enter(requests);
    }

    #[inline]
    fn leave(&mut self, (): (), requests: Requests) {
        self.leave(requests);
    }
}
