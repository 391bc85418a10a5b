//! Two pieces of work timed by turns, so that whatever slows the machine slows both.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// Times `ours` beside the reference and prints the medians, with the largest ratio aimed at.
pub(crate) fn run(name: &str, goal: f64, mut ours: impl FnMut(), mut reference: impl FnMut()) {
    let time_both = || [time(BATCH, &mut ours), time(BATCH, &mut reference)];
    compare(name, goal, BATCHES, BATCH, time_both);
}

/// The same by two threads at once; the time is that of one piece of work in one thread.
pub(crate) fn run_on_two_threads(
    name: &str,
    goal: f64,
    ours: impl Fn() + Sync,
    reference: impl Fn() + Sync,
) {
    let time_both = || [time_on_two(&ours), time_on_two(&reference)];
    compare(name, goal, LONG_BATCHES, LONG_BATCH, time_both);
}

/// Prints the medians of the times that `time_both` takes for batches of so many pieces of work.
pub(crate) fn compare(
    name: &str,
    goal: f64,
    batches: u32,
    batch: u32,
    mut time_both: impl FnMut() -> [Duration; 2],
) {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..batches {
        for (times, time) in times.iter_mut().zip(time_both()) {
            times.push(time);
        }
    }
    let [ours, reference] = times.map(|times| median(times) / f64::from(batch));
    println!(
        "{{\"name\":\"{name}\",\"ours\":{ours:.2},\"reference\":{reference:.2},\
         \"unit\":\"ns\",\"goal\":{goal}}}"
    );
}

fn time(batch: u32, mut work: impl FnMut()) -> Duration {
    let start = Instant::now();
    (0..batch).for_each(|_| work());
    start.elapsed()
}

fn time_on_two(work: &(impl Fn() + Sync)) -> Duration {
    let together = Barrier::new(2);
    let one = || {
        together.wait();
        time(LONG_BATCH, work)
    };
    thread::scope(|scope| {
        let other = scope.spawn(one);
        (one() + other.join().unwrap()) / 2
    })
}

/// The median of the batches, in nanoseconds.
fn median(mut batches: Vec<Duration>) -> f64 {
    batches.sort_unstable();
    batches[batches.len() / 2].as_nanos() as f64
}

const BATCH: u32 = 500;
const BATCHES: u32 = 20_000;
/// Long enough that both threads run at once on a machine with other work.
const LONG_BATCH: u32 = 300_000;
const LONG_BATCHES: u32 = 25;
