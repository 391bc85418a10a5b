//! Laws of the whole policy: no service refuses what it lets go, and it keeps nobody waiting in vain.

use outcrop_quota::{
    Admission, Admitted, Cause, Charge, Decision, Quotas, Rate, Requests, ServerModel, Span, Tick,
    Tokens, Verdict,
};
use proptest::prelude::*;

use super::cases;
use crate::service::{Books, Call, Keeps, Service, services};
use crate::strategies::{Fraction, non_zero, part};

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn known_service_refuses_nothing_that_goes(
        (quotas, service) in known(),
        asks in prop::collection::vec(any::<Ask>(), 1..60),
        is_in_step in any::<bool>(),
    ) {
        // A minute of the clock leaves no room for ways of different length at its edge.
        let way = if is_in_step || service.keeps == Keeps::Aligned { 0 } else { 100_000_000 };
        let calls = play(&quotas, &asks, largest(&service), way, Tick::MAX);
        prop_assert_eq!(service.refusals(&calls), 0, "of {} calls", calls.len());
    }

    #[test]
    fn unknown_service_refuses_nothing_that_goes(
        (quotas, service) in unknown(),
        asks in prop::collection::vec(any::<Ask>(), 1..60),
    ) {
        // A bucket, ever; a window, until it is put on trial after a minute.
        let end = match service.keeps {
            Keeps::Bucket(_) => Tick::MAX,
            _ => Tick::from_nanos(59 * SECOND),
        };
        let calls = play(&quotas, &asks, largest(&service), 100_000_000, end);
        prop_assert_eq!(service.refusals(&calls), 0, "of {} calls", calls.len());
    }

    #[test]
    fn unknown_bucket_throttles_few_tries(
        (quotas, service) in unknown(),
        secs in prop_oneof![1_u128..=2, 1_u128..=60],
        asks in prop::collection::vec(any::<Ask>(), 40..150),
        cost: Fraction,
    ) {
        let service = Service { keeps: Keeps::Bucket(secs), ..service };
        let tries = throttled_tries(&quotas, &service, &asks, cost);
        if let (Some(first), Some(last)) = (tries.first(), tries.last()) {
            let pauses = last.since(*first).as_nanos() / (300 * SECOND) + 1;
            let allowed = usize::try_from(2 * (1 + pauses.ilog2())).unwrap();
            prop_assert!(tries.len() <= allowed, "{tries:?}");
        }
    }

    #[test]
    fn whoever_waits_alone_is_admitted_at_the_end_of_the_wait(
        life in life(),
        fractions: [Fraction; 2],
    ) {
        let (quotas, mut admission, now) = life;
        let charge = charge(&quotas, fractions);
        let until = fill(&mut admission, now, charge)?;
        // Each step of a rate is rounded to a nanosecond, against the caller.
        let steps = until.since(now).as_nanos() / Span::SECOND.as_nanos() + 1;
        let rounded = until.after(Span::from_nanos(if is_at_rest(&admission, now) { 0 } else { steps }));
        prop_assert!(admission.clone().check(rounded, charge).is_admitted());
        if is_at_rest(&admission, now) {
            let before = Tick::from_nanos(until.as_nanos() - 1);
            prop_assert_eq!(admission.check(before, charge), Decision::Wait { until });
        }
    }

    #[test]
    fn refused_call_changes_no_admission(life in life(), fractions: [Fraction; 2]) {
        let (quotas, mut admission, now) = life;
        let charge = charge(&quotas, fractions);
        // What time alone does is done first.
        let until = fill(&mut admission, now, charge)?;
        let before = admission.clone();
        prop_assert_eq!(admission.reserve(now, charge).map(drop), Decision::Wait { until });
        prop_assert_eq!(admission, before);
    }

    #[test]
    fn asking_often_changes_no_answer(
        life in life(),
        asks in prop::collection::vec(any::<(Fraction, [Fraction; 2])>(), 0..10),
        last: (Fraction, [Fraction; 2]),
    ) {
        let (quotas, mut often, now) = life;
        let mut once = often.clone();
        let at = |pause| now.after(Span::from_nanos(part(pause, 10 * Span::MINUTE.as_nanos())));
        let end = asks.iter().map(|(pause, _)| at(*pause)).max().unwrap_or(now).max(at(last.0));
        for (pause, fractions) in asks {
            let _ = often.check(at(pause), charge(&quotas, fractions));
        }
        let last = charge(&quotas, last.1);
        prop_assert_eq!(often.check(end, last), once.check(end, last));
        prop_assert_eq!(often, once);
    }

    #[test]
    fn rested_quota_is_let_go_at_the_ceiling(
        tpm in 60_000_u64..10_000_000,
        throttles in prop::collection::vec((any::<Fraction>(), by_the_minute()), 0..5),
        size in 1_u64..5,
    ) {
        let mut admission = Admission::new(Tick::ZERO, &quotas(100_000, tpm));
        let mut now = Tick::ZERO;
        for (pause, cause) in throttles {
            now = now.after(Span::from_nanos(part(pause, 60 * SECOND)));
            if let Decision::Admit(call) = admission.reserve(now, tokens(1)) {
                let _ = admission.throttled(now, call, cause);
            }
        }
        let rested = now.after(Span::from_secs(6 * 60));
        // Some seconds' worth, which the bucket lets go when it is full.
        let call = tokens(tpm / 60 * size);
        prop_assert!(admission.reserve(rested, call).is_admitted());
        let rate = Rate::per_minute(non_zero(tpm)).part(985_000);
        let until = rested.after(rate.time_for(call.tokens.get()));
        prop_assert_eq!(admission.check(rested, call), Decision::Wait { until });
    }

    #[test]
    fn what_may_go_now_may_go_later(life in life(), fractions: [Fraction; 2], pause: Fraction) {
        let (quotas, mut admission, now) = life;
        let charge = charge(&quotas, fractions);
        prop_assume!(admission.check(now, charge).is_admitted());
        let later = now.after(Span::from_nanos(part(pause, 10 * Span::MINUTE.as_nanos())));
        prop_assert!(admission.check(later, charge).is_admitted());
    }

    #[test]
    fn clock_that_goes_back_changes_no_answer(
        life in prop_oneof![life_of(known(), cause().boxed()), life_of(unknown(), Just(Cause::Capacity).boxed())],
        fractions: [[Fraction; 2]; 2],
        back: Fraction,
    ) {
        let (quotas, mut admission, now) = life;
        let [first, second] = fractions.map(|fractions| charge(&quotas, fractions));
        let _a_change = admit(&mut admission, now, first)?;
        // The first trial of an unknown service is due after a minute; where throttles by the minute
        // failed none, it is the only one.
        let is_unknown = quotas.server == ServerModel::Unknown;
        let due = if is_unknown && now.as_nanos() >= 60 * SECOND { 60 * SECOND } else { 0 };
        let earlier = Tick::from_nanos(now.as_nanos() - part(back, now.as_nanos() - due));
        prop_assume!(admission.adapt().closed_until(earlier).is_none());
        let mut steady = admission.clone();
        prop_assert_eq!(
            admission.reserve(earlier, second).map(drop),
            steady.reserve(now, second).map(drop)
        );
    }

    #[test]
    fn throttle_lowers_its_rate_for_a_while(life in life(), fractions: [Fraction; 2]) {
        let (quotas, mut admission, now) = life;
        // Past the cooldown of what came before, and no day is over.
        let now = now.after(Span::from_secs(15));
        let call = admit(&mut admission, now, charge(&quotas, fractions))?;
        let is_try = call.is_try();
        let rates = |admission: &Admission, at| {
            [admission.adapt().requests(at), admission.adapt().tokens(at)]
        };
        let [requests, before] = rates(&admission, now);
        let verdict = admission.throttled(now, call, Cause::TokenRate);
        let [same, after] = rates(&admission, now);
        prop_assert_eq!(requests, same);
        if !is_try {
            prop_assert!(after < before || after == FLOOR.min(before), "{before} to {after}");
        }
        let is_about_us = verdict != Verdict::Service;
        prop_assert!(is_about_us);
        // Six minutes bring a rate back, and a shortage of capacity is over after a day.
        let rested = now.after(Span::DAY.saturating_add(Span::from_secs(360)));
        prop_assert_eq!(rates(&admission, rested), [ceiling(&quotas); 2]);
    }

    #[test]
    fn throttle_empties_the_bucket_it_is_about(
        life in life(),
        fractions: [Fraction; 2],
        cause in by_the_minute(),
    ) {
        let (quotas, mut admission, now) = life;
        prop_assume!(matches!(quotas.server, ServerModel::Bucket { .. } | ServerModel::Unknown));
        let call = admit(&mut admission, now, charge(&quotas, fractions))?;
        let _ = admission.throttled(now, call, cause);
        let [requests, tokens] = [Charge::new(Requests::new(1), Tokens::ZERO), charge_of_tokens(1)];
        if cause != Cause::RequestRate {
            prop_assert!(!admission.check(now, tokens).is_admitted());
        }
        if cause != Cause::TokenRate {
            prop_assert!(!admission.check(now, requests).is_admitted());
        }
    }

    #[test]
    fn settled_call_counts_in_a_window_as_what_it_cost(
        (quotas, service) in known(),
        fractions: [Fraction; 3],
        pauses: [Fraction; 2],
    ) {
        prop_assume!(!matches!(service.keeps, Keeps::Bucket(_)));
        let [reserved, actual, asks] =
            fractions.map(|fraction| tokens(part(fraction, number(service.tpm))));
        let mut asked = Admission::new(Tick::ZERO, &quotas);
        let mut cost = asked.clone();
        let begin = Tick::ZERO.after(Span::from_nanos(part(pauses[0], 90 * SECOND)));
        let end = begin.after(Span::from_nanos(part(pauses[1], 59 * SECOND)));
        let call = admit(&mut asked, begin, reserved.max(actual))?;
        asked.settle(end, call, actual);
        let call = admit(&mut cost, begin, actual)?;
        cost.settle(end, call, actual);
        prop_assert_eq!(asked.check(end, asks), cost.check(end, asks));
    }

    #[test]
    fn failed_trial_leaves_the_rates(fraction: Fraction, cause in by_the_minute()) {
        let quotas = quotas(60_000, 60_000);
        let mut admission = Admission::new(Tick::ZERO, &quotas);
        // Two calls of more than half the quota fit into no minute, and the bucket has paid for the
        // first long before it is over: only the window is in the way.
        let call = tokens(40_000 + part(fraction, 10_000));
        let (mut now, mut due, mut pause) = (Tick::ZERO, Tick::ZERO.after(Span::MINUTE), 300);
        let mut trials = 0;
        while trials < 4 {
            if let Decision::Wait { until } = admission.check(now, call) {
                now = until;
            }
            let Decision::Admit(admitted) = admission.reserve(now, call) else {
                prop_assert!(false, "told to wait until {now:?}");
                break;
            };
            if !admission.is_on_trial() {
                admission.settle(now, admitted, call);
                continue;
            }
            prop_assert!(now >= due, "a trial at {now:?} before {due:?}");
            let rates = |admission: &Admission| {
                [admission.adapt().requests(now), admission.adapt().tokens(now)]
            };
            let before = rates(&admission);
            let _ = admission.throttled(now, admitted, cause);
            prop_assert_eq!(before, rates(&admission));
            prop_assert!(!admission.is_on_trial());
            (due, pause, trials) = (now.after(Span::from_secs(pause)), 2 * pause, trials + 1);
        }
    }

    #[test]
    fn failed_try_leaves_the_rates_and_makes_tries_rest(
        cost in 20_u64..200,
        latency in 0..SECOND / 10,
        is_known in any::<bool>(),
    ) {
        // So few requests that no window is ever in the way.
        let mut admission = Admission::new(Tick::ZERO, &quotas(120, 60_000));
        let cause = if is_known { Cause::TokenRate } else { Cause::Unknown };
        let reserved = tokens(10_000);
        let (mut now, mut due, mut pause, mut fails) = (Tick::ZERO, Tick::ZERO, 300, 0);
        // They come four at a time, and hold what they will not use until all have gone.
        let mut open = Vec::new();
        for _ in 0..4_000 {
            if let Decision::Wait { until } = admission.check(now, reserved) {
                now = until;
            }
            let Decision::Admit(call) = admission.reserve(now, reserved) else {
                prop_assert!(false, "told to wait until {now:?}");
                break;
            };
            now = now.after(Span::from_nanos(latency));
            if !call.is_try() {
                open.push(call);
                if open.len() == 4 {
                    for call in open.drain(..) {
                        admission.settle(now, call, tokens(cost));
                    }
                }
                continue;
            }
            prop_assert!(now >= due, "a try at {now:?} before {due:?}");
            let rates = |admission: &Admission| {
                [admission.adapt().requests(now), admission.adapt().tokens(now)]
            };
            let before = rates(&admission);
            let _ = admission.throttled(now, call, cause);
            prop_assert_eq!(before, rates(&admission));
            (due, fails) = (now.after(Span::from_secs(pause)), fails + 1);
            pause = (2 * pause).min(3_600);
        }
        prop_assert!(fails >= 3, "{fails} tries");
    }
}

