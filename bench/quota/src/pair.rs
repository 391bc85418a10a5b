//! Two pieces of work timed by turns, so that whatever slows the machine slows both.

use std::time::{Duration, Instant};

/// Times `ours` beside the reference and prints the medians, with the largest ratio aimed at.
pub(crate) fn run(name: &str, goal: f64, mut ours: impl FnMut(), mut reference: impl FnMut()) {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..BATCHES {
        times[0].push(time(&mut ours));
        times[1].push(time(&mut reference));
    }
    let [ours, reference] = times.map(median);
    println!(
        "{{\"name\":\"{name}\",\"ours\":{ours:.2},\"reference\":{reference:.2},\
         \"unit\":\"ns\",\"goal\":{goal}}}"
    );
}

fn time(work: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    (0..BATCH).for_each(|_| work());
    start.elapsed()
}

/// The median of the batches, in nanoseconds for one piece of work.
fn median(mut batches: Vec<Duration>) -> f64 {
    batches.sort_unstable();
    batches[batches.len() / 2].as_nanos() as f64 / f64::from(BATCH)
}

const BATCH: u32 = 500;
const BATCHES: u32 = 20_000;
