//! Laws of reservations.

use core::num::NonZeroU64;

use outcrop_quota::{
    Charge, Decision, Gauge, Ledger, Level, Limits, Requests, Reservation, Settled, Span, Tick,
    Tokens,
};
use proptest::prelude::*;

use super::cases;
use crate::strategies::{self, Fraction, Step, Walk, asked, fill, part};
use outcrop_quota::laws::{Naive, NaiveLedger};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn ledger_agrees_with_lists_of_timed_charges(
        requests in strategies::bucket(),
        tokens in strategies::bucket(),
        moves in prop::collection::vec(entry(), 0..40),
    ) {
        let mut naive = NaiveLedger::new(Naive::like(&requests), Naive::like(&tokens));
        let bursts = [requests.burst().get(), tokens.burst().get()];
        let fill = fill(&tokens).min(fill(&requests));
        let mut ledger = Ledger::new(Limits::unlimited().with_requests(requests).with_tokens(tokens));
        let mut open = Vec::new();
        let mut walk = Walk::default();
        for entry in moves {
            let now = walk.now;
            match entry {
                Entry::Clock(step) => walk.step(step, fill),
                Entry::Reserve(fractions) => {
                    let charge = charge(fractions, bursts);
                    let decision = ledger.reserve(now, charge);
                    walk.note(&decision);
                    let expected = naive.reserve(now, charge);
                    prop_assert_eq!(decision.map(|reservation| open.push(reservation)), expected);
                }
                Entry::Settle(which, fractions) if !open.is_empty() => {
                    let reservation = open.swap_remove(which % open.len());
                    let (reserved, actual) = (reservation.charge(), charge(fractions, bursts));
                    let settled = ledger.settle(now, reservation, actual);
                    let debt = actual.saturating_sub(reserved);
                    prop_assert_eq!(settled.debt, debt);
                    naive.charge(now, debt);
                    let clipped = naive.give_back(now, reserved.saturating_sub(actual));
                    prop_assert_eq!(settled.clipped, clipped);
                }
                Entry::Refund(which) if !open.is_empty() => {
                    let reservation = open.swap_remove(which % open.len());
                    let reserved = reservation.charge();
                    let settled = ledger.refund(now, reservation);
                    prop_assert_eq!(settled.clipped, naive.give_back(now, reserved));
                }
                Entry::Keep(which) if !open.is_empty() => {
                    ledger.keep(open.swap_remove(which % open.len()));
                }
                Entry::Settle(..) | Entry::Refund(_) | Entry::Keep(_) => {}
            }
            prop_assert_eq!(levels(&ledger, walk.now), naive.levels(walk.now));
            prop_assert_eq!(ledger.outstanding(), u64::try_from(open.len()).unwrap());
            let held = open.iter().fold(Charge::ZERO, |sum, reservation| {
                sum.saturating_add(reservation.charge())
            });
            prop_assert_eq!(ledger.held(), held);
        }
    }

    #[test]
    fn settlement_balances(
        (mut ledger, now) in used_ledger(),
        fractions: [[Fraction; 2]; 2],
        pause: Fraction,
    ) {
        let bursts = bursts(&ledger);
        let (reservation, now) = reserve(&mut ledger, now, within(fractions[0], bursts))?;
        let (reserved, actual) = (reservation.charge(), within(fractions[1], bursts));
        let pace = fill(ledger.limits().tokens().unwrap()).as_nanos();
        let later = now.after(Span::from_nanos(part(pause, pace)));
        let before = net(&ledger, later);
        let settled = ledger.settle(later, reservation, actual);
        let after = net(&ledger, later);
        prop_assert_eq!(
            reserved.saturating_add(settled.debt),
            actual.saturating_add(settled.returned).saturating_add(settled.clipped)
        );
        let (returned, debt) = (parts(settled.returned), parts(settled.debt));
        for i in 0..2 {
            prop_assert_eq!(after[i], before[i] + returned[i] - debt[i]);
            prop_assert!(returned[i] == 0 || debt[i] == 0);
        }
    }

    #[test]
    fn refund_undoes_reserve(
        (mut ledger, now) in used_ledger(),
        fractions: [Fraction; 2],
        pause: Fraction,
    ) {
        let charge = within(fractions, bursts(&ledger));
        // A charge of nothing brings the ledger to the present.
        let (nothing, now) = reserve(&mut ledger, now, Charge::ZERO)?;
        ledger.keep(nothing);
        let (reservation, now) = reserve(&mut ledger, now, charge)?;

        // At once.
        let reserved = ledger.clone();
        let settled = ledger.refund(now, reservation);
        prop_assert_eq!((settled.returned, settled.clipped), (charge, Charge::ZERO));
        let (again, _) = reserve(&mut ledger, now, charge)?;
        prop_assert_eq!(&ledger, &reserved);

        // Later.
        let pace = fill(ledger.limits().tokens().unwrap()).as_nanos();
        let later = now.after(Span::from_nanos(part(pause, pace)));
        let settled = ledger.refund(later, again);
        prop_assert_eq!(settled.returned.saturating_add(settled.clipped), charge);
        let kept = net(&reserved, later);
        let refunded = net(&ledger, later);
        let returned = parts(settled.returned);
        let full = bursts(&ledger).map(i128::from);
        for i in 0..2 {
            prop_assert_eq!(refunded[i], kept[i] + returned[i]);
            let clipped = parts(settled.clipped)[i];
            prop_assert!(clipped == 0 || refunded[i] >= full[i] - 1);
        }
        prop_assert_eq!((ledger.outstanding(), ledger.held()), (0, Charge::ZERO));
    }

    #[test]
    fn adjustments_balance(
        (mut ledger, now) in used_ledger(),
        fractions: [[Fraction; 2]; 5],
        pause: Fraction,
    ) {
        let bursts = bursts(&ledger);
        let (mut reservation, mut now) = reserve(&mut ledger, now, within(fractions[0], bursts))?;
        let pace = fill(ledger.limits().tokens().unwrap()).as_nanos() / 4;
        let reserved = reservation.charge();
        let mut all = Settled::default();
        let mut add = |settled: Settled| {
            all.returned = all.returned.saturating_add(settled.returned);
            all.clipped = all.clipped.saturating_add(settled.clipped);
            all.debt = all.debt.saturating_add(settled.debt);
        };
        for next in &fractions[1..4] {
            now = now.after(Span::from_nanos(part(pause, pace)));
            let charge = within(*next, bursts);
            let before = net(&ledger, now);
            let settled = ledger.adjust(now, &mut reservation, charge);
            let (returned, debt) = (parts(settled.returned), parts(settled.debt));
            for i in 0..2 {
                prop_assert_eq!(net(&ledger, now)[i], before[i] + returned[i] - debt[i]);
            }
            prop_assert_eq!((reservation.charge(), ledger.held()), (charge, charge));
            add(settled);
        }
        let actual = within(fractions[4], bursts);
        add(ledger.settle(now, reservation, actual));
        prop_assert_eq!(
            reserved.saturating_add(all.debt),
            actual.saturating_add(all.returned).saturating_add(all.clipped)
        );
        prop_assert_eq!((ledger.outstanding(), ledger.held()), (0, Charge::ZERO));
    }

    #[test]
    fn abandoned_charge_stands_until_its_usage_or_the_time_out(
        (mut ledger, now) in used_ledger(),
        fractions: [[Fraction; 2]; 2],
        patience in 1_u64..1 << 40,
        told in 0_u64..1 << 41,
    ) {
        let bursts = bursts(&ledger);
        let (reservation, now) = reserve(&mut ledger, now, within(fractions[0], bursts))?;
        prop_assume!(now.after(Span::from_nanos(1 << 42)) < Tick::MAX);
        let mut settled = ledger.clone();
        let limits = ledger.limits().clone();
        let twin = match settled.clone().reserve(Tick::MAX, Charge::ZERO) {
            Decision::Admit(mut twin) => {
                // The same reservation, in the books of the copy.
                let _ = Ledger::new(Limits::unlimited()).adjust(now, &mut twin, reservation.charge());
                twin
            }
            refusal => return Err(TestCaseError::reject(format!("{refusal:?}"))),
        };
        let abandoned = ledger.abandon(now, reservation, Span::from_nanos(patience));
        prop_assert_eq!(ledger.limits(), &limits);
        prop_assert_eq!((ledger.outstanding(), ledger.next_expiry()), (1, Some(abandoned.until())));

        let then = now.after(Span::from_nanos(told));
        let actual = within(fractions[1], bursts);
        let late = ledger.settle_abandoned(then, abandoned, actual);
        prop_assert_eq!(late.is_some(), told < patience);
        if late.is_some() {
            // As though it had never been abandoned.
            prop_assert_eq!(late, Some(settled.settle(then, twin, actual)));
            prop_assert_eq!(ledger.limits(), settled.limits());
        } else {
            prop_assert_eq!(ledger.limits(), &limits);
        }
        prop_assert_eq!((ledger.outstanding(), ledger.held()), (0, Charge::ZERO));
        prop_assert_eq!(ledger.next_expiry(), None);
        prop_assert_eq!(ledger.settle_abandoned(then, abandoned, actual), None);
    }

    #[test]
    fn requests_in_flight_never_pass_the_gauge(
        max in 1_u64..6,
        moves in prop::collection::vec((0_u8..6, any::<usize>(), 0_u64..8), 0..60),
    ) {
        let gauge = Gauge::new(NonZeroU64::new(max).unwrap());
        let mut ledger = Ledger::new(Limits::unlimited().with_concurrent(gauge));
        let (mut now, mut open, mut left) = (Tick::ZERO, Vec::new(), Vec::<(Tick, _)>::new());
        for (what, which, n) in moves {
            left.retain(|(until, _)| *until > now);
            if what < 2 || open.is_empty() {
                let inside = u64::try_from(open.len() + left.len()).unwrap();
                match ledger.reserve(now, Charge::request(Tokens::new(n))) {
                    Decision::Admit(reservation) => {
                        prop_assert!(inside < max);
                        open.push(reservation);
                    }
                    refusal => {
                        prop_assert_eq!(inside, max);
                        prop_assert_eq!(refusal, Decision::Wait { until: Tick::MAX });
                    }
                }
                continue;
            }
            let reservation = open.swap_remove(which % open.len());
            match what {
                2 => drop(ledger.settle(now, reservation, Charge::request(Tokens::new(n)))),
                3 => drop(ledger.refund(now, reservation)),
                4 => ledger.keep(reservation),
                _ => {
                    let abandoned = ledger.abandon(now, reservation, Span::from_nanos(n));
                    left.push((abandoned.until(), abandoned));
                }
            }
            now = now.after(Span::from_nanos(n / 4));
        }
    }

    #[test]
    fn refused_reservation_changes_nothing(
        (mut ledger, now) in used_ledger(),
        fractions: [Fraction; 2],
    ) {
        let before = ledger.clone();
        let charge = charge(fractions, bursts(&ledger));
        prop_assume!(!ledger.reserve(now, charge).is_admitted());
        prop_assert_eq!(ledger, before);
    }

    #[test]
    fn forgotten_reservation_keeps_its_charge(
        (mut ledger, now) in used_ledger(),
        fractions: [Fraction; 2],
    ) {
        let mut dropped = ledger.clone();
        let charge = within(fractions, bursts(&ledger));
        let (reservation, now) = reserve(&mut ledger, now, charge)?;
        ledger.keep(reservation);
        drop(dropped.reserve(now, charge));
        prop_assert_eq!(ledger.limits(), dropped.limits());
        prop_assert_eq!((ledger.outstanding(), dropped.outstanding()), (0, 1));
    }
}

