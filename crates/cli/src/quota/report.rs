//! What a simulated run says to a person, and to a program.

use std::path::PathBuf;

use client::Unit;
use serde_json::{Map, Value, json};
use sim::{Model, Row};

use super::number::number;
use crate::error::Error;
use crate::output::Output;

/// What came of a pile of work, and of the same with one thing changed.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) row: Row,
    /// The model whose burndown rate counts; `None` if the largest known does.
    pub(super) model: Option<String>,
    pub(super) quota: Model,
    pub(super) max_tokens: u64,
    /// Tokens that a request holds at its start, in the mean.
    pub(super) reserved: u64,
    /// Tokens that a request costs in the end, in the mean.
    pub(super) settled: u64,
    /// Seconds without this limit, for each that is given.
    pub(super) without: Vec<(Unit, f64)>,
    pub(super) tight: Option<Tight>,
    /// How many requests hold more than the quota ever has.
    pub(super) impossible: u64,
    /// Where the plot is.
    pub(super) plot: Option<PathBuf>,
}

/// The same work with a smaller `max_tokens`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tight {
    pub(super) max_tokens: u64,
    /// How many answers do not fit in it.
    pub(super) cut_short: usize,
    pub(super) seconds: f64,
}

impl Report {
    pub(super) fn print(&self, output: Output) -> Result<(), Error> {
        if output.is_json() { output.json(&self.to_json()) } else { output.text(&self.to_text()) }
    }

    /// The limit without which the work would be done soonest, if that makes a difference.
    fn binds(&self) -> Option<(Unit, f64)> {
        let least = self.without.iter().min_by(|a, b| a.1.total_cmp(&b.1)).copied();
        least.filter(|(_, seconds)| *seconds < self.row.makespan_s * NOTICEABLE)
    }

    fn to_text(&self) -> String {
        let row = &self.row;
        let share = |part: f64| format!("{:.1} %", part * 100.0);
        let mut lines = vec![(
            "time",
            format!(
                "{} for {} requests; the best possible on this server is {}",
                time(row.makespan_s),
                number(row.requests),
                time(row.ideal_s),
            ),
        )];
        lines.push(("binds", self.binds_in_words()));
        lines.push((
            "a request",
            format!(
                "holds {} tokens at its start and costs {} in the end (input + {} x output, {})",
                number(self.reserved),
                number(self.settled),
                self.quota.burn,
                self.model.as_ref().map_or("the largest rate known", |_| "the model's rate"),
            ),
        ));
        if self.quota.tpm > 0 {
            let used = if row.quota_used > 1.0 {
                "all of it, and of what was saved up before".to_owned()
            } else {
                share(row.quota_used)
            };
            lines.push(("quota used", used));
        }
        lines.push((
            "throttled",
            format!("{} of {} calls", number(row.throttled), number(row.calls)),
        ));
        lines.push((
            "waiting",
            format!(
                "half of the requests {}, 99 of 100 {} at most",
                time(row.wait_p50_s),
                time(row.wait_p99_s)
            ),
        ));
        lines.extend(self.advice().into_iter().map(|advice| ("to change", advice)));
        lines.extend(self.plot.iter().map(|path| ("drawn in", path.display().to_string())));
        let head = format!("{} on {}\n", row.policy, row.server);
        lines.iter().fold(head, |text, (name, said)| text + &format!("  {name:<11} {said}\n"))
    }

    fn binds_in_words(&self) -> String {
        match self.binds() {
            _ if self.impossible > 0 => {
                format!("{} requests hold more than the quota ever has", number(self.impossible))
            }
            Some((limit, without)) => {
                format!("{}: without that limit it would be {}", limit, time(without))
            }
            None => "none of the limits: the replies take that long".to_owned(),
        }
    }

    /// What would make a difference, the largest first.
    fn advice(&self) -> Vec<String> {
        let row = &self.row;
        let mut advice = Vec::new();
        if self.impossible > 0 {
            advice.push(format!(
                "max_tokens {}: with its input, a request must fit into what the server saves up",
                number(self.max_tokens),
            ));
        }
        let given_up = row.requests - row.done - self.impossible.min(row.requests - row.done);
        if given_up > 0 {
            advice.push(format!("{} gave {} requests up", row.policy, number(given_up)));
        }
        if let Some(tight) = self.tight {
            let faster = tight.seconds < row.makespan_s * NOTICEABLE;
            let gain = if faster { time(tight.seconds) } else { "no sooner".to_owned() };
            advice.push(format!(
                "max_tokens {} instead of {}: {gain}, with {} answers cut short",
                number(tight.max_tokens),
                number(self.max_tokens),
                number(tight.cut_short as u64),
            ));
        }
        if let Some((limit, _)) = self.binds() {
            advice.push(format!("more {} is what to ask for; the other limits wait", limit));
        }
        advice
    }

    fn to_json(&self) -> Value {
        let row = &self.row;
        let without: Map<String, Value> = self
            .without
            .iter()
            .map(|(limit, seconds)| (limit.key().to_owned(), json!(seconds)))
            .collect();
        json!({
            "server": row.server,
            "policy": row.policy,
            "model": self.model,
            "burnDown": self.quota.burn,
            "maxTokens": self.max_tokens,
            "requests": row.requests,
            "done": row.done,
            "seconds": row.makespan_s,
            "idealSeconds": row.ideal_s,
            "fluidSeconds": row.fluid_s,
            "ofIdeal": row.of_ideal,
            "quotaUsed": row.quota_used,
            "calls": row.calls,
            "throttled": row.throttled,
            "waitP50Seconds": row.wait_p50_s,
            "waitP99Seconds": row.wait_p99_s,
            "reservedTokens": self.reserved,
            "settledTokens": self.settled,
            "binds": self.binds().map(|(limit, _)| limit.key()),
            "impossible": self.impossible,
            "secondsWithout": without,
            "tightMaxTokens": self.tight.map(|tight| json!({
                "maxTokens": tight.max_tokens,
                "cutShort": tight.cut_short,
                "seconds": tight.seconds,
            })),
            "advice": self.advice(),
            "plot": self.plot.as_ref().map(|path| path.display().to_string()),
        })
    }
}

/// A span for a person: the two largest units of it.
fn time(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{seconds:.1} s"),
        60..3_600 => format!("{} min {} s", whole / 60, whole % 60),
        3_600..86_400 => format!("{} h {} min", whole / 3_600, whole % 3_600 / 60),
        _ => format!("{} d {} h", whole / 86_400, whole % 86_400 / 3_600),
    }
}

/// What is not at least two per cent sooner makes no difference.
const NOTICEABLE: f64 = 0.98;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_for_people() {
        assert_eq!(
            [0.25, 59.4, 61.0, 7_380.0, 180_000.0].map(time),
            ["0.2 s", "59.4 s", "1 min 1 s", "2 h 3 min", "2 d 2 h"]
        );
    }
}
