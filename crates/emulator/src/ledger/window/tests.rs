//! Each window against the whole list of its charges, counted anew at every step.

use proptest::prelude::*;

use super::*;

/// What happens next, and how long after the last.
#[derive(Debug, Clone)]
enum Step {
    Ask { wait_ms: u64, amount: u64 },
    Settle { wait_ms: u64, which: usize, used: u64 },
}

/// Everything that was ever charged, never shortened.
#[derive(Default)]
struct Oracle {
    charges: Vec<Charged>,
}

/// Time, number, what it was charged first, and when and to what it was settled.
type Charged = (u64, u64, u64, Option<(u64, u64)>);

const LIMIT: u64 = 1000;

impl Oracle {
    /// Charges that count at `now`, each as it stands.
    fn sum(&self, counts: impl Fn(u64) -> bool) -> u64 {
        let amount = |settled: &Option<(u64, u64)>, held| settled.map_or(held, |(_, used)| used);
        let charges = self.charges.iter().filter(|(at, ..)| counts(*at));
        charges.map(|(_, _, held, settled)| amount(settled, *held)).sum()
    }

    /// The level of a bucket of so many thousandths of tokens, millisecond by millisecond.
    fn level(&self, now: u64, burst_ms: u64) -> i64 {
        let unit = 60_000;
        let capacity = (LIMIT * burst_ms) as i64;
        let mut level = capacity;
        for ms in 0..=now {
            if ms > 0 {
                level = (level + LIMIT as i64).min(capacity);
            }
            // Within one millisecond, in the order in which they came.
            let mut events: Vec<(u64, u64, i64)> = Vec::new();
            for (order, (at, _, held, settled)) in self.charges.iter().enumerate() {
                if *at == ms {
                    events.push((order as u64 * 2, 0, -(*held as i64)));
                }
                if let Some((_, used)) = settled.filter(|(at, _)| *at == ms) {
                    events.push((order as u64 * 2 + 1, 1, *held as i64 - used as i64));
                }
            }
            for (_, _, change) in events {
                level = (level + change * unit).min(capacity);
            }
        }
        level
    }

    fn fits(&self, refill: Refill, now: u64, amount: u64) -> bool {
        if amount > LIMIT {
            return false;
        }
        match refill {
            Refill::Sliding => self.sum(|at| now - at < 60_000) + amount <= LIMIT,
            Refill::Minute => self.sum(|at| now / 60_000 == at / 60_000) + amount <= LIMIT,
            Refill::Bucket(burst) => {
                let burst_ms = burst.as_millis() as u64;
                self.level(now, burst_ms) >= (amount as i64 * 60_000).min((LIMIT * burst_ms) as i64)
            }
        }
    }
}

fn steps(longest_ms: u64) -> impl Strategy<Value = Vec<Step>> {
    let wait = move || 1..longest_ms;
    let step = prop_oneof![
        (wait(), 0..1100_u64).prop_map(|(wait_ms, amount)| Step::Ask { wait_ms, amount }),
        (wait(), 0..400_u64).prop_map(|(wait_ms, amount)| Step::Ask { wait_ms, amount }),
        (wait(), any::<usize>(), 0..900_u64).prop_map(|(wait_ms, which, used)| Step::Settle {
            wait_ms,
            which,
            used
        }),
    ];
    prop::collection::vec(step, 1..40)
}

fn agree(refill: Refill, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut window = Window::new(LIMIT, MINUTE, refill, 1);
    let mut oracle = Oracle::default();
    let mut now = 0;
    for (number, step) in (0..).zip(steps) {
        match *step {
            Step::Ask { wait_ms, amount } => {
                now += wait_ms;
                let at = Duration::from_millis(now);
                let fits = window.fits(at, amount);
                prop_assert_eq!(fits, oracle.fits(refill, now, amount), "at {} ms", now);
                if fits {
                    window.charge(at, number, amount);
                    oracle.charges.push((now, number, amount, None));
                }
            }
            Step::Settle { wait_ms, which, used } => {
                now += wait_ms;
                let open: Vec<usize> = (0..oracle.charges.len())
                    .filter(|place| oracle.charges[*place].3.is_none())
                    .collect();
                if open.is_empty() {
                    continue;
                }
                let charge = &mut oracle.charges[open[which % open.len()]];
                charge.3 = Some((now, used));
                window.settle(Duration::from_millis(now), charge.1, charge.2, used);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_sliding_window_admits_what_its_whole_list_admits(steps in steps(30_000)) {
        agree(Refill::Sliding, &steps)?;
    }

    #[test]
    fn a_clock_minute_admits_what_its_whole_list_admits(steps in steps(30_000)) {
        agree(Refill::Minute, &steps)?;
    }

    #[test]
    fn a_bucket_admits_what_its_whole_list_admits(
        steps in steps(300),
        burst_ms in prop::sample::select(vec![100_u64, 1000, 10_000, 60_000]),
    ) {
        agree(Refill::Bucket(Duration::from_millis(burst_ms)), &steps)?;
    }
}

#[test]
fn a_bucket_of_less_than_a_request_holds_one() {
    let mut window = Window::new(6, MINUTE, Refill::Bucket(Duration::from_secs(1)), 1);
    assert!(window.fits(Duration::ZERO, 1));
    window.charge(Duration::ZERO, 1, 1);
    assert!(!window.fits(Duration::from_millis(9_999), 1));
    assert!(window.fits(Duration::from_secs(10), 1));
}

#[test]
fn a_call_of_more_than_a_burst_waits_for_a_full_bucket_and_for_its_whole_price_afterwards() {
    let mut window = Window::new(60, MINUTE, Refill::Bucket(Duration::from_secs(1)), 1);
    assert!(window.fits(Duration::ZERO, 30));
    window.charge(Duration::ZERO, 1, 30);
    assert!(!window.fits(Duration::from_millis(29_999), 1));
    assert!(window.fits(Duration::from_secs(30), 30));
    assert!(!window.fits(Duration::from_secs(300), 61));
}

#[test]
fn a_list_is_no_longer_than_its_period() {
    let mut window = Window::new(u64::MAX, MINUTE, Refill::Sliding, 1);
    for number in 0..100_000 {
        window.charge(Duration::from_millis(number), number, 1);
    }
    let Kind::List { charges, sum, .. } = &window.kind else { panic!("not a list") };
    assert_eq!((charges.len(), *sum), (60_000, 60_000));
}
