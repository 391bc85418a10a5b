//! Laws of limits by the window, against a list of timed charges.

use outcrop_quota::{Decision, Span, Tick, Window};
use proptest::prelude::*;

use super::cases;
use crate::strategies::{self, Fraction, Step, Walk, asked, part};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn window_agrees_with_a_list_of_timed_charges(
        (mut window, mut list) in pair(),
        steps in strategies::steps(),
    ) {
        let (mut walk, mut taken) = (Walk::default(), Vec::new());
        for step in steps {
            walk.step(step, Span::from_nanos(list.span));
            let now = walk.now;
            match step {
                Step::Take(fraction) => {
                    let n = asked(fraction, list.quota);
                    let decision = window.take(now, n);
                    walk.note(&decision);
                    prop_assert_eq!(decision, list.check(now, n));
                    if decision.is_admitted() {
                        taken.push(list.charge(now, n));
                    }
                }
                Step::Charge(fraction) => {
                    let n = part(fraction, list.quota / 2);
                    window.charge(now, n);
                    taken.push(list.charge(now, n));
                }
                Step::GiveBack(fraction) if !taken.is_empty() => {
                    let (at, n) = taken.swap_remove(part(fraction, taken.len() as u64) as usize);
                    window.give_back(now, at, n);
                    list.give_back(now, at, n);
                }
                _ => {}
            }
            let left = list.quota.saturating_sub(list.inside(list.effective(walk.now)));
            prop_assert_eq!(window.left(walk.now), left);
            let used = list.inside(list.effective(walk.now)) * 1_000 / list.quota;
            prop_assert_eq!(u64::from(window.used(walk.now)), used);
        }
    }

    #[test]
    fn no_span_holds_more_than_the_quota(
        (mut window, list) in pair(),
        steps in strategies::steps(),
    ) {
        // What was taken, and what was charged without asking, each with its time.
        let (mut walk, mut taken) = (Walk::default(), Vec::<(u64, u64, u64)>::new());
        for step in steps {
            walk.step(step, Span::from_nanos(list.span));
            let latest = taken.last().map_or(0, |(at, ..)| *at);
            let now = Tick::from_nanos(walk.now.as_nanos().max(latest));
            match step {
                Step::Take(fraction) => {
                    let n = asked(fraction, list.quota);
                    let decision = window.take(now, n);
                    walk.note(&decision);
                    if decision.is_admitted() {
                        taken.push((now.as_nanos(), n, 0));
                    }
                }
                Step::Charge(fraction) => {
                    let n = part(fraction, list.quota / 2);
                    window.charge(now, n);
                    taken.push((now.as_nanos(), 0, n));
                }
                _ => {}
            }
        }
        for &(start, ..) in &taken {
            let start = if list.aligned { start / list.span * list.span } else { start };
            let inside = taken.iter().filter(|(at, ..)| (start..start + list.span).contains(at));
            // What was charged without asking leaves less room for those who ask.
            let mut sum = 0;
            for (_, n, debt) in inside {
                sum += n + debt;
                prop_assert!(*n == 0 || sum <= list.quota, "{sum} within {}", list.quota);
            }
        }
    }

    #[test]
    fn waits_for_a_window_are_tight((window, list, now) in used(), asks: Fraction) {
        let n = asked(asks, list.quota);
        match window.check(now, n) {
            Decision::Wait { until } => {
                let before = Tick::from_nanos(until.as_nanos() - 1);
                prop_assert_eq!(window.check(before, n), Decision::Wait { until });
                prop_assert_eq!(window.check(until, n), Decision::Admit(()));
            }
            Decision::Never { max } => prop_assert!(max == list.quota && n > max),
            Decision::Admit(()) => prop_assert!(n <= list.quota),
        }
    }

    #[test]
    fn room_in_a_window_lasts(
        (window, list, now) in used(),
        fractions: [Fraction; 2],
        pause: Fraction,
    ) {
        let [less, more] = {
            let asks = fractions.map(|fraction| asked(fraction, list.quota));
            [asks[0].min(asks[1]), asks[0].max(asks[1])]
        };
        let later = now.after(Span::from_nanos(part(pause, list.span * 2)));
        prop_assert_eq!(window.has_room(now, more), window.check(now, more).is_admitted());
        if window.check(now, more).is_admitted() {
            prop_assert!(window.check(now, less).is_admitted());
            prop_assert!(window.check(later, more).is_admitted());
        }
    }

    #[test]
    fn refused_take_leaves_the_window((window, list, now) in used(), asks: Fraction) {
        let mut after = window.clone();
        if !after.take(now, asked(asks, list.quota)).is_admitted() {
            prop_assert_eq!(after, window);
        }
    }

    #[test]
    fn window_stands_still_while_the_clock_goes_back(
        (window, list, now) in used(),
        back: Fraction,
        n: Fraction,
    ) {
        // From a change at `now` on, any earlier tick is that of the change.
        let mut window = window;
        window.charge(now, 1);
        let earlier = Tick::from_nanos(part(back, now.as_nanos()));
        let n = asked(n, list.quota);
        prop_assert_eq!(window.check(earlier, n), window.check(now, n));
        let mut other = window.clone();
        window.charge(earlier, n);
        other.charge(now, n);
        prop_assert_eq!(window, other);
    }
}