#[derive(Clone, Copy, Debug)]
enum Entry {
    Clock(Step),
    Reserve([Fraction; 2]),
    Settle(usize, [Fraction; 2]),
    Refund(usize),
    Keep(usize),
}

fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![
        2 => any::<Fraction>().prop_map(|fraction| Entry::Clock(Step::Pass(fraction))),
        1 => any::<Fraction>().prop_map(|fraction| Entry::Clock(Step::Back(fraction))),
        2 => (-1_i8..=1).prop_map(|offset| Entry::Clock(Step::Due(offset))),
        6 => any::<[Fraction; 2]>().prop_map(|fractions| {
            // Small charges, so that several are open at a time.
            Entry::Reserve(fractions.map(|fraction| if fraction % 8 == 0 { fraction } else { fraction / 4 }))
        }),
        3 => any::<(usize, [Fraction; 2])>().prop_map(|(which, fractions)| {
            Entry::Settle(which, fractions.map(|fraction| fraction / 3))
        }),
        1 => any::<usize>().prop_map(Entry::Refund),
        1 => any::<usize>().prop_map(Entry::Keep),
    ]
}

/// A ledger over both limits after a few charges, and the tick it is.
fn used_ledger() -> impl Strategy<Value = (Ledger, Tick)> {
    let bucket = strategies::used_bucket;
    (bucket(), bucket()).prop_map(|((requests, a), (tokens, b))| {
        let limits = Limits::unlimited().with_requests(requests).with_tokens(tokens);
        (Ledger::new(limits), a.max(b))
    })
}

