//! Laws of fair shares.

#![expect(clippy::indexing_slicing, clippy::panic, reason = "a test that goes wrong fails")]

use core::num::NonZeroU32;

use outcrop_quota::{Decision, Job, Priority, Rate, Share, Span, Tenant, Tick, Tokens, Turn};
use proptest::prelude::*;

use super::cases;
use crate::strategies;

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn fair_shares_stay_within_the_bound(
        (mut share, tenants) in used_share(),
        costs in costs(),
    ) {
        let mut costs = costs.into_iter().cycle();
        // Everybody has a job waiting at any time: a new one for each that is served.
        let mut push = |share: &mut Share<u64>, tenant| {
            let cost = costs.next().unwrap();
            share.push(Tick::ZERO, Job::new(tenant, Tokens::new(cost)), 0).is_ok()
        };
        for &(tenant, _) in &tenants {
            prop_assert!(push(&mut share, tenant));
        }
        let mut served = Vec::new();
        for _ in 0..40 {
            let job = go(&mut share);
            served.push((tenants.iter().position(|(tenant, _)| *tenant == job.tenant), job.cost.get()));
            prop_assert!(push(&mut share, job.tenant));
        }
        let weights: Vec<_> = tenants.iter().map(|(_, weight)| *weight).collect();
        prop_assert!(is_fair(&served, &weights));
    }

    #[test]
    fn corrected_shares_stay_within_the_bound(
        (mut share, tenants) in used_share(),
        costs in prop::collection::vec((cost(), 0_usize..4), 1..60),
        parts in prop::collection::vec(0_u64..=200, 5),
    ) {
        let mut costs = costs.into_iter().cycle();
        let place = |job: Job| tenants.iter().position(|(tenant, _)| *tenant == job.tenant).unwrap();
        // Each tenant has its own idea of what its jobs will cost.
        let actual = |job: Job| job.cost.get() * parts[place(job)] / 100;
        // What is served and not yet corrected.
        let mut open: Vec<Job> = Vec::new();
        let mut missed = vec![0_u64; tenants.len()];
        while let Some(Turn::Go(job, _)) = share.pop(Tick::ZERO) {
            let miss = job.cost.get().abs_diff(actual(job));
            missed[place(job)] = missed[place(job)].max(miss);
            share.correct(job, Tokens::new(actual(job)));
        }
        // Two of each, so that one waits while the other is served.
        for &(tenant, _) in tenants.iter().chain(&tenants) {
            let job = Job::new(tenant, Tokens::new(costs.next().unwrap().0));
            prop_assert!(share.push(Tick::ZERO, job, 0).is_ok());
        }
        let mut served = Vec::new();
        for _ in 0..100 {
            let (next, keep) = costs.next().unwrap();
            let job = go(&mut share);
            open.push(job);
            served.push((Some(place(job)), actual(job)));
            let next = Job::new(job.tenant, Tokens::new(next));
            prop_assert!(share.push(Tick::ZERO, next, 0).is_ok());
            for (tenant, missed) in missed.iter_mut().enumerate() {
                let own = open.iter().filter(|job| place(**job) == tenant);
                let now: u64 = own.map(|job| job.cost.get().abs_diff(actual(*job))).sum();
                *missed = now.max(*missed);
            }
            // Some of those in flight end, in any order.
            while open.len() > keep {
                let job = open.swap_remove(keep / 2);
                share.correct(job, Tokens::new(actual(job)));
            }
        }
        let weights: Vec<_> = tenants.iter().map(|(_, weight)| *weight).collect();
        // The past of the share has jobs that cost what they said.
        let most = missed.iter().zip(&parts).map(|(missed, part)| LARGEST * part.max(&100) / 100 + 2 * missed);
        prop_assert!(is_fair_within(&served, &weights, &most.collect::<Vec<_>>()));
    }

    #[test]
    fn priorities_share_within_the_bound(
        (mut share, tenants) in used_share(),
        costs in costs(),
    ) {
        let mut costs = costs.into_iter().cycle();
        let tenant = tenants[0].0;
        let mut push = |share: &mut Share<u64>, priority| {
            let job = Job::new(tenant, Tokens::new(costs.next().unwrap()));
            share.push(Tick::ZERO, job.with_priority(priority), 0).is_ok()
        };
        for priority in PRIORITIES {
            prop_assert!(push(&mut share, priority));
        }
        let mut served = Vec::new();
        for _ in 0..200 {
            let job = go(&mut share);
            if job.tenant == tenant {
                let place = PRIORITIES.iter().position(|priority| *priority == job.priority);
                served.push((place, job.cost.get()));
                prop_assert!(push(&mut share, job.priority));
            } else {
                prop_assert!(share.push(Tick::ZERO, job, 0).is_ok());
            }
        }
        prop_assert!(is_fair(&served, &[1, 4, 16]));
    }

    #[test]
    fn nobody_starves((mut share, tenants) in used_share(), costs in costs(), cost in 1_u64..100_000) {
        let mut costs = costs.into_iter().cycle();
        let past = {
            let mut share = share.clone();
            let jobs = core::iter::from_fn(|| share.pop(Tick::ZERO));
            let of_mine = |turn: &Turn<u64>| matches!(turn, Turn::Go(job, _) if job.tenant == tenants[0].0);
            jobs.filter(of_mine).count()
        };
        for &(tenant, _) in &tenants {
            // Enough of the others to keep one of them before us for ever.
            for _ in 0..30 {
                let job = Job::new(tenant, Tokens::new(costs.next().unwrap()));
                prop_assert!(share.push(Tick::ZERO, job, 0).is_ok());
            }
        }
        let (mine, weight) = tenants[0];
        let job = Job::new(mine, Tokens::new(cost));
        prop_assert!(share.push(Tick::ZERO, job, 0).is_ok());
        // Before each job of mine, any other is served this at most.
        let mut mine_left = 31 + past;
        let mut served = vec![0_u128; tenants.len()];
        while mine_left > 0 {
            let job = go(&mut share);
            if job.tenant == mine {
                mine_left -= 1;
                served.fill(0);
                continue;
            }
            let other = tenants.iter().position(|(tenant, _)| *tenant == job.tenant).unwrap();
            served[other] += u128::from(job.cost.get());
            let bound = u128::from(tenants[other].1) * u128::from(LARGEST) / u128::from(weight);
            prop_assert!(served[other] <= bound + u128::from(LARGEST) + 1);
        }
    }

    #[test]
    fn every_job_leaves_once_and_in_its_order(
        weights in weights(),
        moves in prop::collection::vec((0_u8..8, any::<usize>(), 0_usize..3, cost()), 0..120),
    ) {
        let (mut share, tenants) = share(&weights);
        let mut waiting = Vec::new();
        for (number, (what, which, priority, cost)) in (0_u64..).zip(moves) {
            match what {
                0..=3 => {
                    let tenant = tenants[which % tenants.len()].0;
                    let job = Job::new(tenant, Tokens::new(cost)).with_priority(PRIORITIES[priority]);
                    waiting.push((number, job, share.push(Tick::ZERO, job, number).unwrap()));
                }
                4 if !waiting.is_empty() => {
                    let (number, _, ticket) = waiting.remove(which % waiting.len());
                    prop_assert_eq!(share.cancel(ticket), Some(number));
                    prop_assert_eq!(share.cancel(ticket), None);
                }
                _ => {
                    let first = share.first().copied();
                    let named = share.first_ticket();
                    let Some(Turn::Go(job, number)) = share.pop(Tick::ZERO) else {
                        prop_assert!(waiting.is_empty());
                        continue;
                    };
                    prop_assert_eq!(first, Some(job));
                    // The earliest of its tenant and priority.
                    let same = |other: &Job| (other.tenant, other.priority) == (job.tenant, job.priority);
                    let place = waiting.iter().position(|(_, other, _)| same(other)).unwrap();
                    let (expected, _, ticket) = waiting.remove(place);
                    prop_assert_eq!(number, expected);
                    prop_assert_eq!(named, Some(ticket));
                    prop_assert_eq!(share.get(ticket), None);
                    prop_assert_eq!(share.cancel(ticket), None);
                }
            }
            for &(number, _, ticket) in &waiting {
                prop_assert_eq!(share.get(ticket), Some(&number));
                prop_assert_eq!(share.get_mut(ticket).copied(), Some(number));
            }
            prop_assert_eq!(share.len(), waiting.len());
            prop_assert_eq!(share.is_empty(), waiting.is_empty());
        }
    }

    #[test]
    fn deadline_refuses_what_cannot_be_met(
        bucket in strategies::bucket(),
        costs in prop::collection::vec(1_u64..1 << 24, 1..8),
        takes in 0_u64..1 << 40,
        slack in -2_i64..3,
    ) {
        let mut share = Share::new(bucket.rate(), bucket.burst());
        let [mine, other] = [1, 1].map(|weight: u32| share.add_tenant(weight.try_into().unwrap()));
        // A full bucket serves them one after the other, and lends what it does not have.
        let mut alone = bucket;
        let (last, ahead) = costs.split_last().unwrap();
        for &cost in ahead {
            prop_assert!(share.push(Tick::ZERO, Job::new(mine, Tokens::new(cost)), 0).is_ok());
            prop_assert!(share.push(Tick::ZERO, Job::new(other, Tokens::new(cost)), 0).is_ok());
            alone.charge(Tick::ZERO, cost);
        }
        alone.charge(Tick::ZERO, *last);
        let admitted = match alone.check(Tick::ZERO, 0) {
            Decision::Wait { until } => until,
            _ => Tick::ZERO,
        };
        let finish = admitted.after(Span::from_nanos(takes));
        prop_assume!(finish < Tick::from_nanos(u64::MAX - 2));
        let deadline = Tick::from_nanos(finish.as_nanos().saturating_add_signed(slack));
        let job = Job::new(mine, Tokens::new(*last)).with_deadline(deadline, Span::from_nanos(takes));
        match share.push(Tick::ZERO, job, 7) {
            Ok(_) => prop_assert!(deadline >= finish),
            Err(refused) => {
                prop_assert!(deadline < finish);
                prop_assert_eq!((refused.item, refused.earliest), (7, finish));
            }
        }
        // Who knows no limit refuses nothing for it.
        let mut order = Share::of_order();
        let alone = order.add_tenant(NonZeroU32::MIN);
        let at_once = Job::new(alone, Tokens::new(*last)).with_deadline(Tick::ZERO, Span::from_nanos(takes));
        prop_assert!(order.push(Tick::ZERO, at_once, ()).is_ok());
        prop_assert_eq!(order.part_of(alone), None);
        let mut stranger = Share::<()>::new(share_rate(), strategies::non_zero(1));
        let unknown = stranger.push(Tick::ZERO, job, ());
        prop_assert_eq!(unknown.map_err(|refused| refused.earliest), Err(Tick::MAX));
    }

    #[test]
    fn late_job_counts_as_nothing(
        (share, tenants) in used_share(),
        which: usize,
        cost in cost(),
        deadline in 0_u64..1_000,
        now in 0_u64..1_000,
    ) {
        // An empty share, with the past of a used one.
        let (mut share, mut now) = (share, Tick::from_nanos(now));
        while share.pop(Tick::ZERO).is_some() {}
        let tenant = tenants[which % tenants.len()].0;
        let deadline = Tick::from_nanos(deadline);
        let job = Job::new(tenant, Tokens::new(cost)).with_deadline(deadline, Span::ZERO);
        prop_assert!(share.push(Tick::ZERO, job, 1).is_ok());
        let mut untouched = share.clone();
        let turn = share.pop(now);
        if deadline < now {
            prop_assert_eq!(turn, Some(Turn::Late(job, 1)));
            // The next one is served as though this one had never come.
            now = Tick::ZERO;
            let next = Job::new(tenant, Tokens::new(cost));
            prop_assert!(share.push(now, next, 2).is_ok());
            prop_assert_eq!(share.pop(now), Some(Turn::Go(next, 2)));
            prop_assert_eq!(untouched.pop(now), Some(Turn::Go(job, 1)));
            prop_assert_eq!(order(share, &tenants), order(untouched, &tenants));
        } else {
            prop_assert_eq!(turn, Some(Turn::Go(job, 1)));
        }
    }

    #[test]
    fn correction_serves_the_actual_cost(
        (share, tenants) in used_share(),
        which: usize,
        costs: [u16; 2],
        others in prop::collection::vec((any::<usize>(), cost()), 0..20),
        is_back in any::<bool>(),
    ) {
        let mut share = share;
        while share.pop(Tick::ZERO).is_some() {}
        let tenant = tenants[which % tenants.len()].0;
        let [said, actual] = costs.map(|cost| Tokens::new(cost.into()));
        let (mut corrected, mut right) = (share.clone(), share);
        let job = Job::new(tenant, said);
        prop_assert!(corrected.push(Tick::ZERO, job, 0).is_ok());
        prop_assert!(right.push(Tick::ZERO, Job::new(tenant, actual), 0).is_ok());
        prop_assert!(corrected.pop(Tick::ZERO).is_some() && right.pop(Tick::ZERO).is_some());
        // Others go meanwhile, and the tenant may have come back.
        for (other, cost) in others {
            let other = tenants[other % tenants.len()].0;
            for share in [&mut corrected, &mut right].into_iter().filter(|_| other != tenant) {
                prop_assert!(share.push(Tick::ZERO, Job::new(other, Tokens::new(cost)), 0).is_ok());
                prop_assert!(share.pop(Tick::ZERO).is_some());
            }
        }
        for share in [&mut corrected, &mut right].into_iter().filter(|_| is_back) {
            prop_assert!(share.push(Tick::ZERO, job, 0).is_ok());
        }
        corrected.correct(job, actual);
        prop_assert_eq!(order(corrected, &tenants), order(right, &tenants));
    }

    #[test]
    fn sure_parts_never_sum_above_the_whole(bucket in strategies::any_bucket(), weights in weights()) {
        let mut share = Share::<()>::new(bucket.rate(), bucket.burst());
        let tenants: Vec<_> = weights.iter().map(|weight| share.add_tenant(*weight)).collect();
        let hour = Span::from_secs(3_600);
        let whole = bucket.rate().over(hour);
        prop_assume!(whole < u64::MAX);
        let parts = tenants.iter().map(|tenant| share.part_of(*tenant).unwrap().over(hour));
        let sum: u128 = parts.map(u128::from).sum();
        prop_assert!(sum <= whole.into(), "{sum} of {whole}");
    }
}

