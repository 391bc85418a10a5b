//! Reservations: charged before the call, corrected after it, exactly once.

use crate::{Charge, Decision, Limits, Tick};

/// Keeps the books of calls in flight over [`Limits`].
///
/// A call reserves what it may cost at most, and settles what it did cost:
///
/// * [`settle`](Self::settle) when the cost is known: the difference is given back, or charged;
/// * [`refund`](Self::refund) when the call was never sent: all is given back;
/// * [`keep`](Self::keep) when it may have been sent and nobody knows its cost: the reserved charge
///   stands.
///
/// Dropping a [`Reservation`] without any of these leaves its charge standing too, so that
/// forgetting one can never admit too much; but it stays among the outstanding ones.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU64;
/// use outcrop_quota::{Bucket, Charge, Decision, Ledger, Limits, Rate, Tick, Tokens};
///
/// let tpm = NonZeroU64::new(60_000).unwrap();
/// let limits = Limits::unlimited().with_tokens(Bucket::new(Rate::per_minute(tpm), tpm));
/// let mut ledger = Ledger::new(limits);
///
/// let reserved = Charge::request(Tokens::new(9_000));
/// let Decision::Admit(reservation) = ledger.reserve(Tick::ZERO, reserved) else { panic!() };
/// let settled = ledger.settle(Tick::ZERO, reservation, Charge::request(Tokens::new(1_500)));
/// assert_eq!(settled.returned.tokens, Tokens::new(7_500));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    limits: Limits,
    outstanding: u64,
    held: Charge,
}

impl Ledger {
    /// A ledger with nothing outstanding.
    pub const fn new(limits: Limits) -> Self {
        Self { limits, outstanding: 0, held: Charge::ZERO }
    }

    /// The limits as they stand.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How many reservations are neither settled, nor refunded, nor kept.
    pub const fn outstanding(&self) -> u64 {
        self.outstanding
    }

    /// The sum of the outstanding reservations.
    pub const fn held(&self) -> Charge {
        self.held
    }

    /// Takes `charge` from every limit and hands out a reservation for it, or refuses and changes
    /// nothing.
    pub fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Reservation, Charge> {
        self.limits.take(now, charge).map(|()| {
            self.outstanding = self.outstanding.saturating_add(1);
            self.held = self.held.saturating_add(charge);
            Reservation { charge }
        })
    }

    /// Replaces the reserved charge by the actual one.
    ///
    /// The reservation must come from this ledger.
    pub fn settle(&mut self, now: Tick, reservation: Reservation, actual: Charge) -> Settled {
        let reserved = self.close(reservation);
        let unused = reserved.saturating_sub(actual);
        let debt = actual.saturating_sub(reserved);
        self.limits.charge(now, debt);
        let clipped = self.limits.give_back(now, unused);
        Settled { returned: unused.saturating_sub(clipped), clipped, debt }
    }

    /// Gives back all of a reservation, for a call that was never sent.
    pub fn refund(&mut self, now: Tick, reservation: Reservation) -> Settled {
        self.settle(now, reservation, Charge::ZERO)
    }

    /// Lets the reserved charge stand, for a call that may have been sent and whose cost nobody
    /// knows.
    pub fn keep(&mut self, reservation: Reservation) {
        self.close(reservation);
    }

    fn close(&mut self, reservation: Reservation) -> Charge {
        let Reservation { charge } = reservation;
        self.outstanding = self.outstanding.saturating_sub(1);
        self.held = self.held.saturating_sub(charge);
        charge
    }
}

/// A charge that was taken from the limits and awaits its settlement.
///
/// It can be neither copied nor made by hand, and settling it consumes it: what was reserved once
/// is settled at most once.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "an unsettled reservation holds its quota until it has refilled"]
pub struct Reservation {
    charge: Charge,
}

impl Reservation {
    /// What was reserved.
    pub const fn charge(&self) -> Charge {
        self.charge
    }
}

/// How a reservation ended. Always `reserved + debt = actual + returned + clipped`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Settled {
    /// Reserved, not used, and available again.
    pub returned: Charge,
    /// Reserved, not used, and lost, because the limit was full again before the settlement.
    pub clipped: Charge,
    /// Used beyond what was reserved.
    pub debt: Charge,
}
