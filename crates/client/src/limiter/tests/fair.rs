//! Tenants and priorities before a limiter: whose turn it is, and that nobody is forgotten.

use std::time::Duration;

use proptest::prelude::*;
use quota::laws::NaiveLedger;
use quota::{Decision, Priority, Requests};

use super::super::*;
use super::support::{Bench, Started, minute, tokens};
use crate::{Admission, ErrorKind};

#[test]
fn two_tenants_nine_to_one_are_let_go_nine_to_one() {
    let mut crowd = Crowd::busy(&[9, 1]);
    let served: Vec<_> = (0..200).map(|_| crowd.serve(|_| 1_000)).collect();
    let of_the_first = served.iter().filter(|tenant| **tenant == 1).count();
    assert!((178..=182).contains(&of_the_first), "{of_the_first} of 200");
    // Not in blocks: the second goes once in any eleven.
    assert!(served.windows(11).all(|turns| turns.contains(&2)), "{served:?}");
}

#[test]
fn what_calls_do_not_use_is_made_up_for() {
    // Both use 500 tokens a call, and the first reserves eight times that.
    let mut crowd = Crowd::busy(&[1, 1]);
    let served = (0..200).map(|_| crowd.serve_at(|tenant| [4_000, 500][tenant - 1], 500));
    let of_the_first = served.filter(|tenant| *tenant == 1).count();
    assert!((95..=105).contains(&of_the_first), "{of_the_first} of 200");
}

#[test]
fn a_high_priority_overtakes_and_a_low_one_has_its_turn() {
    let bench = Bench::shared(1_000_000, 600, &[]);
    bench.now(tokens(600)).unwrap().settle(tokens(600));
    let rank = |priority| Rank { priority, ..Rank::default() };
    let start = |priority| {
        let mut one = bench.start_as(rank(priority), tokens(10), Admission::Wait);
        assert!(one.poll().is_none());
        one
    };
    let mut low = start(Priority::Low);
    let mut normal: Vec<_> = (0..3).map(|_| start(Priority::Normal)).collect();
    let mut high: Vec<_> = (0..40).map(|_| start(Priority::High)).collect();
    let mut order = Vec::new();
    for _ in 0..44 {
        let due = bench.clock.next_wake_up().unwrap();
        bench.clock.advance(due.since(bench.clock.now()));
        let all = [(&mut low, 'l')].into_iter();
        let all = all.chain(normal.iter_mut().map(|one| (one, 'n')));
        let mut all = all.chain(high.iter_mut().map(|one| (one, 'h')));
        let (one, name) = all.find(|(one, _)| one.take_wakes() > 0).unwrap();
        one.poll().unwrap().unwrap().settle(tokens(10));
        order.push(name);
    }
    let order: String = order.into_iter().collect();
    let place = |name| order.find(name).unwrap();
    // Four high ones for each normal one, and sixteen for the low one; they came last.
    assert_eq!(order.matches('h').count(), 40);
    assert_eq!(order[..16].matches('h').count(), 12, "{order}");
    assert!(place('l') <= 21, "{order}");
    assert!(order.ends_with("hhhhhhhh"), "{order}");
}

#[test]
fn a_cancelled_head_passes_its_turn_to_another_tenant() {
    let bench = Bench::shared(1_000, 100, &[1]);
    let held = bench.now(tokens(100)).unwrap();
    let mut waiting: Vec<_> = [0, 1, 0]
        .map(|tenant| {
            let rank = Rank { tenant, ..Rank::default() };
            let mut one = bench.start_as(rank, tokens(100), Admission::Wait);
            assert!(one.poll().is_none());
            one
        })
        .into();
    held.refund();
    assert_eq!(waiting[0].wakes(), 1);
    drop(waiting.remove(0));
    let wakes = waiting.iter().map(Started::wakes).sum::<usize>();
    assert_eq!(wakes, 1);
    let next = waiting.iter_mut().find(|one| one.wakes() == 1).unwrap();
    next.poll().unwrap().unwrap();
}

#[test]
fn who_overtakes_and_goes_leaves_the_timer_to_whom_it_overtook() {
    let bench = Bench::shared(1_000, 60, &[]);
    bench.now(tokens(60)).unwrap().settle(tokens(60));
    let mut first = bench.start(tokens(30), Admission::Wait);
    assert!(first.poll().is_none());
    let rank = Rank { priority: Priority::High, ..Rank::default() };
    // A turn of its lane, so that the high one is before the first.
    let mut turn = bench.start_as(rank, tokens(10), Admission::Wait);
    let mut overtaking = bench.start_as(rank, tokens(5), Admission::Wait);
    assert!(turn.poll().is_none() && overtaking.poll().is_none());
    for one in [turn, overtaking] {
        drop(one);
        assert_eq!(bench.limiter.snapshot().next_admission, Some(Duration::from_secs(30)));
    }
    // Either it has the timer, or it was woken to set it.
    if first.take_wakes() > 0 {
        assert!(first.poll().is_none());
    }
    bench.clock.advance(Duration::from_secs(30));
    assert_eq!(first.take_wakes(), 1);
    first.poll().unwrap().unwrap();
}

