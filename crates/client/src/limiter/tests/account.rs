//! Models within an account: both have room or nothing is taken, and they take turns.

use std::time::Duration;

use proptest::prelude::*;
use quota::Kind;
use quota::laws::NaiveLedger;
use transport::testing::ManualClock;

use super::super::*;
use super::support::{Bench, Started, minute, tokens};
use crate::{Admission, ErrorKind, Quotas};

#[test]
fn both_have_room_or_nothing_is_taken() {
    let [one, other] = Bench::models(100, [1_000, 50]);
    let held = one.now(tokens(80)).unwrap();
    // The account has twenty left, and neither model loses anything by asking for more.
    for bench in [&one, &other] {
        assert_eq!(bench.now(tokens(30)).err().unwrap().kind(), ErrorKind::NotAdmitted);
    }
    assert_eq!(one.limiter.snapshot().tokens_left, Some(920));
    assert_eq!(other.limiter.snapshot().tokens_left, Some(50));
    // Nor does the account where a model is in the way.
    held.settle(tokens(0));
    other.now(tokens(40)).unwrap().settle(tokens(40));
    assert!(other.now(tokens(11)).is_err());
    one.now(tokens(60)).unwrap().settle(tokens(60));
    assert!(one.now(tokens(1)).is_err());
    // What exceeds either is never admitted.
    for (bench, n) in [(&one, 101), (&other, 51)] {
        assert_eq!(bench.now(tokens(n)).err().unwrap().kind(), ErrorKind::TooLarge);
    }
}

#[test]
fn what_one_model_gives_back_wakes_another() {
    let [one, other] = Bench::models(100, [1_000, 1_000]);
    let mut held = one.now(tokens(100)).unwrap();
    let mut waiting = other.start(tokens(70), Admission::Wait);
    assert!(waiting.poll().is_none());
    held.sent();
    held.settle(tokens(30));
    assert_eq!(waiting.wakes(), 1);
    waiting.poll().unwrap().unwrap().settle(tokens(70));
    assert_eq!(one.limiter.snapshot().waiting, 0);
}

#[test]
fn small_calls_of_one_model_do_not_starve_large_ones_of_another() {
    let [one, other] = Bench::models(60, [1_000_000, 1_000_000]);
    one.now(tokens(60)).unwrap().settle(tokens(60));
    let mut small = one.start(tokens(1), Admission::Wait);
    assert!(small.poll().is_none());
    let mut large = other.start(tokens(60), Admission::Wait);
    assert!(large.poll().is_none());
    // One token a second. One small call was there before, and one more has its turn after.
    for secs in 1..=61 {
        let due = one.clock.next_wake_up().unwrap();
        one.clock.advance(due.since(one.clock.now()));
        if small.take_wakes() > 0
            && let Some(end) = small.poll()
        {
            assert_eq!(one.elapsed(), Duration::from_secs(1), "turn {secs}");
            end.unwrap().settle(tokens(1));
            small = one.start(tokens(1), Admission::Wait);
            assert!(small.poll().is_none());
        }
        if large.take_wakes() > 0
            && let Some(end) = large.poll()
        {
            assert_eq!(one.elapsed(), Duration::from_secs(61));
            end.unwrap().settle(tokens(60));
            // Its turn is over, and the small one is next.
            one.clock.advance(Duration::from_secs(1));
            assert!(small.take_wakes() > 0);
            small.poll().unwrap().unwrap();
            return;
        }
    }
    panic!("the large one starves");
}

#[test]
fn who_leaves_the_line_lets_the_next_model_go() {
    let [one, other, third] = Bench::models(60, [1_000, 1_000, 1_000]);
    let held = one.now(tokens(60)).unwrap();
    let mut first = other.start(tokens(60), Admission::Wait);
    assert!(first.poll().is_none());
    let mut next = third.start(tokens(10), Admission::Wait);
    assert!(next.poll().is_none());
    held.settle(tokens(40));
    // There is room for the next one, but it is not its turn. The first goes sooner than it thought.
    assert_eq!((first.take_wakes(), next.take_wakes()), (1, 0));
    assert!(first.poll().is_none());
    drop(first);
    assert_eq!(next.take_wakes(), 1);
    next.poll().unwrap().unwrap();
}

