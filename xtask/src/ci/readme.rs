//! The commands that the README shows, and how CI runs each.

use std::path::Path;

use crate::failure::Failure;
use crate::shell::Cmd;

/// Runs the README's commands.
pub(super) fn run(root: &Path) -> Result<(), Failure> {
    for line in LINES {
        match line.run {
            Run::Alone => Cmd::shell(line.text).run(root)?,
            Run::Step(step) => println!("`{}` is the step {step}", line.text),
        }
    }
    Ok(())
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
    /// By itself.
    Alone,
    /// A step of CI does it.
    Step(&'static str),
}

/// Every command of the README; `cargo xtask tidy` compares the two.
pub(crate) const LINES: &[Line] = &[
    Line { text: "cargo run -- demo", run: Run::Step("demo") },
    Line { text: "cargo test --workspace", run: Run::Step("test") },
    Line {
        text: "cargo run -- invoke --local -m amazon.nova-lite-v1:0 \"Why is granite speckled?\"",
        run: Run::Alone,
    },
    Line {
        text: "cargo run -- stream --local -m us.meta.llama3-3-70b-instruct-v1:0 \
               \"Tell me about slate.\"",
        run: Run::Alone,
    },
    Line {
        text: "cargo run -- map --local crates/cli/prompts/batch.jsonl \
               -m amazon.nova-lite-v1:0 -o target/mapped.jsonl",
        run: Run::Alone,
    },
    Line {
        text: "cargo run -- batch run --local crates/cli/prompts/batch.jsonl \
               -m amazon.nova-lite-v1:0 -o target/answers.jsonl",
        run: Run::Alone,
    },
    Line { text: "cargo run -- emulate --help", run: Run::Alone },
];

#[cfg(test)]
mod tests {
    use super::super::STEPS;
    use super::*;

    #[test]
    fn a_line_that_a_step_runs_names_a_step() {
        let named = LINES.iter().filter_map(|line| match line.run {
            Run::Step(name) => Some(name),
            Run::Alone => None,
        });
        for name in named {
            assert!(STEPS.iter().any(|step| step.name == name), "{name}");
        }
    }
}
