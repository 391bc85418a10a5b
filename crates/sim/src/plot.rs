//! Plots as SVG, the same for the same numbers.

mod paper;

use std::fmt::Write;

use crate::policy::NAMES;
use crate::row::Row;
use crate::run::Run;
use crate::time::seconds;

use paper::{Paper, color};

/// How much of the ideal each policy does, and how many of its calls are throttled: a dot for every
/// workload, a colour for every server, hollow where requests were given up. Disturbed rows are left
/// out.
pub fn rows(rows: &[Row]) -> String {
    let rows: Vec<&Row> = rows.iter().filter(|row| !row.disturbed).collect();
    let mut servers: Vec<&str> = Vec::new();
    for row in &rows {
        if !servers.contains(&row.server) {
            servers.push(row.server);
        }
    }
    let height = STEP * NAMES.len() as f64;
    let mut paper = Paper::new(1_000.0, TOP + height + 60.0);
    let title = "What policies make of a quota: a dot for each workload on each server";
    paper.label((20.0, 26.0), "start", 16, title);
    for (i, server) in servers.iter().enumerate() {
        let at = 20.0 + 110.0 * i as f64;
        paper.dot((at, 48.0), color(i), true);
        paper.label((at + 9.0, 52.0), "start", 12, server);
    }
    let at = 20.0 + 110.0 * servers.len() as f64;
    paper.dot((at, 48.0), "#555", false);
    paper.label((at + 9.0, 52.0), "start", 12, "requests were given up");
    let done = Panel { left: 160.0, width: 440.0, most: 1.1 };
    let throttled = Panel { left: 660.0, width: 320.0, most: 1.0 };
    done.frame(&mut paper, height, 11, "work done, as a part of what the ideal client does");
    throttled.frame(&mut paper, height, 5, "calls that were throttled");
    for (i, name) in NAMES.iter().enumerate() {
        let middle = TOP + STEP * (i as f64 + 0.5);
        paper.line((20.0, middle + STEP / 2.0), (980.0, middle + STEP / 2.0), "#ddd");
        paper.label((150.0, middle + 4.0), "end", 13, name);
        for row in rows.iter().filter(|row| row.policy == *name) {
            let server = servers.iter().position(|server| *server == row.server).unwrap_or(0);
            let y = middle + (server as f64 - (servers.len() as f64 - 1.0) / 2.0) * 7.5;
            let is_all = row.done == row.requests;
            paper.dot((done.x(row.of_ideal), y), color(server), is_all);
            let part = row.throttled as f64 / row.calls.max(1) as f64;
            paper.dot((throttled.x(part), y), color(server), is_all);
        }
    }
    paper.end()
}

/// How many requests were admitted by when, for several runs.
pub fn progress(title: &str, runs: &[(&str, &Run)]) -> String {
    let (left, top, width, height) = (80.0, 70.0, 700.0, 340.0);
    let last = |run: &Run| run.admitted.last().map_or(0, |admission| admission.at);
    let end = runs.iter().map(|(_, run)| seconds(last(run))).fold(1.0, f64::max);
    let most = runs.iter().map(|(_, run)| run.admitted.len()).max().unwrap_or(0).max(1);
    let mut paper = Paper::new(860.0, top + height + 70.0);
    paper.label((left, 24.0), "start", 15, title);
    for tick in 0..=5 {
        let part = f64::from(tick) / 5.0;
        let (at_x, at_y) = (left + part * width, top + height - part * height);
        paper.line((at_x, top), (at_x, top + height), "#ddd");
        paper.line((left, at_y), (left + width, at_y), "#ddd");
        let minutes = format!("{:.1}", end / 60.0 * part);
        paper.label((at_x, top + height + 18.0), "middle", 12, &minutes);
        let count = format!("{:.0}", most as f64 * part);
        paper.label((left - 8.0, at_y + 4.0), "end", 12, &count);
    }
    paper.label((left + width / 2.0, top + height + 44.0), "middle", 13, "minutes");
    paper.label((left, top - 8.0), "start", 13, "requests admitted");
    for (i, (name, run)) in runs.iter().enumerate() {
        let at = left + 170.0 * i as f64 + 150.0;
        paper.dot((at, 50.0), color(i), true);
        paper.label((at + 9.0, 54.0), "start", 12, name);
        let mut points = String::new();
        let stride = (run.admitted.len() / 400).max(1);
        let all = run.admitted.iter().enumerate();
        for (n, admission) in all.filter(|(n, _)| n % stride == 0 || n + 1 == run.admitted.len()) {
            let x = left + seconds(admission.at) / end * width;
            let y = top + height - (n + 1) as f64 / most as f64 * height;
            let _infallible = write!(points, "{x:.1},{y:.1} ");
        }
        paper.path(points.trim_end(), color(i));
    }
    paper.end()
}

/// A scale from 0 to `most`, as parts of a whole.
struct Panel {
    left: f64,
    width: f64,
    most: f64,
}

impl Panel {
    fn x(&self, part: f64) -> f64 {
        self.left + part.clamp(0.0, self.most) / self.most * self.width
    }

    fn frame(&self, paper: &mut Paper, height: f64, ticks: u32, title: &str) {
        for tick in 0..=ticks {
            let part = self.most * f64::from(tick) / f64::from(ticks);
            let per_cent = part * 100.0;
            let is_whole = per_cent.round() == 100.0;
            let dark = if is_whole { "#555" } else { "#ddd" };
            paper.line((self.x(part), TOP), (self.x(part), TOP + height), dark);
            let text = format!("{per_cent:.0} %");
            paper.label((self.x(part), TOP + height + 18.0), "middle", 11, &text);
        }
        let middle = self.left + self.width / 2.0;
        paper.label((middle, TOP + height + 42.0), "middle", 13, title);
    }
}

const TOP: f64 = 70.0;
const STEP: f64 = 46.0;
