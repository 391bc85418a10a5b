//! How each scenario went.

use std::fmt;

use super::check::Verdict;

/// How each scenario went, in the order in which they ran. It prints as a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    rows: Vec<(String, Outcome)>,
}

/// How a scenario went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// As it must.
    Passed,
    /// Otherwise: what was found, and what must be.
    Failed(String),
    /// It could not be staged.
    Skipped,
}

impl Report {
    pub(super) fn push(&mut self, name: String, outcome: Outcome) {
        self.rows.push((name, outcome));
    }

    /// Each scenario's name and how it went.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &Outcome)> {
        self.rows.iter().map(|(name, outcome)| (name.as_str(), outcome))
    }

    /// How many scenarios were not skipped.
    pub fn ran(&self) -> usize {
        self.rows.iter().filter(|(_, outcome)| *outcome != Outcome::Skipped).count()
    }

    /// Whether nothing failed, and exactly the scenarios of the kinds in `skips` were skipped.
    ///
    /// # Errors
    ///
    /// [`Unmet`], with the scenarios for which that does not hold. One that was to be skipped and ran
    /// is among them: the list of skips is kept true.
    pub fn verify(&self, skips: &[&str]) -> Result<(), Unmet> {
        let may_skip =
            |name: &str| name.split('/').next().is_some_and(|kind| skips.contains(&kind));
        let wrong = |(name, outcome): &&(String, Outcome)| match outcome {
            Outcome::Passed => may_skip(name),
            Outcome::Failed(_) => true,
            Outcome::Skipped => !may_skip(name),
        };
        let rows: Vec<_> = self.rows.iter().filter(wrong).cloned().collect();
        if rows.is_empty() { Ok(()) } else { Err(Unmet(Self { rows })) }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, outcome) in &self.rows {
            writeln!(f, "{name:width$}  {outcome}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Failed(why) => write!(f, "FAILED: {why}"),
            Self::Skipped => f.write_str("skipped"),
        }
    }
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Ok(()) => Self::Passed,
            Err(why) => Self::Failed(why),
        }
    }
}

/// The scenarios that failed, were skipped without notice, or ran although they were to be skipped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these scenarios did not go as declared:\n{0}")]
pub struct Unmet(Report);