/// Reserves `charge` now or as soon as the ledger allows, and says when that was.
fn reserve(
    ledger: &mut Ledger,
    now: Tick,
    charge: Charge,
) -> Result<(Reservation, Tick), TestCaseError> {
    match ledger.reserve(now, charge) {
        Decision::Admit(reservation) => Ok((reservation, now)),
        Decision::Wait { until } => match ledger.reserve(until, charge) {
            Decision::Admit(reservation) => Ok((reservation, until)),
            _ if until == Tick::MAX => Err(TestCaseError::reject("beyond the end of time")),
            refusal => Err(TestCaseError::fail(format!("{refusal:?} at the end of the wait"))),
        },
        Decision::Never { .. } => Err(TestCaseError::fail("the charge is within the bursts")),
    }
}

fn bursts(ledger: &Ledger) -> [u64; 2] {
    let limits = ledger.limits();
    [limits.requests().unwrap().burst().get(), limits.tokens().unwrap().burst().get()]
}

fn levels(ledger: &Ledger, now: Tick) -> [Level; 2] {
    let limits = ledger.limits();
    [limits.requests().unwrap().level(now), limits.tokens().unwrap().level(now)]
}

fn net(ledger: &Ledger, now: Tick) -> [i128; 2] {
    levels(ledger, now).map(|level| i128::from(level.available) - i128::from(level.debt))
}

fn charge(fractions: [Fraction; 2], bursts: [u64; 2]) -> Charge {
    Charge::new(
        Requests::new(asked(fractions[0], bursts[0])),
        Tokens::new(asked(fractions[1], bursts[1])),
    )
}

fn within(fractions: [Fraction; 2], bursts: [u64; 2]) -> Charge {
    Charge::new(
        Requests::new(part(fractions[0], bursts[0] + 1)),
        Tokens::new(part(fractions[1], bursts[1] + 1)),
    )
}

fn parts(charge: Charge) -> [i128; 2] {
    [charge.requests.get().into(), charge.tokens.get().into()]
}