/// A window written out: everything that was ever taken, with its time.
#[derive(Clone, Debug)]
struct List {
    quota: u64,
    span: u64,
    aligned: bool,
    entries: Vec<(u64, u64)>,
    latest: u64,
}

impl List {
    /// What counts at `now`.
    fn inside(&self, now: u64) -> u64 {
        let counts = |at: u64| {
            if self.aligned { at / self.span == now / self.span } else { now - at < self.span }
        };
        self.entries.iter().filter(|(at, _)| counts(*at)).map(|(_, n)| n).sum()
    }

    fn effective(&self, now: Tick) -> u64 {
        now.as_nanos().max(self.latest)
    }

    /// The wait is searched for, by halving: what is inside only leaves.
    fn check(&self, now: Tick, n: u64) -> Decision<()> {
        if n > self.quota {
            return Decision::Never { max: self.quota };
        }
        let now = self.effective(now);
        let fits = |at: u64| self.inside(at) + n <= self.quota;
        if fits(now) {
            return Decision::Admit(());
        }
        let (mut refused, mut admitted) = (now, now + self.span);
        while admitted - refused > 1 {
            let middle = refused.midpoint(admitted);
            if fits(middle) { admitted = middle } else { refused = middle }
        }
        Decision::Wait { until: Tick::from_nanos(admitted) }
    }

    fn charge(&mut self, now: Tick, n: u64) -> (Tick, u64) {
        self.latest = self.effective(now);
        self.entries.push((self.latest, n));
        (Tick::from_nanos(self.latest), n)
    }

    fn give_back(&mut self, now: Tick, at: Tick, n: u64) {
        self.latest = self.effective(now);
        let entry = self.entries.iter_mut().find(|entry| **entry == (at.as_nanos(), n));
        if let Some(entry) = entry {
            entry.1 = 0;
        }
    }
}

fn pair() -> impl Strategy<Value = (Window, List)> {
    let span = prop_oneof![Just(Span::MINUTE.as_nanos()), 1_u64..1_000];
    (1_u64..1 << 40, span, any::<bool>()).prop_map(|(quota, span, aligned)| {
        let [most, length] = [strategies::non_zero(quota), strategies::non_zero(span)];
        let length = Span::from_nanos(length.get());
        let window =
            if aligned { Window::aligned(most, length) } else { Window::sliding(most, length) };
        (window, List { quota, span, aligned, entries: Vec::new(), latest: 0 })
    })
}

/// A window somewhere in its life, its list, and the tick it is.
fn used() -> impl Strategy<Value = (Window, List, Tick)> {
    let uses = prop::collection::vec(any::<(Fraction, Fraction, bool)>(), 0..20);
    (pair(), uses).prop_map(|((mut window, mut list), uses)| {
        let mut now = Tick::ZERO;
        for (n, pause, asks) in uses {
            let n = part(n, list.quota / 3);
            if !asks || window.check(now, n).is_admitted() {
                window.charge(now, n);
                list.charge(now, n);
            }
            now = now.after(Span::from_nanos(part(pause, list.span / 4)));
        }
        (window, list, now)
    })
}
