//! How far a run has come: a bar on a terminal, a line now and then anywhere else, nothing beside
//! JSON.

use std::io::{self, IsTerminal};
use std::time::Duration;

use client::quota::Kind;
use client::transport::rt::system::System;
use client::transport::rt::{Clock, Moment};
use client::{Client, ModelRef, QuotaSnapshot};
use indicatif::{ProgressBar, ProgressStyle};

use crate::map::run::throttles;
use crate::output::Output;

/// Where progress is shown.
pub(crate) struct Progress {
    way: Way,
    clock: System,
    began: Moment,
    records: usize,
    /// Replies that an earlier run brought.
    before: usize,
    answered: usize,
    failed: usize,
}

enum Way {
    Bar(ProgressBar),
    Lines(Output),
}

impl Progress {
    pub(crate) fn new(output: Output, records: usize, before: usize) -> Self {
        let clock = System::new();
        let way = if !output.is_json() && io::stderr().is_terminal() {
            let bar = ProgressBar::new(records as u64);
            if let Ok(style) = ProgressStyle::with_template(BAR) {
                bar.set_style(style);
            }
            bar.set_position(before as u64);
            Way::Bar(bar)
        } else {
            Way::Lines(output)
        };
        let began = clock.now();
        Self { way, clock, began, records, before, answered: 0, failed: 0 }
    }

    /// One more record was answered.
    pub(crate) fn answered(&mut self, replied: bool) {
        self.answered += 1;
        self.failed += usize::from(!replied);
    }

    /// When to show it again.
    pub(crate) fn next(&self) -> Moment {
        self.clock.now().after(match self.way {
            Way::Bar(_) => BETWEEN_BARS,
            Way::Lines(_) => BETWEEN_LINES,
        })
    }

    /// Shows how far it is.
    pub(crate) fn show(&self, client: &Client, model: &ModelRef) {
        let position = self.before + self.answered;
        let text = self.text(client.quota(model).as_ref());
        match &self.way {
            Way::Bar(bar) => {
                bar.set_position(position as u64);
                bar.set_message(text);
            }
            Way::Lines(output) => {
                output.remark(&format!("{position} of {} records{text}", self.records));
            }
        }
    }

    /// Clears the bar.
    pub(crate) fn end(self) {
        if let Way::Bar(bar) = self.way {
            bar.finish_and_clear();
        }
    }

    /// The rate, the limit that binds, the time that is left, and what went wrong.
    fn text(&self, quota: Option<&QuotaSnapshot>) -> String {
        let minutes = self.clock.now().since(self.began).as_secs_f64() / 60.0;
        let rate = self.answered as f64 / minutes.max(f64::MIN_POSITIVE);
        let binds = binding(quota);
        let throttled = quota.map_or(0, |quota| throttles(&quota.throttles));
        let count = |n: u64, what| if n == 0 { String::new() } else { format!(", {n} {what}") };
        let troubles = count(self.failed as u64, "failed") + &count(throttled, "throttled");
        if self.answered == 0 {
            return format!(", none answered yet{binds}{troubles}");
        }
        let left = self.records.saturating_sub(self.before + self.answered);
        let left = span((left as f64 / rate * 60.0).round() as u64);
        format!(", {rate:.0} a minute{binds}, {left} left{troubles}")
    }
}

/// The limit that calls wait for, if some do.
fn binding(quota: Option<&QuotaSnapshot>) -> &'static str {
    match quota.and_then(|quota| quota.binds) {
        Some(Kind::Requests) => " (requests bind)",
        Some(Kind::Tokens) => " (tokens bind)",
        _ => "",
    }
}

/// A span as clocks show it.
fn span(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

const BAR: &str = "[{bar:30}] {pos}/{len} records{msg}";
const BETWEEN_BARS: Duration = Duration::from_millis(200);
const BETWEEN_LINES: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_as_clocks_show_them() {
        assert_eq!([9, 61, 3_600, 90_061].map(span), ["0:09", "1:01", "1:00:00", "25:01:01"]);
    }
}
