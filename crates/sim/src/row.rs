//! One line of the table: how a policy did, beside the ideal.

use crate::policy;
use crate::run::{Run, ideal, run};
use crate::server::Kind;
use crate::time::{MINUTE, seconds};
use crate::workload::Workload;

/// How a policy did with a workload on a server.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// The kind of server.
    pub server: &'static str,
    /// The workload.
    pub workload: &'static str,
    /// The policy.
    pub policy: String,
    /// Whether others took quota, or calls failed at random.
    pub disturbed: bool,
    /// Settled charges over rate: no client is faster than this less a burst, in seconds.
    pub fluid_s: f64,
    /// The makespan of the ideal client, in seconds.
    pub ideal_s: f64,
    /// The time until the last request had ended, in seconds.
    pub makespan_s: f64,
    /// The part of the work that was done, over the time it took as a part of the ideal client's. If
    /// all work was done, it is `ideal_s / makespan_s`; work that was given up does not make it
    /// faster.
    pub of_ideal: f64,
    /// The same for what was admitted after the first minute.
    pub steady_of_ideal: f64,
    /// Settled charges over rate × the time of admissions; of several models the mean.
    pub quota_used: f64,
    /// The same for the ideal client: the most of the quota that this server lets anybody have.
    pub ideal_quota_used: f64,
    /// Calls made.
    pub calls: u64,
    /// Those that were throttled.
    pub throttled: u64,
    /// Those that found no capacity.
    pub unavailable: u64,
    /// Requests.
    pub requests: u64,
    /// Those that were done.
    pub done: u64,
    /// Calls that did nothing.
    pub wasted: u64,
    /// Half of those done were admitted within so many seconds.
    pub wait_p50_s: f64,
    /// 99 of 100 of those done were.
    pub wait_p99_s: f64,
}

/// A server, a workload, and how the ideal client does with them.
#[derive(Debug)]
pub struct Bench<'a> {
    kind: Kind,
    work: &'a Workload,
    ideal: Run,
}

impl<'a> Bench<'a> {
    /// Runs the ideal client.
    pub fn new(kind: &Kind, work: &'a Workload) -> Self {
        Self { kind: *kind, work, ideal: ideal(kind, work) }
    }

    /// What the ideal client did.
    pub const fn ideal(&self) -> &Run {
        &self.ideal
    }

    /// Runs a policy; `None` if there is none of the name.
    pub fn row(&self, name: &str, seed: u64) -> Option<(Row, Run)> {
        let mut policy = policy::make(name, &self.kind, self.work, seed)?;
        let run = run(&self.kind, self.work, policy.as_mut(), seed);
        let work = self.work;
        let total: f64 = self.cost(&self.ideal, 0) as f64;
        let part = self.cost(&run, 0) as f64 / total.max(1.0);
        let (ideal_s, makespan_s) = (seconds(self.ideal.makespan), seconds(run.makespan));
        let done = run.admitted.len() as u64;
        let is_all = done >= self.ideal.admitted.len() as u64;
        let time = if is_all { makespan_s } else { makespan_s.max(ideal_s) };
        let mut waits: Vec<u64> = run.admitted.iter().map(|admission| admission.waited).collect();
        waits.sort_unstable();
        let wait = |per_cent: usize| {
            let place = (waits.len() * per_cent).div_ceil(100).saturating_sub(1);
            waits.get(place).map_or(0.0, |wait| seconds(*wait))
        };
        let row = Row {
            server: self.kind.name,
            workload: work.name,
            policy: name.to_owned(),
            disturbed: self.kind.is_disturbed(),
            fluid_s: fluid(work),
            ideal_s,
            makespan_s,
            of_ideal: if time > 0.0 { part * ideal_s / time } else { 0.0 },
            steady_of_ideal: self.steady(&run) / self.steady(&self.ideal).max(1e-9),
            quota_used: self.used(&run),
            ideal_quota_used: self.used(&self.ideal),
            calls: run.calls,
            throttled: run.throttled,
            unavailable: run.unavailable,
            requests: work.requests.len() as u64,
            done,
            wasted: run.calls - done,
            wait_p50_s: wait(50),
            wait_p99_s: wait(99),
        };
        Some((row, run))
    }

    /// What the requests admitted after `from` have cost, all in all.
    fn cost(&self, run: &Run, from: u64) -> u64 {
        let late = run.admitted.iter().filter(|admission| admission.at >= from);
        let requests = late.filter_map(|admission| self.work.requests.get(admission.id));
        requests
            .filter_map(|request| Some(request.cost(self.work.models.get(request.prompt.model)?)))
            .sum()
    }

    /// Tokens a second after the first minute.
    fn steady(&self, run: &Run) -> f64 {
        let last = run.admitted.last().map_or(0, |admission| admission.at);
        self.cost(run, MINUTE) as f64 / seconds(last.saturating_sub(MINUTE)).max(1.0)
    }

    fn used(&self, run: &Run) -> f64 {
        let last = run.admitted.last().map_or(0, |admission| admission.at);
        let rate: u64 = self.work.models.iter().map(|model| model.tpm).sum();
        if rate == 0 || last == 0 {
            return 0.0;
        }
        self.cost(run, 0) as f64 / (rate as f64 * seconds(last) / 60.0)
    }
}

/// Charges over rate, of the limit that binds most, in seconds.
pub fn fluid(work: &Workload) -> f64 {
    let mut most = 0.0_f64;
    for (number, model) in work.models.iter().enumerate() {
        let its = || work.requests.iter().filter(move |request| request.prompt.model == number);
        let tokens: u64 = its().map(|request| request.cost(model)).sum();
        let minute = seconds(MINUTE);
        let day = minute * 60.0 * 24.0;
        for (n, quota, per) in [
            (its().count() as f64, model.rpm, minute),
            (tokens as f64, model.tpm, minute),
            (tokens as f64, model.tpd, day),
        ] {
            if quota > 0 {
                most = most.max(n / quota as f64 * per);
            }
        }
    }
    most
}
