//! The commands that the README shows, and how CI runs each.

use std::path::Path;

use crate::failure::Failure;
use crate::shell::Cmd;

/// Runs the README's commands.
pub(super) fn run(root: &Path) -> Result<(), Failure> {
    let server = Cmd::shell(EMULATE).serve(root, "AWS_SECRET_ACCESS_KEY")?;
    let exports: Vec<(&str, &str)> =
        server.printed.iter().filter_map(|line| export(line)).collect();
    for line in LINES {
        match line.run {
            Run::Step(step) => println!("`{}` is the step {step}", line.text),
            Run::Serve => println!("`{}` runs already", line.text),
            Run::Account => exports
                .iter()
                .fold(Cmd::shell(line.text), |cmd, (name, value)| cmd.env(*name, *value))
                .run(root)?,
        }
    }
    Ok(())
}

/// The name and value of a line `export NAME=VALUE`.
fn export(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.trim().strip_prefix("export ")?.split_once('=')?;
    Some((name, value.trim_matches(['"', '\''])))
}

/// A command of the README.
#[derive(Debug)]
pub(crate) struct Line {
    /// As it stands there, without its comment.
    pub(crate) text: &'static str,
    run: Run,
}

/// How CI runs a command.
#[derive(Debug)]
enum Run {
    /// A step of CI does it.
    Step(&'static str),
    /// It is the emulator, which runs in the background while CI runs the others.
    Serve,
    /// It is meant for an account; here the emulator stands in for AWS.
    Account,
}

/// Every command of the README; `cargo xtask tidy` compares the two.
pub(crate) const LINES: &[Line] = &[
    Line { text: "cargo run -- demo", run: Run::Step("demo") },
    Line { text: "cargo test --workspace", run: Run::Step("test") },
    Line { text: EMULATE, run: Run::Serve },
    Line {
        text: "cargo run -- invoke -m amazon.nova-lite-v1:0 \"Why is the sky blue?\"",
        run: Run::Account,
    },
];

const EMULATE: &str = "cargo run -- emulate";

#[cfg(test)]
mod tests {
    use super::super::STEPS;
    use super::*;

    #[test]
    fn a_line_that_a_step_runs_names_a_step() {
        let named = LINES.iter().filter_map(|line| match line.run {
            Run::Step(name) => Some(name),
            Run::Serve | Run::Account => None,
        });
        for name in named {
            assert!(STEPS.iter().any(|step| step.name == name), "{name}");
        }
    }

    #[test]
    fn exports_are_read_as_the_emulator_prints_them() {
        let printed = "  export AWS_ENDPOINT_URL=http://127.0.0.1:1";
        assert_eq!(export(printed), Some(("AWS_ENDPOINT_URL", "http://127.0.0.1:1")));
        assert_eq!(export("export AWS_REGION=\"us-east-1\""), Some(("AWS_REGION", "us-east-1")));
        assert_eq!(export("listening on 127.0.0.1"), None);
    }
}
