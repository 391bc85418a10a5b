//! The table for people, and the same for programs.

use serde_json::{Value, json};
use sim::Row;

use super::goals;

/// A heading, and one line for each row.
pub(super) fn text(rows: &[Row]) -> String {
    let mut text = format!(
        "{:19} {:8} {:16} {:>7} {:>7} {:>8} {:>8} {:>7} {:>6} {:>6} {:>7} {:>9} {:>7} {:>7} {:>7}  goal\n",
        "server",
        "workload",
        "policy",
        "fluid s",
        "ideal s",
        "makespan",
        "of ideal",
        "steady",
        "quota",
        "lost",
        "calls",
        "throttled",
        "wasted",
        "p50 s",
        "p99 s",
    );
    rows.iter().for_each(|row| text.push_str(&line(row)));
    text
}

/// One row.
pub(super) fn line(row: &Row) -> String {
    let goal = match (goals::goal(row), goals::met(row)) {
        (Some(goal), Some(true)) => format!("{:.0} % met", goal * 100.0),
        (Some(goal), _) => format!("{:.0} % MISSED", goal * 100.0),
        (None, _) => "-".to_owned(),
    };
    format!(
        "{:19} {:8} {:16} {:7.0} {:7.0} {:8.0} {:7.1}% {:6.1}% {:5.1}% {:6} {:7} {:9} {:7} {:7.1} {:7.1}  {goal}\n",
        row.server,
        row.workload,
        row.policy,
        row.fluid_s,
        row.ideal_s,
        row.makespan_s,
        row.of_ideal * 100.0,
        row.steady_of_ideal * 100.0,
        row.quota_used * 100.0,
        row.requests - row.done,
        row.calls,
        row.throttled,
        row.wasted,
        row.wait_p50_s,
        row.wait_p99_s,
    )
}

/// A list of objects.
pub(super) fn json(rows: &[Row]) -> String {
    let list: Vec<_> = rows.iter().map(object).collect();
    format!("{:#}\n", Value::Array(list))
}

fn object(row: &Row) -> Value {
    json!({
        "server": row.server,
        "workload": row.workload,
        "policy": row.policy,
        "disturbed": row.disturbed,
        "fluid_s": row.fluid_s,
        "ideal_s": row.ideal_s,
        "makespan_s": row.makespan_s,
        "of_ideal": row.of_ideal,
        "steady_of_ideal": row.steady_of_ideal,
        "quota_used": row.quota_used,
        "ideal_quota_used": row.ideal_quota_used,
        "requests": row.requests,
        "done": row.done,
        "calls": row.calls,
        "throttled": row.throttled,
        "unavailable": row.unavailable,
        "wasted": row.wasted,
        "wait_p50_s": row.wait_p50_s,
        "wait_p99_s": row.wait_p99_s,
        "goal": goals::goal(row),
        "met": goals::met(row),
        "proof": goals::proof(row),
    })
}