#[test]
fn who_cannot_be_in_time_for_the_account_is_refused_at_once() {
    let [one, other] = Bench::models(60, [1_000, 1_000]);
    one.now(tokens(60)).unwrap().settle(tokens(60));
    let within = |secs| Admission::Within(Duration::from_secs(secs));
    let error = other.start(tokens(20), within(19)).poll().unwrap().err().unwrap();
    assert!(error.to_string().contains("20.000 s"), "{error}");
    assert!(other.start(tokens(20), within(20)).poll().is_none());
    // Once it is gone again, nobody stands in line.
    one.clock.advance(Duration::from_secs(1));
    one.now(tokens(1)).unwrap().refund();
}

#[test]
fn the_snapshot_tells_what_the_account_has_left() {
    let day = 1_000_u64.try_into().unwrap();
    let daily = quota::Bucket::new(quota::Rate::per_day(day), day);
    let limits = quota::Limits::unlimited().with_daily_tokens(daily);
    let account = Arc::new(Account::new(limits));
    let clock = Arc::new(ManualClock::new());
    let admission = |now| quota::Admission::new(now, &Quotas::default());
    let limiter = Limiter::new(clock.clone(), clock, Arc::default(), admission).within(&account);
    let bench = Bench { clock: ManualClock::new(), limiter };
    let _held = bench.now(tokens(900)).unwrap();
    let mut waiting = bench.start(tokens(200), Admission::Wait);
    assert!(waiting.poll().is_none());
    let snapshot = bench.limiter.snapshot();
    assert_eq!((snapshot.account_daily_tokens_left, snapshot.daily_tokens_left), (Some(100), None));
    assert_eq!(snapshot.binds, Some(Kind::DailyTokens));
    assert_eq!(snapshot.next_admission, Some(Duration::from_secs(24 * 60 * 60 / 10)));
}

#[derive(Clone, Debug)]
enum Step {
    /// Somebody asks a model for so many tokens.
    Ask(usize, u64),
    /// Time passes, in milliseconds.
    Pass(u64),
    PassToDue,
    Cancel(prop::sample::Index),
    /// One of those in flight ends, and has cost so many tokens.
    Settle(prop::sample::Index, u64),
    /// More is known of one of those in flight.
    Adjust(prop::sample::Index, u64),
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        6 => (0..MODELS.len(), 1_u64..=300).prop_map(|(model, n)| Step::Ask(model, n)),
        2 => (1_u64..20_000).prop_map(Step::Pass),
        3 => Just(Step::PassToDue),
        2 => index().prop_map(Step::Cancel),
        3 => (index(), 0_u64..400).prop_map(|(i, n)| Step::Settle(i, n)),
        1 => (index(), 0_u64..400).prop_map(|(i, n)| Step::Adjust(i, n)),
    ]
}

/// Models within an account, and beside each of them and the account a list of timed charges.
struct Twins {
    benches: [Bench; 3],
    waiting: Vec<(usize, Charge, Started)>,
    open: Vec<(usize, Charge, Held)>,
    lists: [NaiveLedger; 3],
    account: NaiveLedger,
}

impl Twins {
    fn new() -> Self {
        let list = |tpm| NaiveLedger::like(&minute(1_000, tpm)).unwrap();
        Self {
            benches: Bench::models(ACCOUNT, MODELS),
            waiting: Vec::new(),
            open: Vec::new(),
            lists: MODELS.map(list),
            account: list(ACCOUNT),
        }
    }

    fn now(&self) -> Tick {
        Tick::from_nanos(self.benches[0].clock.now().as_nanos())
    }