const PRIORITIES: [Priority; 3] = [Priority::Low, Priority::Normal, Priority::High];
const LARGEST: u64 = 100_000;

fn cost() -> impl Strategy<Value = u64> {
    prop_oneof![1_u64..100, 1_u64..=LARGEST]
}

fn costs() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(cost(), 1..60)
}

fn weights() -> impl Strategy<Value = Vec<NonZeroU32>> {
    let weight = prop_oneof![1_u32..4, 1_u32..100];
    prop::collection::vec(weight.prop_map(|weight| weight.try_into().unwrap()), 1..5)
}

type Tenants = Vec<(Tenant, u32)>;

fn share_rate() -> Rate {
    Rate::per_second(strategies::non_zero(1))
}

fn share(weights: &[NonZeroU32]) -> (Share<u64>, Tenants) {
    let mut share = Share::new(share_rate(), strategies::non_zero(u64::MAX));
    let tenants = weights.iter().map(|weight| (share.add_tenant(*weight), weight.get())).collect();
    (share, tenants)
}

/// A share with a past: some tenants were idle, some were served.
fn used_share() -> impl Strategy<Value = (Share<u64>, Tenants)> {
    let moves = prop::collection::vec((any::<bool>(), any::<usize>(), cost()), 0..30);
    (weights(), moves).prop_map(|(weights, moves)| {
        let (mut share, tenants) = share(&weights);
        for (pushes, which, cost) in moves {
            if pushes {
                let job = Job::new(tenants[which % tenants.len()].0, Tokens::new(cost));
                share.push(Tick::ZERO, job, 0).unwrap();
            } else {
                let _ = share.pop(Tick::ZERO);
            }
        }
        (share, tenants)
    })
}

