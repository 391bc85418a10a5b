//! One limit by the window: so much in any span of time, or in each minute of the clock.

use alloc::collections::VecDeque;
use core::num::NonZeroU64;

use crate::{Decision, Span, Tick};

/// Counts what was taken within a window, and admits up to a quota.
///
/// A [sliding](Self::sliding) window looks back over the span before now; an
/// [aligned](Self::aligned) one starts afresh at every multiple of its span, as a clock minute does.
/// What turns out to cost less is corrected where it was taken, as long as that is still inside; what
/// turns out to cost more counts from the moment that this is known.
///
/// A tick earlier than the latest change counts as the tick of that change.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU64;
/// use outcrop_quota::{Decision, Span, Tick, Window};
///
/// let mut window = Window::sliding(NonZeroU64::new(10).unwrap(), Span::MINUTE);
/// let Decision::Admit(slot) = window.take(Tick::ZERO, 8) else { panic!() };
/// let minute = Tick::ZERO.after(Span::MINUTE);
/// assert_eq!(window.check(Tick::ZERO, 5), Decision::Wait { until: minute });
/// window.correct(Tick::ZERO, slot, 2);
/// assert!(window.check(Tick::ZERO, 5).is_admitted());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    quota: NonZeroU64,
    span: Span,
    aligned: bool,
    /// When each entry leaves, and how much it is; in the order of leaving.
    entries: VecDeque<(Tick, u64)>,
    /// The number of the first entry.
    first: u64,
    used: u128,
    at: Tick,
}

impl Window {
    /// At most `quota` in any `span`.
    pub const fn sliding(quota: NonZeroU64, span: Span) -> Self {
        Self::new(quota, span, false)
    }

    /// At most `quota` between one multiple of `span` and the next.
    pub const fn aligned(quota: NonZeroU64, span: Span) -> Self {
        Self::new(quota, span, true)
    }

    const fn new(quota: NonZeroU64, span: Span, aligned: bool) -> Self {
        let entries = VecDeque::new();
        Self { quota, span, aligned, entries, first: 0, used: 0, at: Tick::ZERO }
    }

    /// The most that a window admits.
    pub const fn quota(&self) -> NonZeroU64 {
        self.quota
    }

    /// Admits up to `quota` from now on; what was taken stays taken.
    pub const fn set_quota(&mut self, quota: NonZeroU64) {
        self.quota = quota;
    }

    /// Takes `n` if there is room. Anything but [`Decision::Admit`] takes nothing.
    pub fn take(&mut self, now: Tick, n: u64) -> Decision<Slot> {
        self.check(now, n).map(|()| self.charge(now, n))
    }

    /// What [`take`](Self::take) would say, without taking anything.
    pub fn check(&self, now: Tick, n: u64) -> Decision<()> {
        let quota = self.quota.get();
        let Some(rest) = quota.checked_sub(n) else { return Decision::Never { max: quota } };
        let now = now.max(self.at);
        let mut used = self.used;
        let mut until = now;
        for &(leaves, amount) in &self.entries {
            if leaves > now {
                if used <= rest.into() {
                    break;
                }
                until = leaves;
            }
            used = used.saturating_sub(amount.into());
        }
        if until > now { Decision::Wait { until } } else { Decision::Admit(()) }
    }

    /// Takes `n` whether there is room or not.
    pub fn charge(&mut self, now: Tick, n: u64) -> Slot {
        self.expire(now);
        let number = self.first.saturating_add(self.entries.len() as u64);
        self.entries.push_back((self.leaves(), n));
        self.used = self.used.saturating_add(n.into());
        Slot { number, amount: n }
    }

    /// What was taken has cost `actual`.
    pub fn correct(&mut self, now: Tick, slot: Slot, actual: u64) {
        self.expire(now);
        let unused = slot.amount.saturating_sub(actual);
        let place =
            slot.number.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        if let Some((_, amount)) = place.and_then(|place| self.entries.get_mut(place)) {
            *amount = amount.saturating_sub(unused);
            self.used = self.used.saturating_sub(unused.into());
        }
        let more = actual.saturating_sub(slot.amount);
        if more > 0 {
            let _never_corrected = self.charge(now, more);
        }
    }

    /// How much of the quota is used, in thousandths rounded down.
    pub fn used(&self, now: Tick) -> u32 {
        let gone = self.entries.iter().take_while(|(leaves, _)| *leaves <= now);
        let gone: u128 = gone.map(|(_, amount)| u128::from(*amount)).sum();
        let used = self.used.saturating_sub(gone).saturating_mul(1_000);
        u32::try_from(used / u128::from(self.quota.get())).unwrap_or(u32::MAX)
    }

    /// Lets go of what has left the window.
    fn expire(&mut self, now: Tick) {
        self.at = self.at.max(now);
        while let Some(&(leaves, amount)) = self.entries.front()
            && leaves <= self.at
        {
            self.entries.pop_front();
            self.first = self.first.saturating_add(1);
            self.used = self.used.saturating_sub(amount.into());
        }
    }

    /// When what is taken now leaves.
    fn leaves(&self) -> Tick {
        let span = self.span.as_nanos().max(1);
        let start =
            if self.aligned { self.at.as_nanos() / span * span } else { self.at.as_nanos() };
        Tick::from_nanos(start.saturating_add(span))
    }
}

/// What was taken from a [`Window`] at one time, to correct it once.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "what is not corrected counts in full until it leaves the window"]
pub struct Slot {
    number: u64,
    amount: u64,
}