/// One call of a run: when it is asked for after the one before, what it asks for and costs, how
/// long its way and its work take, and whether it waits to be let go.
type Ask = (Fraction, [Fraction; 2], [Fraction; 2], bool);

/// Lets a client play, and says what it sent and when that arrived and ended at the service.
fn play(quotas: &Quotas, asks: &[Ask], largest: u64, way: u64, end: Tick) -> Vec<Call> {
    let mut admission = Admission::new(Tick::ZERO, quotas);
    let mut now = Tick::ZERO;
    let mut open: Vec<(Tick, Admitted, Charge)> = Vec::new();
    let mut calls = Vec::new();
    for (pause, [reserved, actual], [there, work], waits) in asks {
        // Mostly at once, so that there is a crowd.
        let pause = if *pause % 4 == 0 { part(*pause, 4 * SECOND) } else { 0 };
        now = now.after(Span::from_nanos(pause));
        let charge = tokens(part(*reserved, largest));
        // While calls are on their way, what comes back can find the bucket of the service full, and
        // what costs more than it reserved can meet another call.
        let actual = if way == 0 { tokens(part(*actual, largest)) } else { charge };
        // Those who wait ask until they are let go.
        let admitted = loop {
            settle(&mut admission, &mut open, now);
            match admission.reserve(now, charge) {
                Decision::Admit(admitted) => break Some(admitted),
                Decision::Wait { until } if *waits && now < end => {
                    let next = open.iter().map(|(at, ..)| *at).min().unwrap_or(until);
                    now = until.min(next);
                }
                _ => break None,
            }
        };
        let Some(admitted) = admitted.filter(|_| now < end) else { continue };
        let arrives = now.after(Span::from_nanos(part(*there, way)));
        let ends = arrives.after(Span::from_nanos(part(*work, 20 * SECOND)));
        calls.push(seen(arrives, ends, charge, actual));
        open.push((ends, admitted, actual));
    }
    calls
}

