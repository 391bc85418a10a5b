//! What a ledger needs of the limits under it.

use core::fmt;

use crate::{Charge, Decision, Limits, Requests, Tick};

/// Limits that a [`Ledger`](crate::Ledger) can keep its books over.
///
/// The ledger charges only what it has checked in the same call, so that an implementation need
/// not be all-or-nothing itself; it must only answer for all of its limits together.
pub trait Limit {
    /// Where a charge goes, if there are several places, as in a [`Tree`](crate::Tree).
    type Place: Copy + Eq + fmt::Debug;

    /// Whether all limits have room for `charge`. Changes nothing.
    fn check(&self, now: Tick, place: Self::Place, charge: Charge) -> Decision<(), Charge>;

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

    fn check(&self, now: Tick, (): (), charge: Charge) -> Decision<(), Charge> {
        self.check(now, charge)
    }

    fn charge(&mut self, now: Tick, (): (), charge: Charge) {
        self.charge(now, charge);
    }

    fn give_back(&mut self, now: Tick, (): (), _taken: Tick, charge: Charge) -> Charge {
        self.give_back(now, charge)
    }

    fn enter(&mut self, (): (), requests: Requests) {
        self.enter(requests);
    }

    fn leave(&mut self, (): (), requests: Requests) {
        self.leave(requests);
    }
}
