//! Reservations: charged before the call, corrected during and after it, ended exactly once.

use alloc::collections::BTreeMap;

use crate::{Charge, Decision, Limit, Limits, Requests, Span, Tick};

/// Keeps the books of calls in flight over [`Limits`] or a [`Tree`](crate::Tree) of them.
///
/// A call reserves what it may cost at most, may [`adjust`](Self::adjust) that while its output
/// arrives, and ends in one of four ways:
///
/// * [`settle`](Self::settle) when the cost is known: the difference is given back, or charged;
/// * [`refund`](Self::refund) when the call was never sent: all is given back;
/// * [`keep`](Self::keep) when nobody will ever know its cost: the reserved charge stands;
/// * [`abandon`](Self::abandon) when the caller has gone, and the call may have been sent: the
///   reserved charge stands until its usage is told or a time-out has passed.
///
/// A [`Reservation`] is a plain value, and dropping it tells the ledger nothing: its charge stands
/// and its request remains in flight, so that forgetting one can never admit too much. Whoever
/// holds one across code that can be cancelled must therefore refund it on drop if nothing was
/// sent, and abandon it if something may have been.
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
pub struct Ledger<L: Limit = Limits> {
    limits: L,
    outstanding: u64,
    held: Charge,
    /// The latest change of the limits.
    at: Tick,
    /// By the end of their time-out.
    abandoned: BTreeMap<Abandoned, Record<L::Place>>,
    next_number: u64,
}

impl Ledger<Limits> {
    /// Takes `charge` from every limit and hands out a reservation for it, or refuses and changes
    /// nothing.
    #[inline]
    pub fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Reservation, Charge> {
        self.reserve_in(now, (), charge)
    }
}

impl<L: Limit> Ledger<L> {
    /// A ledger with nothing outstanding.
    pub const fn new(limits: L) -> Self {
        Self {
            limits,
            outstanding: 0,
            held: Charge::ZERO,
            at: Tick::ZERO,
            abandoned: BTreeMap::new(),
            next_number: 0,
        }
    }

    /// The limits as they stand.
    pub const fn limits(&self) -> &L {
        &self.limits
    }

    /// The limits, to change their rates as [`Adapt`](crate::Adapt) says.
    pub const fn limits_mut(&mut self) -> &mut L {
        &mut self.limits
    }

    /// How many reservations have not ended. An abandoned one ends with its time-out.
    pub const fn outstanding(&self) -> u64 {
        self.outstanding
    }

    /// The sum of the outstanding reservations.
    pub const fn held(&self) -> Charge {
        self.held
    }

    /// Takes `charge` from every limit that holds in `place` and hands out a reservation for it, or
    /// refuses and takes nothing.
    #[inline]
    pub fn reserve_in(
        &mut self,
        now: Tick,
        place: L::Place,
        charge: Charge,
    ) -> Decision<Reservation<L::Place>, Charge> {
        if !self.abandoned.is_empty() {
            self.expire(now);
        }
        let now = self.at.max(now);
        self.limits.take(now, place, charge).map(|()| {
            if charge != Charge::ZERO {
                self.at = now;
            }
            self.outstanding = self.outstanding.saturating_add(1);
            self.held = self.held.saturating_add(charge);
            Reservation(Record { charge, entered: charge.requests, at: self.at, place })
        })
    }

    /// Replaces the charge of a reservation that goes on, because more is known by now.
    ///
    /// The reservation must come from this ledger, here and below.
    pub fn adjust(
        &mut self,
        now: Tick,
        reservation: &mut Reservation<L::Place>,
        charge: Charge,
    ) -> Settled {
        let before = reservation.0;
        reservation.0.charge = charge;
        self.held = self.held.saturating_sub(before.charge).saturating_add(charge);
        self.correct(now, before, charge)
    }

    /// Replaces the reserved charge by the actual one.
    #[inline]
    pub fn settle(
        &mut self,
        now: Tick,
        reservation: Reservation<L::Place>,
        actual: Charge,
    ) -> Settled {
        let record = self.close(reservation.0);
        self.correct(now, record, actual)
    }

    /// Gives back all of a reservation, for a call that was never sent.
    pub fn refund(&mut self, now: Tick, reservation: Reservation<L::Place>) -> Settled {
        self.settle(now, reservation, Charge::ZERO)
    }