/// Lets a client play towards a bucket, which says at once what it refuses; its calls cost `cost` of
/// what they reserve, some less. Says when a try was throttled.
fn throttled_tries(quotas: &Quotas, service: &Service, asks: &[Ask], cost: Fraction) -> Vec<Tick> {
    let mut admission = Admission::new(Tick::ZERO, quotas);
    let mut books = Books::new(*service);
    let mut now = Tick::ZERO;
    let mut open: Vec<(Tick, Admitted, Charge)> = Vec::new();
    let mut ends: Vec<Call> = Vec::new();
    let mut throttled = Vec::new();
    for (pause, [reserved, actual], [_, work], _) in asks {
        let pause = match *pause % 16 {
            0 => part(*pause, 200 * SECOND),
            1..4 => part(*pause, 4 * SECOND),
            _ => 0,
        };
        now = now.after(Span::from_nanos(pause));
        let charge = tokens(part(*reserved, largest(service)));
        let most = part(cost, charge.tokens.get());
        let actual = tokens(if *actual % 2 == 0 { most } else { part(*actual, most) });
        let admitted = loop {
            settle(&mut admission, &mut open, now);
            match admission.reserve(now, charge) {
                Decision::Admit(admitted) => break Some(admitted),
                Decision::Wait { until } => {
                    let next = open.iter().map(|(at, ..)| *at).min().unwrap_or(until);
                    now = until.min(next);
                }
                Decision::Never { .. } => break None,
            }
        };
        // A part of the burst always goes in the end.
        let admitted = admitted.unwrap();
        ends.sort_by_key(|call| call.ends);
        let due = ends.partition_point(|call| call.ends <= nanos(now));
        for call in ends.drain(..due) {
            books.end(call);
        }
        if !books.admits(nanos(now), charge.tokens.get().into()) {
            throttled.extend(admitted.is_try().then_some(now));
            let _ = admission.throttled(now, admitted, Cause::TokenRate);
            continue;
        }
        books.arrive(nanos(now), charge.tokens.get().into());
        let end = now.after(Span::from_nanos(part(*work, 20 * SECOND)));
        ends.push(seen(now, end, charge, actual));
        open.push((end, admitted, actual));
    }
    throttled
}

