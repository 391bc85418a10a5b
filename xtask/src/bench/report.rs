//! The results of measurements: read from the programs that measure, printed, and written as JSON.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::shell::Cmd;

/// One thing measured beside its reference.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(crate) struct Row {
    name: String,
    ours: f64,
    reference: f64,
    unit: String,
    /// The largest ratio aimed at; `None` where the row only informs.
    goal: Option<f64>,
}

impl Row {
    fn ratio(&self) -> f64 {
        self.ours / self.reference
    }

    fn met(&self) -> Option<bool> {
        self.goal.map(|goal| self.ratio() <= goal)
    }

    /// The same measurement in another build as the reference.
    pub(super) fn beside(self, other: &Self) -> Self {
        Self { reference: other.ours, ..self }
    }

    fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "ours": self.ours,
            "reference": self.reference,
            "unit": self.unit,
            "ratio": self.ratio(),
            "goal": self.goal,
            "met": self.met(),
        })
    }

    fn line(&self) -> String {
        let goal = match (self.goal, self.met()) {
            (Some(goal), Some(true)) => format!("{goal} met"),
            (Some(goal), _) => format!("{goal} missed"),
            (None, _) => "-".to_owned(),
        };
        let Self { name, ours, reference, unit, .. } = self;
        format!("{name:24} {ours:10.1} {unit} {reference:10.1} {unit} {:7.3}  {goal}", self.ratio())
    }
}

/// Runs a program that measures, and reads the rows that it prints, one JSON object to a line.
pub(super) fn rows(cmd: &Cmd, root: &Path) -> Result<Vec<Row>, Failure> {
    println!("$ {cmd}");
    let text = cmd.read(root)?;
    let rows = parse(&text).map_err(|error| cmd.unreadable(error.to_string()))?;
    if rows.is_empty() { Err(cmd.unreadable("no measurement".to_owned())) } else { Ok(rows) }
}

/// The lines that begin with a brace; a harness prints others.
fn parse(text: &str) -> serde_json::Result<Vec<Row>> {
    text.lines().filter(|line| line.starts_with('{')).map(serde_json::from_str).collect()
}

pub(super) fn print(rows: &[Row]) {
    println!("\n{:24} {:>13} {:>13} {:>7}  goal", "name", "ours", "reference", "ratio");
    for row in rows {
        println!("{}", row.line());
    }
}

pub(super) fn write(path: &Path, rows: &[Row]) -> Result<(), Failure> {
    let rows: Vec<Value> = rows.iter().map(Row::to_json).collect();
    let text = format!("{:#}\n", Value::from(rows));
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, text));
    written.map_err(|source| Failure::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "\
Benchmarking frame
{\"name\":\"frame\",\"ours\":30,\"reference\":120.0,\"unit\":\"ns\",\"goal\":0.25}
{\"name\":\"chunk\",\"ours\":30,\"reference\":20,\"unit\":\"ns\",\"goal\":1.3}
{\"name\":\"other\",\"ours\":30,\"reference\":20,\"unit\":\"ns\",\"goal\":null}
";

    #[test]
    fn rows_say_whether_their_goal_is_met() {
        let rows = parse(PRINTED).unwrap();
        assert_eq!(rows.iter().map(Row::met).collect::<Vec<_>>(), [Some(true), Some(false), None]);
        assert_eq!(
            rows[0].to_json(),
            json!({"name": "frame", "ours": 30.0, "reference": 120.0, "unit": "ns", "ratio": 0.25,
                "goal": 0.25, "met": true})
        );
        assert!(rows[1].line().ends_with("1.500  1.3 missed"), "{}", rows[1].line());
    }

    #[test]
    fn a_row_that_cannot_be_read_is_an_error() {
        assert!(parse("{\"name\": 1}").is_err());
        assert_eq!(parse("nothing").unwrap(), []);
    }
}
