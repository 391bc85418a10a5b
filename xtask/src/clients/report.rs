//! What the clients said: one line for each check, and all of it as a table.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::job::Finished;
use super::list::Client;

/// What came of one client.
#[derive(Debug)]
pub(super) struct Report {
    client: &'static Client,
    /// Its checks in order, each with what came of it.
    results: Vec<(String, Verdict)>,
    /// What it wants a person to read.
    notes: Vec<String>,
    /// Why it cannot be on this machine, if so.
    absent: Option<String>,
}

/// What came of one check.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Verdict {
    Passed(String),
    Failed(String),
    Skipped(String),
}

impl Report {
    /// The report of a client that cannot be on this machine: every check is skipped.
    pub(super) fn of_none(client: &'static Client, why: &str) -> Self {
        let why = format!("not installed: {why}");
        let skipped = |check: &&str| ((*check).to_owned(), Verdict::Skipped(why.clone()));
        let results = client.checks.iter().map(skipped).collect();
        Self { client, results, notes: Vec::new(), absent: Some(why) }
    }

    /// The report of a client that ran. A check without a line has failed.
    pub(super) fn of(client: &'static Client, finished: &Finished) -> Self {
        let trouble = finished.trouble();
        let mut lines = BTreeMap::new();
        let mut notes = Vec::new();
        for line in finished.stdout.lines() {
            match serde_json::from_str(line) {
                Ok(Line::Check { check, ok: true, detail }) => {
                    lines.insert(check, Verdict::Passed(detail));
                }
                Ok(Line::Check { check, ok: false, detail }) => {
                    lines.insert(check, Verdict::Failed(detail));
                }
                Ok(Line::Skip { check, skipped }) => {
                    lines.insert(check, Verdict::Skipped(skipped));
                }
                Ok(Line::Note { note }) => notes.push(note),
                Err(_) => notes.push(format!("{}: not of the protocol: {line}", client.name)),
            }
        }
        let silent = || Verdict::Failed(trouble.clone().unwrap_or_else(|| "no result".to_owned()));
        let expected =
            |check: &&str| ((*check).to_owned(), lines.remove(*check).unwrap_or_else(silent));
        let mut results: Vec<(String, Verdict)> = client.checks.iter().map(expected).collect();
        // The table has no place for these.
        let strangers = lines.into_keys();
        results.extend(strangers.map(|check| (check, Verdict::Failed("not in the list".into()))));
        let is_failed = |(_, verdict): &(String, Verdict)| matches!(verdict, Verdict::Failed(_));
        if let Some(trouble) = trouble.clone().filter(|_| !results.iter().any(is_failed)) {
            results.push(("its end".to_owned(), Verdict::Failed(trouble)));
        }
        Self { client, results, notes, absent: None }
    }

    /// How many checks failed.
    pub(super) fn failures(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Failed(_)))
    }

    /// The counts of this client, as words.
    pub(super) fn told(&self) -> String {
        let passed = self.count(|verdict| matches!(verdict, Verdict::Passed(_)));
        let skipped = self.count(|verdict| matches!(verdict, Verdict::Skipped(_)));
        format!("{passed} passed, {} failed, {skipped} skipped", self.failures())
    }

    fn count(&self, is_counted: impl Fn(&Verdict) -> bool) -> usize {
        self.results.iter().filter(|(_, verdict)| is_counted(verdict)).count()
    }

    fn cell(&self, check: &str) -> &'static str {
        match self.results.iter().find(|(name, _)| name == check) {
            Some((_, Verdict::Passed(_))) => "pass",
            Some((_, Verdict::Failed(_))) => "FAIL",
            Some((_, Verdict::Skipped(_))) => "skip",
            None => "-",
        }
    }
}