fn settle(admission: &mut Admission, open: &mut Vec<(Tick, Admitted, Charge)>, now: Tick) {
    open.sort_by_key(|(at, ..)| *at);
    let due = open.partition_point(|(at, ..)| *at <= now);
    for (at, admitted, actual) in open.drain(..due) {
        admission.settle(at, admitted, actual);
    }
}

/// A service, and quotas that say how it keeps them.
fn known() -> impl Strategy<Value = (Quotas, Service)> {
    services().prop_map(|service| {
        let server = match service.keeps {
            Keeps::Bucket(secs) => {
                ServerModel::Bucket { burst: Span::from_secs(secs.try_into().unwrap()).into() }
            }
            Keeps::Sliding => ServerModel::Sliding,
            Keeps::Aligned => ServerModel::ClockMinute,
        };
        (quotas_of(&service).with_server(server), service)
    })
}

/// A service, and quotas that do not say how it keeps them.
fn unknown() -> impl Strategy<Value = (Quotas, Service)> {
    (services(), prop::option::of(100_000_u32..=1_000_000)).prop_map(|(service, part)| {
        let mut quotas = quotas_of(&service);
        quotas.quota_use = part;
        (quotas, service)
    })
}

fn quotas_of(service: &Service) -> Quotas {
    quotas(number(service.rpm), number(service.tpm))
}