    /// Lets the reserved charge stand, for a call that may have been sent and whose cost nobody
    /// will know.
    pub fn keep(&mut self, reservation: Reservation<L::Place>) {
        self.close(reservation.0);
    }

    /// Leaves a call to itself that may have been sent: its charge stands and its request counts
    /// as in flight, until [`settle_abandoned`](Self::settle_abandoned) or, at the latest, for
    /// `patience`; then it is kept as it is.
    pub fn abandon(
        &mut self,
        now: Tick,
        reservation: Reservation<L::Place>,
        patience: Span,
    ) -> Abandoned {
        let abandoned = Abandoned { until: now.after(patience), number: self.next_number };
        self.next_number = self.next_number.wrapping_add(1);
        self.abandoned.insert(abandoned, reservation.0);
        abandoned
    }

    /// The usage of an abandoned call has become known after all. `None`, and nothing is changed,
    /// if its time-out has passed or it was settled before.
    pub fn settle_abandoned(
        &mut self,
        now: Tick,
        abandoned: Abandoned,
        actual: Charge,
    ) -> Option<Settled> {
        self.expire(now);
        let record = self.abandoned.remove(&abandoned)?;
        Some(self.settle(now, Reservation(record), actual))
    }

    /// Ends the abandoned reservations whose time-out has passed. Every reservation does so first.
    pub fn expire(&mut self, now: Tick) {
        while let Some(first) = self.abandoned.first_entry()
            && first.key().until <= now
        {
            let record = first.remove();
            self.close(record);
        }
    }

    /// When the next abandoned reservation ends, which lets a request in if only the number of
    /// those in flight was in its way.
    pub fn next_expiry(&self) -> Option<Tick> {
        self.abandoned.first_key_value().map(|(abandoned, _)| abandoned.until)
    }

    #[inline]
    fn close(&mut self, record: Record<L::Place>) -> Record<L::Place> {
        self.outstanding = self.outstanding.saturating_sub(1);
        self.held = self.held.saturating_sub(record.charge);
        self.limits.leave(record.place, record.entered);
        record
    }

    #[inline]
    fn correct(&mut self, now: Tick, from: Record<L::Place>, to: Charge) -> Settled {
        let unused = from.charge.saturating_sub(to);
        let debt = to.saturating_sub(from.charge);
        self.charge(now, from.place, debt);
        let clipped = self.give_back(now, from, unused);
        Settled { returned: unused.saturating_sub(clipped), clipped, debt }
    }

    #[inline]
    fn charge(&mut self, now: Tick, place: L::Place, charge: Charge) {
        if charge != Charge::ZERO {
            self.at = self.at.max(now);
            self.limits.charge(self.at, place, charge);
        }
    }

    #[inline]
    fn give_back(&mut self, now: Tick, from: Record<L::Place>, unused: Charge) -> Charge {
        if unused == Charge::ZERO {
            return Charge::ZERO;
        }
        self.at = self.at.max(now);
        self.limits.give_back(self.at, from.place, from.at, unused)
    }
}

/// A charge that was taken from the limits and awaits its settlement.
///
/// It can be neither copied nor made by hand, and settling it consumes it: what was reserved once
/// is settled at most once. See [`Ledger`] for what becomes of one that is dropped.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "an unsettled reservation holds its quota until it has refilled"]
pub struct Reservation<P = ()>(Record<P>);

impl<P: Copy> Reservation<P> {
    /// What is reserved, after all adjustments.
    pub const fn charge(&self) -> Charge {
        self.0.charge
    }

    /// Where it was reserved.
    pub const fn place(&self) -> P {
        self.0.place
    }
}

/// Names an abandoned reservation, so that its usage can still be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Abandoned {
    until: Tick,
    number: u64,
}

impl Abandoned {
    /// When its charge stands for good.
    pub const fn until(self) -> Tick {
        self.until
    }
}

/// How a reservation was corrected. Always `before + debt = after + returned + clipped`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Settled {
    /// Reserved, not used, and available again in every limit.
    pub returned: Charge,
    /// Reserved, not used, and lost to at least one limit that was full again before; where several
    /// limits count the same, what the fullest of them lost.
    pub clipped: Charge,
    /// Used beyond what was reserved.
    pub debt: Charge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record<P> {
    charge: Charge,
    /// The requests that count as in flight, whatever the charge is adjusted to.
    entered: Requests,
    /// When it was taken.
    at: Tick,
    place: P,
}