fn go(share: &mut Share<u64>) -> Job {
    match share.pop(Tick::ZERO) {
        Some(Turn::Go(job, _)) => job,
        turn => panic!("{turn:?} of {} jobs", share.len()),
    }
}

/// The order in which a share serves ten jobs of every tenant.
fn order(mut share: Share<u64>, tenants: &Tenants) -> Vec<Tenant> {
    for &(tenant, _) in tenants {
        for _ in 0..10 {
            share.push(Tick::ZERO, Job::new(tenant, Tokens::new(5_000)), 0).unwrap();
        }
    }
    core::iter::from_fn(|| share.pop(Tick::ZERO))
        .map(|turn| match turn {
            Turn::Go(job, _) | Turn::Late(job, _) => job.tenant,
        })
        .collect()
}

/// The bound on every pair and every window, multiplied with both weights; one more for rounding.
fn is_fair(served: &[(Option<usize>, u64)], weights: &[u32]) -> bool {
    is_fair_within(served, weights, &vec![LARGEST; weights.len()])
}

/// The same with the largest cost of each.
fn is_fair_within(served: &[(Option<usize>, u64)], weights: &[u32], most: &[u64]) -> bool {
    let weight = |place: usize| i128::from(weights[place]);
    (0..served.len()).all(|start| {
        let mut work = vec![0_i128; weights.len()];
        served[start..].iter().all(|&(place, cost)| {
            work[place.unwrap()] += i128::from(cost);
            (0..weights.len()).all(|f| {
                (0..f).all(|g| {
                    let apart = (work[f] * weight(g) - work[g] * weight(f)).abs();
                    let most = |place: usize| i128::from(most[place]);
                    apart <= most(f) * weight(g) + most(g) * weight(f) + 1
                })
            })
        })
    })
}