fn largest(service: &Service) -> u64 {
    number(service.largest())
}

fn seen(arrives: Tick, ends: Tick, reserved: Charge, actual: Charge) -> Call {
    let tokens = |charge: Charge| charge.tokens.get().into();
    Call {
        arrives: nanos(arrives),
        ends: nanos(ends),
        reserved: tokens(reserved),
        actual: tokens(actual),
    }
}

fn nanos(tick: Tick) -> u128 {
    tick.as_nanos().into()
}

fn number(n: u128) -> u64 {
    n.try_into().unwrap()
}

fn quotas(rpm: u64, tpm: u64) -> Quotas {
    Quotas::default().with_requests_per_minute(non_zero(rpm)).with_tokens_per_minute(non_zero(tpm))
}

/// A policy somewhere in its life, and the tick it is.
fn life() -> impl Strategy<Value = (Quotas, Admission, Tick)> {
    prop_oneof![life_of(known(), cause().boxed()), life_of(unknown(), cause().boxed())]
}

/// The same towards such services, with throttles of such causes.
fn life_of(
    services: impl Strategy<Value = (Quotas, Service)>,
    causes: BoxedStrategy<Cause>,
) -> impl Strategy<Value = (Quotas, Admission, Tick)> {
    let happens = (any::<(Fraction, [Fraction; 2])>(), 0_u8..10, causes);
    let day = prop::option::of(1_u64..1 << 40);
    let concurrent = prop::option::of(1_u64..8);
    (services, day, concurrent, prop::collection::vec(happens, 0..30)).prop_map(
        |((mut quotas, _), day, concurrent, happens)| {
            quotas.tokens_per_day = day.map(non_zero);
            quotas.concurrent = concurrent.map(non_zero);
            let (mut admission, mut now) = (Admission::new(Tick::ZERO, &quotas), Tick::ZERO);
            let mut open = Vec::new();
            for ((pause, fractions), what, cause) in happens {
                now = now.after(Span::from_nanos(part(pause, 30 * SECOND)));
                match (what, open.pop()) {
                    (0..5, last) => {
                        open.extend(last);
                        if let Decision::Admit(call) =
                            admission.reserve(now, charge(&quotas, fractions))
                        {
                            open.push(call);
                        }
                    }
                    (5 | 6, Some(call)) => {
                        admission.settle(now, call, charge(&quotas, fractions));
                    }
                    (7, Some(call)) => {
                        admission.refund(now, call);
                    }
                    (8, Some(call)) => admission.abandon(now, call, Span::MINUTE),
                    (_, Some(call)) => {
                        let _ = admission.throttled(now, call, cause);
                    }
                    (_, None) => {}
                }
            }
            (quotas, admission, now)
        },
    )
}

