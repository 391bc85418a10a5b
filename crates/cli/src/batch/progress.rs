//! How far a job has come: a bar on a terminal, a few lines anywhere else, nothing beside JSON.

use std::io::{self, IsTerminal};

use client::batch::{JobHandle, JobState, JobStatus};
use indicatif::{ProgressBar, ProgressStyle};

use crate::batch::status;
use crate::output::Output;

/// Where progress is shown.
#[derive(Debug)]
pub(crate) struct Progress {
    way: Way,
    records: u64,
}

#[derive(Debug)]
enum Way {
    Bar(ProgressBar),
    /// A line for each state, which is the last one seen.
    Lines(Output, Option<JobState>),
}

impl Progress {
    pub(crate) fn new(output: Output, handle: &JobHandle) -> Self {
        let records = handle.records();
        let way = if !output.is_json() && io::stderr().is_terminal() {
            let bar = ProgressBar::new(records);
            if let Ok(style) = ProgressStyle::with_template(BAR) {
                bar.set_style(style);
            }
            Way::Bar(bar)
        } else {
            Way::Lines(output, None)
        };
        Self { way, records }
    }

    /// Shows a status.
    pub(crate) fn show(&mut self, status: &JobStatus) {
        match &mut self.way {
            Way::Bar(bar) => {
                let total = status.counts.total.filter(|total| *total > 0);
                bar.set_length(total.unwrap_or(self.records));
                bar.set_position(status.counts.processed.unwrap_or_default());
                bar.set_message(status.state.to_string());
            }
            Way::Lines(output, last) => {
                if last.as_ref() != Some(&status.state) {
                    output.remark(&status::line(status, self.records));
                    *last = Some(status.state.clone());
                }
            }
        }
    }

    /// Clears the bar.
    pub(crate) fn end(self) {
        if let Way::Bar(bar) = self.way {
            bar.finish_and_clear();
        }
    }
}

const BAR: &str = "{msg:12} [{bar:40}] {pos}/{len} records, {elapsed}";
