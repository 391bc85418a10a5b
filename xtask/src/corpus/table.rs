//! How many cases and checks held, as a table.

use std::collections::BTreeMap;
use std::fmt;

use super::case::Case;
use super::checks::CHECKS;

/// How a check of a case came out. Of several, the one that stands last here is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    Passed,
    Excepted,
    NotCovered,
    Failed,
}

/// The counts of a run.
#[derive(Debug, Default)]
pub(crate) struct Table {
    cases: BTreeMap<(String, String), Row>,
    checks: BTreeMap<&'static str, Row>,
}

#[derive(Debug, Default)]
struct Row {
    marks: BTreeMap<Mark, usize>,
    no_proof: usize,
}

impl Table {
    /// Counts a case by its worst mark, and each of its checks.
    pub(crate) fn count(&mut self, case: &Case, marks: Vec<(&'static str, Mark)>) {
        let row = self.row(case);
        // A case that has nothing to check shows nothing.
        let Some(worst) = marks.iter().map(|(_, mark)| *mark).max() else {
            row.no_proof += 1;
            return;
        };
        *row.marks.entry(worst).or_default() += 1;
        for (check, mark) in marks {
            *self.checks.entry(check).or_default().marks.entry(mark).or_default() += 1;
        }
    }

    /// Counts a case that shows nothing about the service.
    pub(crate) fn count_no_proof(&mut self, case: &Case) {
        self.row(case).no_proof += 1;
    }

    /// How many checks failed.
    pub(crate) fn failures(&self) -> usize {
        self.checks.values().map(|row| row.of(Mark::Failed)).sum()
    }

    fn row(&mut self, case: &Case) -> &mut Row {
        self.cases.entry((case.family.clone(), case.operation.clone())).or_default()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{:54} {HEADINGS} not proof", "cases by family and operation")?;
        let mut sum = Row::default();
        for ((family, operation), row) in &self.cases {
            writeln!(f, "{family:24} {operation:29} {row} {:9}", row.no_proof)?;
            sum.add(row);
        }
        writeln!(f, "{:54} {sum} {:9}\n", "in all", sum.no_proof)?;
        writeln!(f, "{:54} {HEADINGS}", "checks")?;
        for check in CHECKS {
            if let Some(row) = self.checks.get(check.name) {
                writeln!(f, "{:8} {:45} {row}", check.name, check.about)?;
            }
        }
        Ok(())
    }
}

impl Row {
    fn of(&self, mark: Mark) -> usize {
        self.marks.get(&mark).copied().unwrap_or(0)
    }

    fn add(&mut self, other: &Self) {
        for (mark, count) in &other.marks {
            *self.marks.entry(*mark).or_default() += count;
        }
        self.no_proof += other.no_proof;
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [passed, failed, excepted, not_covered] =
            [Mark::Passed, Mark::Failed, Mark::Excepted, Mark::NotCovered]
                .map(|mark| self.of(mark));
        write!(f, "{passed:6} {failed:6} {excepted:8} {not_covered:14}")
    }
}

const HEADINGS: &str = "passed failed excepted no such family";