/// The checks as rows, the clients as columns.
pub(super) fn table(reports: &[Report]) -> String {
    let mut checks: Vec<&str> = Vec::new();
    for (check, _) in reports.iter().flat_map(|report| &report.results) {
        if !checks.contains(&check.as_str()) {
            checks.push(check);
        }
    }
    let width = checks.iter().map(|check| check.len()).max().unwrap_or_default();
    let row = |first: &str, cells: &mut dyn Iterator<Item = (&Report, &str)>| {
        let cells = cells.map(|(report, cell)| format!("{cell:>0$}", report.client.name.len()));
        let line = std::iter::once(format!("{first:<width$}")).chain(cells);
        line.collect::<Vec<_>>().join("  ")
    };
    let names = row("", &mut reports.iter().map(|report| (report, report.client.name)));
    let rows = checks
        .iter()
        .map(|check| row(check, &mut reports.iter().map(|report| (report, report.cell(check)))));
    std::iter::once(names).chain(rows).map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// A line for each check that failed or was skipped, with the reason; one for a client that is not
/// there at all.
pub(super) fn details(reports: &[Report]) -> String {
    let mut text = String::new();
    for report in reports {
        let name = report.client.name;
        if let Some(why) = &report.absent {
            text += &format!("skip {name}: {why}\n");
            continue;
        }
        for (check, verdict) in &report.results {
            match verdict {
                Verdict::Passed(_) => {}
                Verdict::Failed(why) => text += &format!("FAIL {name} {check}: {why}\n"),
                Verdict::Skipped(why) => text += &format!("skip {name} {check}: {why}\n"),
            }
        }
    }
    text
}

/// What the clients want a person to read.
pub(super) fn notes(reports: &[Report]) -> String {
    reports.iter().flat_map(|report| &report.notes).map(|note| format!("{note}\n")).collect()
}

/// The last line: how many checks there were, and which clients were not there.
pub(super) fn summary(reports: &[Report]) -> String {
    let sum = |is_counted: fn(&Verdict) -> bool| -> usize {
        reports.iter().map(|report| report.count(is_counted)).sum()
    };
    let passed = sum(|verdict| matches!(verdict, Verdict::Passed(_)));
    let failed = sum(|verdict| matches!(verdict, Verdict::Failed(_)));
    let skipped = sum(|verdict| matches!(verdict, Verdict::Skipped(_)));
    let absent: Vec<&str> = reports
        .iter()
        .filter(|report| report.absent.is_some())
        .map(|report| report.client.name)
        .collect();
    let absent = match absent.as_slice() {
        [] => "none".to_owned(),
        names => names.join(", "),
    };
    format!(
        "{} clients, {passed} checks passed, {failed} failed, {skipped} skipped; \
         clients skipped: {absent}",
        reports.len()
    )
}

/// Everything, for a program to read.
pub(super) fn to_json(reports: &[Report]) -> String {
    let rows = reports.iter().flat_map(|report| {
        report.results.iter().map(|(check, verdict)| {
            let (result, detail) = match verdict {
                Verdict::Passed(detail) => ("pass", detail),
                Verdict::Failed(why) => ("fail", why),
                Verdict::Skipped(why) => ("skip", why),
            };
            json!({
                "client": report.client.name,
                "check": check,
                "result": result,
                "detail": detail,
            })
        })
    });
    format!("{:#}\n", Value::Array(rows.collect()))
}

/// A line of the protocol: a check with its result, a check that was not made, or a note.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Check {
        check: String,
        ok: bool,
        #[serde(default)]
        detail: String,
    },
    Skip {
        check: String,
        skipped: String,
    },
    Note {
        note: String,
    },
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;
    use std::time::Duration;

    use super::super::list::Language;
    use super::*;

    const CLIENT: &Client = &Client {
        name: "some",
        about: "",
        language: Language::Python,
        checks: &["invoke", "stream"],
        limit: Duration::ZERO,
    };

    fn said(status: Option<i32>, stdout: &str) -> Report {
        let status = status.map(|code| ExitStatus::from_raw(code << 8));
        let limit = Duration::from_secs(9);
        let (stdout, stderr) = (stdout.to_owned(), "Error: of its own\n".to_owned());
        Report::of(CLIENT, &Finished { status, limit, stdout, stderr })
    }

    const INVOKE: &str = "{\"check\":\"invoke\",\"ok\":true,\"detail\":\"fine\"}\n";
    const STREAM: &str = "{\"check\":\"stream\",\"ok\":true}\n";

    #[test]
    fn a_client_that_says_all_and_ends_well_passes() {
        let report = said(Some(0), &format!("{INVOKE}{STREAM}"));
        assert_eq!(report.told(), "2 passed, 0 failed, 0 skipped");
        assert_eq!(details(&[report]), "");
    }

    #[test]
    fn what_is_not_said_has_failed() {
        assert_eq!(details(&[said(Some(0), INVOKE)]), "FAIL some stream: no result\n");
        let died = "FAIL some stream: exit status: 1: Error: of its own\n";
        assert_eq!(details(&[said(Some(1), INVOKE)]), died);
        assert_eq!(details(&[said(None, INVOKE)]), "FAIL some stream: killed after 9 s\n");
        let stranger = "{\"check\":\"other\",\"ok\":true}\n";
        let report = said(Some(0), &format!("{INVOKE}{STREAM}{stranger}"));
        assert_eq!(details(&[report]), "FAIL some other: not in the list\n");
    }

    #[test]
    fn a_client_that_ends_badly_has_failed_whatever_it_said() {
        let report = said(Some(2), &format!("{INVOKE}{STREAM}"));
        assert_eq!(details(&[report]), "FAIL some its end: exit status: 2: Error: of its own\n");
    }

    #[test]
    fn what_is_skipped_is_seen() {
        let skip = "{\"check\":\"stream\",\"skipped\":\"it has none\"}\n";
        let report = said(Some(0), &format!("{INVOKE}{skip}"));
        assert_eq!(details(&[report]), "skip some stream: it has none\n");
        let absent = Report::of_none(CLIENT, "no network");
        assert_eq!((absent.failures(), absent.cell("stream")), (0, "skip"));
        let reports = [said(Some(0), &format!("{INVOKE}{STREAM}")), absent];
        assert_eq!(details(&reports), "skip some: not installed: no network\n");
        assert_eq!(
            summary(&reports),
            "2 clients, 2 checks passed, 0 failed, 2 skipped; clients skipped: some"
        );
    }

    #[test]
    fn the_table_has_a_column_for_each_client() {
        let failed = "{\"check\":\"invoke\",\"ok\":false,\"detail\":\"bad\"}\n";
        let reports = [said(Some(0), &format!("{INVOKE}{STREAM}")), said(Some(0), failed)];
        assert_eq!(
            table(&reports),
            "        some  some\n\
             invoke  pass  FAIL\n\
             stream  pass  FAIL\n"
        );
    }
}