/// Asks for `charge` until it has to wait; what goes costs what it reserved. A case in which it never
/// has to, or waits for calls to end, is not one.
fn fill(admission: &mut Admission, now: Tick, charge: Charge) -> Result<Tick, TestCaseError> {
    for _ in 0..100 {
        match admission.reserve(now, charge) {
            Decision::Admit(call) => admission.settle(now, call, charge),
            Decision::Wait { until } if until < Tick::MAX => return Ok(until),
            _ => break,
        };
    }
    Err(TestCaseError::reject("no wait"))
}

/// A case in which `charge` does not go is not one.
fn admit(admission: &mut Admission, now: Tick, charge: Charge) -> Result<Admitted, TestCaseError> {
    match admission.reserve(now, charge) {
        Decision::Admit(call) => Ok(call),
        _ => Err(TestCaseError::reject("refused")),
    }
}

fn cause() -> impl Strategy<Value = Cause> {
    prop_oneof![4 => by_the_minute(), 1 => Just(Cause::Daily), 2 => Just(Cause::Capacity)]
}

fn by_the_minute() -> impl Strategy<Value = Cause> {
    prop_oneof![Just(Cause::RequestRate), Just(Cause::TokenRate), Just(Cause::Unknown)]
}

/// Mostly a second's worth, and now and then much more.
fn charge(quotas: &Quotas, [often, tokens]: [Fraction; 2]) -> Charge {
    let tpm = quotas.tokens_per_minute.map_or(1_000, std::num::NonZero::get);
    let most = if often % 8 == 0 { tpm + tpm / 8 } else { tpm / 30 };
    Charge::new(Requests::new(1), Tokens::new(part(tokens, most)))
}

fn tokens(n: u64) -> Charge {
    Charge::request(Tokens::new(n))
}

fn charge_of_tokens(n: u64) -> Charge {
    Charge::new(Requests::ZERO, Tokens::new(n))
}

/// Whether time alone changes no rate: there is no step to come.
fn is_at_rest(admission: &Admission, now: Tick) -> bool {
    let rates = |at| [admission.adapt().requests(at), admission.adapt().tokens(at)];
    let earlier = Tick::from_nanos(now.as_nanos().saturating_sub(2 * SECOND));
    let later = [now, now.after(Span::MINUTE), now.after(Span::DAY)];
    later.into_iter().all(|later| rates(later) == rates(earlier))
}

fn ceiling(quotas: &Quotas) -> u32 {
    let most = if quotas.server == ServerModel::Unknown { 985_000 } else { 1_000_000 };
    quotas.quota_use.unwrap_or(most)
}

const FLOOR: u32 = 10_000;
const SECOND: u64 = 1_000_000_000;
