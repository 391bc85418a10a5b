//! How far a run has come: a bar on a terminal, a line now and then anywhere else, nothing beside
//! JSON.

use std::io::{self, IsTerminal};
use std::time::Duration;

use client::quota::Kind;
use client::transport::rt::system::System;
use client::transport::rt::{Clock, Moment};
use client::{Client, ModelRef};
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Output;

/// Where progress is shown.
pub(crate) struct Progress {
    way: Way,
    clock: System,
    began: Moment,
    shown: Moment,
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
        Self { way, clock, began, shown: began, records, before, answered: 0, failed: 0 }
    }

    /// One more record was answered.
    pub(crate) fn answered(&mut self, client: &Client, model: &ModelRef, replied: bool) {
        self.answered += 1;
        self.failed += usize::from(!replied);
        let now = self.clock.now();
        let pause = match self.way {
            Way::Bar(_) => BETWEEN_BARS,
            Way::Lines(_) => BETWEEN_LINES,
        };
        if now.since(self.shown) < pause {
            return;
        }
        self.shown = now;
        let position = self.before + self.answered;
        let text = self.text(client, model, now);
        match &self.way {
            Way::Bar(bar) => {
                bar.set_position(position as u64);
                bar.set_message(text);
            }
            Way::Lines(output) => {
                output.remark(&format!("{position} of {} records, {text}", self.records));
            }
        }
    }

    /// Clears the bar.
    pub(crate) fn end(self) {
        if let Way::Bar(bar) = self.way {
            bar.finish_and_clear();
        }
    }

    /// The rate, the limit that binds, and the time that is left.
    fn text(&self, client: &Client, model: &ModelRef, now: Moment) -> String {
        let minutes = now.since(self.began).as_secs_f64() / 60.0;
        let rate = self.answered as f64 / minutes.max(f64::MIN_POSITIVE);
        let left = self.records.saturating_sub(self.before + self.answered);
        let seconds = (left as f64 / rate.max(f64::MIN_POSITIVE) * 60.0).round() as u64;
        let binds = binding(client, model);
        let failed = match self.failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        format!("{rate:.0} a minute{binds}, {}:{:02} left{failed}", seconds / 60, seconds % 60)
    }
}

/// The limit that calls wait for, if some do.
fn binding(client: &Client, model: &ModelRef) -> &'static str {
    match client.quota(model).and_then(|quota| quota.binds) {
        Some(Kind::Requests) => " (requests bind)",
        Some(Kind::Tokens) => " (tokens bind)",
        _ => "",
    }
}

const BAR: &str = "[{bar:30}] {pos}/{len} records, {msg}";
const BETWEEN_BARS: Duration = Duration::from_millis(200);
const BETWEEN_LINES: Duration = Duration::from_secs(10);