#[test]
fn only_those_of_the_same_kind_count_against_a_deadline() {
    let bench = Bench::shared(1_000, 60, &[1]);
    bench.now(tokens(60)).unwrap().settle(tokens(60));
    let rank = |tenant| Rank { tenant, ..Rank::default() };
    let mut first = bench.start_as(rank(0), tokens(60), Admission::Wait);
    assert!(first.poll().is_none());
    // One token a second. Behind the first it would be 80 s; another tenant may be before it.
    let within = |tenant| Admission::Within(Duration::from_secs([79, 20][tenant]));
    let end = bench.start_as(rank(0), tokens(20), within(0)).poll().unwrap();
    assert!(end.err().unwrap().to_string().contains("80.000 s"));
    assert!(bench.start_as(rank(1), tokens(20), within(1)).poll().is_none());
    // But not before there is anything.
    let end = bench.start_as(rank(1), tokens(21), within(1)).poll().unwrap();
    assert_eq!(end.err().unwrap().kind(), ErrorKind::NotAdmitted);
}

#[test]
fn the_snapshot_tells_tenants_apart() {
    let bench = Bench::shared(1_000, 100, &[9]);
    let _held = bench.now(tokens(100)).unwrap();
    let rank = Rank { tenant: 1, priority: Priority::High };
    let mut waiting = [10, 20].map(|n| bench.start_as(rank, tokens(n), Admission::Wait));
    for one in &mut waiting {
        assert!(one.poll().is_none());
    }
    let tenants = bench.limiter.snapshot().tenants;
    let seen = tenants.iter().map(|one| (one.name.as_deref(), one.weight.get()));
    assert_eq!(seen.collect::<Vec<_>>(), [(None, 1), (Some("0"), 9)]);
    let seen = tenants.iter().map(|one| (one.waiting, one.tokens));
    assert_eq!(seen.collect::<Vec<_>>(), [(0, 0), (2, 30)]);
    assert_eq!(Bench::with_burst(1, 1).limiter.snapshot().tenants, []);
}

/// Tenants that always have calls waiting, each the next one of its own.
struct Crowd {
    bench: Bench,
    waiting: Vec<(usize, u64, Started)>,
}

impl Crowd {
    fn busy(weights: &[u32]) -> Self {
        let bench = Bench::shared(1_000_000_000, 60_000, weights);
        bench.now(tokens(60_000)).unwrap().settle(tokens(60_000));
        Self { bench, waiting: Vec::new() }
    }

    fn tenants(&self) -> usize {
        self.bench.limiter.tenants.iter().count()
    }

    /// The tenant of the next one that goes, when each call of a tenant costs so much.
    fn serve(&mut self, cost: impl Fn(usize) -> u64) -> usize {
        self.next(&cost).map(|(tenant, cost, held)| (tenant, held.settle(tokens(cost)))).unwrap().0
    }

    /// The same, when each is settled at `actual`.
    fn serve_at(&mut self, cost: impl Fn(usize) -> u64, actual: u64) -> usize {
        let (tenant, _, held) = self.next(&cost).unwrap();
        held.settle(tokens(actual));
        tenant
    }