    /// Both lists have room, and nobody of the same model was before.
    fn admit(&mut self, index: usize, held: Held) {
        let (model, charge, _) = self.waiting.remove(index);
        assert!(self.waiting[..index].iter().all(|(other, ..)| *other != model));
        let now = self.now();
        assert!(self.lists[model].reserve(now, charge).is_admitted());
        assert!(self.account.reserve(now, charge).is_admitted());
        self.open.push((model, charge, held));
    }

    /// Polls those who were woken and no others.
    fn run(&mut self) {
        while let Some(i) = self.waiting.iter().position(|(.., one)| one.take_wakes() > 0) {
            if let Some(end) = self.waiting[i].2.poll() {
                self.admit(i, end.unwrap());
            }
        }
    }

    fn change(&mut self, model: usize, from: Charge, to: Charge) {
        let now = self.now();
        for list in [&mut self.lists[model], &mut self.account] {
            list.charge(now, to.saturating_sub(from));
            let _clipped = list.give_back(now, from.saturating_sub(to));
        }
    }

    fn step(&mut self, step: Step) {
        let clock = self.benches[0].clock.clone();
        match step {
            Step::Ask(model, n) => {
                let mut started = self.benches[model].start(tokens(n), Admission::Wait);
                let end = started.poll();
                self.waiting.push((model, tokens(n), started));
                if let Some(end) = end {
                    self.admit(self.waiting.len() - 1, end.unwrap());
                }
            }
            Step::Pass(millis) => clock.advance(Duration::from_millis(millis)),
            Step::PassToDue => {
                if let Some(due) = clock.next_wake_up() {
                    clock.advance(due.since(clock.now()));
                }
            }
            Step::Cancel(index) if !self.waiting.is_empty() => {
                drop(self.waiting.remove(index.index(self.waiting.len())));
            }
            Step::Settle(index, actual) if !self.open.is_empty() => {
                let (model, reserved, held) = self.open.swap_remove(index.index(self.open.len()));
                held.settle(tokens(actual));
                self.change(model, reserved, tokens(actual));
            }
            Step::Adjust(index, n) if !self.open.is_empty() => {
                let index = index.index(self.open.len());
                let (model, reserved, held) = &mut self.open[index];
                let (model, reserved) = (*model, std::mem::replace(reserved, tokens(n)));
                held.adjust(tokens(n));
                self.change(model, reserved, tokens(n));
            }
            _ => {}
        }
        self.run();
    }

    /// Whether somebody who could go was forgotten: nobody who waits has room, but behind another
    /// model that waits for the account.
    fn somebody_was_forgotten(&self) -> bool {
        let now = self.now();
        let first = |model: usize| {
            let (_, charge, _) = self.waiting.iter().find(|(other, ..)| *other == model)?;
            let own = self.lists[model].clone().reserve(now, *charge).is_admitted();
            Some((own, self.account.clone().reserve(now, *charge).is_admitted()))
        };
        let firsts: Vec<_> = (0..MODELS.len()).filter_map(first).collect();
        firsts.contains(&(true, true)) && !firsts.contains(&(true, false))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_goes_has_room_in_both_and_nobody_is_forgotten(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut twins = Twins::new();
        for step in steps {
            twins.step(step);
            prop_assert!(!twins.somebody_was_forgotten());
        }
        while let Some((model, charge, held)) = twins.open.pop() {
            held.settle(charge);
            twins.change(model, charge, charge);
        }
        twins.run();
        let mut turns = 0;
        while !twins.waiting.is_empty() {
            prop_assert!(twins.benches[0].clock.next_wake_up().is_some(), "nobody has a timer");
            twins.step(Step::PassToDue);
            turns += 1;
            prop_assert!(turns < 2_000, "{} wait for ever", twins.waiting.len());
        }
    }
}

const ACCOUNT: u64 = 400;
const MODELS: [u64; 3] = [300, 350, 5_000];
