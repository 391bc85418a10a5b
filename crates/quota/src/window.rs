//! One limit by the window: so much in any span of time, or in each minute of the clock.

use alloc::collections::VecDeque;
use core::num::NonZeroU64;

use crate::{Decision, Span, Tick};

/// Counts what was taken within a window, and admits up to a quota.
///
/// A [sliding](Self::sliding) window looks back over the span before now; an
/// [aligned](Self::aligned) one starts afresh at every multiple of its span, as a clock minute does.
/// What turns out to cost less is given back where it was taken, as long as that is still inside;
/// what turns out to cost more is charged at the moment at which this is known.
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
/// assert!(window.take(Tick::ZERO, 8).is_admitted());
/// let minute = Tick::ZERO.after(Span::MINUTE);
/// assert_eq!(window.check(Tick::ZERO, 5), Decision::Wait { until: minute });
/// window.give_back(Tick::ZERO, Tick::ZERO, 6);
/// assert!(window.check(Tick::ZERO, 5).is_admitted());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    quota: NonZeroU64,
    span: Span,
    aligned: bool,
    /// What was taken leaves at multiples of this.
    grain: Span,
    /// When each entry leaves, and how much it is; in the order of leaving.
    entries: VecDeque<(Tick, u128)>,
    /// The sum of the entries.
    used: u128,
    /// The latest change.
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
        Self { quota, span, aligned, grain: Span::ZERO, entries, used: 0, at: Tick::ZERO }
    }

    /// The same, in which what was taken leaves at the first multiple of `grain` after its span: never
    /// too early, and with no more entries to keep than there are grains in a span. Default: none.
    #[must_use]
    pub fn with_grain(self, grain: Span) -> Self {
        Self { grain, ..self }
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
    pub fn take(&mut self, now: Tick, n: u64) -> Decision<()> {
        let decision = self.check(now, n);
        if decision.is_admitted() {
            self.charge(now, n);
        }
        decision
    }

    /// What [`take`](Self::take) would say, without taking anything.
    ///
    /// A window that holds more than its quota refuses everything, even to take nothing.
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
            used = used.saturating_sub(amount);
        }
        if until > now { Decision::Wait { until } } else { Decision::Admit(()) }
    }

    /// Takes `n` whether there is room or not.
    pub fn charge(&mut self, now: Tick, n: u64) {
        self.expire(now);
        let leaves = self.leaves(self.at);
        match self.entries.back_mut() {
            Some((last, amount)) if *last == leaves => *amount = amount.saturating_add(n.into()),
            _ => self.entries.push_back((leaves, n.into())),
        }
        self.used = self.used.saturating_add(n.into());
    }

    /// Puts back what was taken at `taken` and not used. What has left the window since is gone.
    pub fn give_back(&mut self, now: Tick, taken: Tick, n: u64) {
        self.expire(now);
        let place = self.entries.binary_search_by_key(&self.leaves(taken), |(leaves, _)| *leaves);
        if let Some((_, amount)) = place.ok().and_then(|place| self.entries.get_mut(place)) {
            let fitting = u128::from(n).min(*amount);
            *amount -= fitting;
            self.used = self.used.saturating_sub(fitting);
        }
    }

    /// Whether `n` would be admitted now: quicker than to ask when.
    pub fn has_room(&self, now: Tick, n: u64) -> bool {
        self.inside(now).saturating_add(n.into()) <= self.quota.get().into()
    }

    /// What is left of the quota.
    pub fn left(&self, now: Tick) -> u64 {
        let left = u128::from(self.quota.get()).saturating_sub(self.inside(now));
        u64::try_from(left).unwrap_or(u64::MAX)
    }

    /// How much of the quota is used, in thousandths rounded down.
    pub fn used(&self, now: Tick) -> u32 {
        let thousandths = self.inside(now).saturating_mul(1_000) / u128::from(self.quota.get());
        u32::try_from(thousandths).unwrap_or(u32::MAX)
    }

    /// What was taken and has not left by `now`.
    fn inside(&self, now: Tick) -> u128 {
        let now = now.max(self.at);
        let gone = self.entries.iter().take_while(|(leaves, _)| *leaves <= now);
        self.used.saturating_sub(gone.map(|(_, amount)| *amount).sum())
    }

    /// Lets go of what has left the window.
    fn expire(&mut self, now: Tick) {
        self.at = self.at.max(now);
        while let Some(&(leaves, amount)) = self.entries.front()
            && leaves <= self.at
        {
            self.entries.pop_front();
            self.used = self.used.saturating_sub(amount);
        }
    }

    /// When what is taken at `taken` leaves.
    fn leaves(&self, taken: Tick) -> Tick {
        let span = self.span.as_nanos().max(1);
        let taken = taken.as_nanos();
        let start = if self.aligned { taken / span * span } else { taken };
        let leaves = start.saturating_add(span);
        Tick::from_nanos(
            leaves.checked_next_multiple_of(self.grain.as_nanos().max(1)).unwrap_or(leaves),
        )
    }
}