    fn next(&mut self, cost: &impl Fn(usize) -> u64) -> Option<(usize, u64, Held)> {
        for tenant in 1..self.tenants() {
            if self.waiting.iter().all(|(other, ..)| *other != tenant) {
                let cost = cost(tenant);
                let rank = Rank { tenant, ..Rank::default() };
                let mut one = self.bench.start_as(rank, tokens(cost), Admission::Wait);
                assert!(one.poll().is_none(), "the quota is never idle");
                self.waiting.push((tenant, cost, one));
            }
        }
        loop {
            while let Some(i) = self.waiting.iter().position(|(.., one)| one.take_wakes() > 0) {
                if let Some(end) = self.waiting[i].2.poll() {
                    let (tenant, cost, _) = self.waiting.remove(i);
                    return Some((tenant, cost, end.unwrap()));
                }
            }
            let due = self.bench.clock.next_wake_up()?;
            self.bench.clock.advance(due.since(self.bench.clock.now()));
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Ask(Rank, u64),
    /// Time passes, in milliseconds.
    Pass(u64),
    PassToDue,
    Cancel(prop::sample::Index),
    /// One of those in flight ends, and has cost so many tokens.
    Settle(prop::sample::Index, u64),
}

fn step() -> impl Strategy<Value = Step> {
    let priority = prop::sample::select(vec![Priority::Low, Priority::Normal, Priority::High]);
    let rank = (0_usize..3, priority).prop_map(|(tenant, priority)| Rank { tenant, priority });
    prop_oneof![
        6 => (rank, 1_u64..=600).prop_map(|(rank, n)| Step::Ask(rank, n)),
        2 => (1_u64..20_000).prop_map(Step::Pass),
        3 => Just(Step::PassToDue),
        2 => any::<prop::sample::Index>().prop_map(Step::Cancel),
        3 => (any::<prop::sample::Index>(), 0_u64..800).prop_map(|(i, n)| Step::Settle(i, n)),
    ]
}

/// The limiter, and beside it a list of timed charges.
struct Twins {
    bench: Bench,
    waiting: Vec<(Rank, Charge, Started)>,
    open: Vec<(Charge, Held)>,
    list: NaiveLedger,
}

impl Twins {
    fn now(&self) -> Tick {
        Tick::from_nanos(self.bench.clock.now().as_nanos())
    }

    /// Somebody goes: the list has room, and nobody of the same kind was before.
    fn admit(&mut self, index: usize, held: Held) {
        let (rank, charge, _) = self.waiting.remove(index);
        assert!(self.waiting[..index].iter().all(|(other, ..)| *other != rank));
        assert!(self.list.reserve(self.now(), charge).is_admitted());
        self.open.push((charge, held));
    }

    /// Polls those who were woken and no others.
    fn run(&mut self) {
        while let Some(i) = self.waiting.iter().position(|(.., one)| one.take_wakes() > 0) {
            if let Some(end) = self.waiting[i].2.poll() {
                self.admit(i, end.unwrap());
            }
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Ask(rank, n) => {
                let mut started = self.bench.start_as(rank, tokens(n), Admission::Wait);
                let end = started.poll();
                self.waiting.push((rank, tokens(n), started));
                if let Some(end) = end {
                    self.admit(self.waiting.len() - 1, end.unwrap());
                }
            }
            Step::Pass(millis) => self.bench.clock.advance(Duration::from_millis(millis)),
            Step::PassToDue => {
                if let Some(due) = self.bench.clock.next_wake_up() {
                    self.bench.clock.advance(due.since(self.bench.clock.now()));
                }
            }
            Step::Cancel(index) if !self.waiting.is_empty() => {
                drop(self.waiting.remove(index.index(self.waiting.len())));
            }
            Step::Settle(index, actual) if !self.open.is_empty() => {
                let (reserved, held) = self.open.swap_remove(index.index(self.open.len()));
                let (now, actual) = (self.now(), tokens(actual));
                held.settle(actual);
                self.list.charge(now, actual.saturating_sub(reserved));
                let _clipped = self.list.give_back(now, reserved.saturating_sub(actual));
            }
            Step::Cancel(_) | Step::Settle(..) => {}
        }
        self.run();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_is_first_goes_when_there_is_room(
        rpm in 1_u64..40,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut twins = Twins {
            bench: Bench::shared(rpm, 600, &[9, 2]),
            waiting: Vec::new(),
            open: Vec::new(),
            list: NaiveLedger::like(&minute(rpm, 600)).unwrap(),
        };
        for step in steps {
            twins.step(step);
            prop_assert_eq!(twins.bench.limiter.snapshot().waiting, twins.waiting.len());
            let Some(first) = lock(&twins.bench.limiter.state).queue.first() else { continue };
            let Decision::Wait { until } = twins.list.clone().reserve(twins.now(), first) else {
                panic!("{first:?} is not woken");
            };
            let set = twins.bench.clock.next_wake_up().map(|set| Tick::from_nanos(set.as_nanos()));
            prop_assert!(set.is_some_and(|set| set <= until), "{set:?} for {until:?}");
        }
        // Once all others have ended, time brings everybody in.
        let mut turns = 0;
        while let Some((charge, held)) = twins.open.pop() {
            held.settle(charge);
        }
        twins.run();
        while !twins.waiting.is_empty() {
            twins.step(Step::PassToDue);
            turns += 1;
            prop_assert!(turns < 1_000, "{} wait for ever", twins.waiting.len());
        }
        let none = Charge::new(Requests::ZERO, Tokens::ZERO);
        prop_assert_eq!(lock(&twins.bench.limiter.state).queue.all_of(0).charge, none);
    }

    #[test]
    fn tenants_stay_within_the_bound(
        weights in prop::collection::vec(1_u32..20, 2..4),
        costs in prop::collection::vec(1_u64..=LARGEST, 1..30),
    ) {
        let mut crowd = Crowd::busy(&weights);
        let mut costs = costs.into_iter().cycle();
        let mut served = Vec::new();
        for _ in 0..40 {
            let drawn = costs.next().unwrap();
            let (tenant, cost, held) = crowd.next(&|tenant| drawn / u64::try_from(tenant).unwrap() + 1).unwrap();
            held.settle(tokens(cost));
            served.push((tenant - 1, cost));
        }
        let weight = |place: usize| i128::from(weights[place]);
        for start in 0..served.len() {
            let mut work = vec![0_i128; weights.len()];
            for &(tenant, cost) in &served[start..] {
                work[tenant] += i128::from(cost);
                for f in 0..weights.len() {
                    for g in 0..f {
                        let apart = (work[f] * weight(g) - work[g] * weight(f)).abs();
                        let bound = i128::from(LARGEST + 1) * (weight(f) + weight(g)) + 1;
                        prop_assert!(apart <= bound, "{served:?}");
                    }
                }
            }
        }
    }
}

const LARGEST: u64 = 20_000;
