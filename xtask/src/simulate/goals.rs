//! The goals of the two policies of ours, and what is proved to be out of reach.

use sim::Row;

/// The part of the ideal that a row has to reach; `None` if none is set for it.
pub(super) fn goal(row: &Row) -> Option<f64> {
    match row.policy.as_str() {
        "outcrop" | "outcrop-blind" if row.disturbed => Some(CONVERGED),
        "outcrop" => Some(0.98),
        "outcrop-blind" if has_proof(row) => None,
        "outcrop-blind" => Some(0.90),
        _ => None,
    }
}

/// Whether the page of proofs says why a client that knows only the published quotas does not get there:
/// the server lets in so much more than it publishes that 98 % of that would not do, or it takes too
/// many throttles to tell the server from another.
fn has_proof(row: &Row) -> bool {
    0.98 / row.ideal_quota_used < 0.90 || LOOK_ALIKE.contains(&(row.server, row.workload))
}

/// What is compared with the goal: for the blind policy the steady state.
pub(super) fn reached(row: &Row) -> f64 {
    if row.policy == "outcrop-blind" { row.steady_of_ideal } else { row.of_ideal }
}

/// Whether the goal is met, with its bound on throttles.
pub(super) fn met(row: &Row) -> Option<bool> {
    let goal = goal(row)?;
    let throttles = match row.policy.as_str() {
        _ if row.disturbed => u64::MAX,
        "outcrop" => 0,
        _ => row.calls / 1_000,
    };
    Some(reached(row) >= goal && row.throttled <= throttles && row.done == row.requests)
}

/// The rows that do not meet their goal.
pub(super) fn missed(rows: &[Row]) -> Vec<&Row> {
    rows.iter().filter(|row| met(row) == Some(false)).collect()
}

/// The page that says why a row has no goal.
pub(super) fn proof(row: &Row) -> Option<&'static str> {
    goal(row).is_none().then_some(PROOF)
}

/// Whether the blind policy reaches 95 % in the mean of the undisturbed rows, with a goal or not.
pub(super) fn blind_is_good_on_average(rows: &[Row]) -> bool {
    mean(&of(rows, "outcrop-blind", false)) >= 0.95
}

/// What the policies of ours reach, in a few lines.
pub(super) fn summary(rows: &[Row]) -> String {
    let mut lines = Vec::new();
    for policy in ["outcrop", "outcrop-blind"] {
        for disturbed in [false, true] {
            let some = of(rows, policy, disturbed);
            let worst = some.iter().map(|row| reached(row)).fold(f64::INFINITY, f64::min);
            let throttled = some.iter().map(|row| row.throttled as f64 / row.calls as f64);
            let with_goal = some.iter().filter(|row| goal(row).is_some()).count();
            let missed = some.iter().filter(|row| met(row) == Some(false)).count();
            lines.push(format!(
                "{policy:13} {:11} mean {:5.1} %  worst {:5.1} %  most throttled {:.3} %  goals missed {missed} of {with_goal}",
                if disturbed { "disturbed" } else { "undisturbed" },
                mean(&some) * 100.0,
                worst * 100.0,
                throttled.fold(0.0, f64::max) * 100.0,
            ));
        }
    }
    lines.join("\n")
}

fn of<'a>(rows: &'a [Row], policy: &str, disturbed: bool) -> Vec<&'a Row> {
    rows.iter().filter(|row| row.policy == policy && row.disturbed == disturbed).collect()
}

fn mean(rows: &[&Row]) -> f64 {
    rows.iter().map(|row| reached(row)).sum::<f64>() / rows.len().max(1) as f64
}

/// Where others take quota or calls fail, a policy has to settle near what is left.
const CONVERGED: f64 = 0.75;
/// Where calls hold so much that to try for the goal is to be throttled on a sliding window.
const LOOK_ALIKE: [(&str, &str); 2] = [("bucket-1s", "long"), ("clock-minute", "long")];
/// The argument for each kind of row without a goal.
pub(super) const PROOF: &str = "docs/src/simulation.md";
