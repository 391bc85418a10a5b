//! Two pieces of work timed by turns, so that whatever slows the machine slows both.

use std::cell::RefCell;
use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use criterion::measurement::{Measurement, WallTime};
use serde_json::json;

/// The pairs measured so far.
pub(crate) struct Pairs {
    criterion: Criterion,
    lines: Vec<String>,
}

impl Pairs {
    /// Measures as the command line says.
    pub(crate) fn new() -> Self {
        let criterion = Criterion::default()
            .sample_size(50)
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(2))
            .configure_from_args();
        Self { criterion, lines: Vec::new() }
    }

    /// Times `ours` beside the reference. What Criterion reports is the time of ours; the line of
    /// JSON has the medians of both. The goal is the largest ratio of the two.
    pub(crate) fn run<O, R>(
        &mut self,
        name: &str,
        goal: Option<f64>,
        mut ours: impl FnMut() -> O,
        mut reference: impl FnMut() -> R,
    ) {
        let times = RefCell::new((Vec::new(), Vec::new()));
        self.criterion.bench_function(name, |bencher| {
            bencher.iter_custom(|count| {
                let mut times = times.borrow_mut();
                let mut total = Duration::ZERO;
                let mut left = count;
                while left > 0 {
                    let batch = left.min(BATCH);
                    let took = time(batch, &mut ours);
                    if batch == BATCH {
                        times.0.push(took);
                        times.1.push(time(batch, &mut reference));
                    }
                    total += took;
                    left -= batch;
                }
                total
            });
        });
        let (ours, reference) = times.into_inner();
        if let (Some(ours), Some(reference)) = (median(ours), median(reference)) {
            let row = json!({
                "name": name, "ours": ours, "reference": reference, "unit": "ns", "goal": goal,
            });
            self.lines.push(row.to_string());
        }
    }

    /// Prints the lines of JSON.
    pub(crate) fn print(self) {
        self.criterion.final_summary();
        for line in self.lines {
            println!("{line}");
        }
    }
}

fn time<T>(count: u64, work: &mut impl FnMut() -> T) -> Duration {
    let watch = WallTime.start();
    for _ in 0..count {
        black_box(work());
    }
    WallTime.end(watch)
}

/// The median of the batches, in nanoseconds for one piece of work.
fn median(mut batches: Vec<Duration>) -> Option<f64> {
    batches.sort_unstable();
    let middle = batches.get(batches.len() / 2)?;
    Some(middle.as_nanos() as f64 / BATCH as f64)
}

/// Long enough for the clock, and short enough that most batches run undisturbed.
const BATCH: u64 = 32;
