//! Runs programs, and shows each as a line that a person can type.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// A program with its arguments and the environment it needs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Cmd {
    words: Vec<String>,
    env: Vec<(String, String)>,
}

impl Cmd {
    /// A command from a line whose words stand between spaces; quotes have no meaning.
    pub(crate) fn new(line: &str) -> Self {
        Self { words: line.split_whitespace().map(str::to_owned).collect(), env: Vec::new() }
    }

    /// A line for the shell, which stops at the first failure and at an unset variable.
    pub(crate) fn shell(line: &str) -> Self {
        let words = ["bash", "-euo", "pipefail", "-c", line];
        Self { words: words.map(str::to_owned).to_vec(), env: Vec::new() }
    }

    pub(crate) fn arg(mut self, word: impl Into<String>) -> Self {
        self.words.push(word.into());
        self
    }

    pub(crate) fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Runs the command with this process's terminal, having printed it.
    pub(crate) fn run(&self, root: &Path) -> Result<(), Failure> {
        println!("$ {self}");
        let status = self.command(root).status().map_err(|source| self.start_failed(source))?;
        if status.success() { Ok(()) } else { Err(Failure::Command { command: self.to_string() }) }
    }

    /// Runs the command and gives what it printed on standard output.
    pub(crate) fn read(&self, root: &Path) -> Result<String, Failure> {
        let output = self
            .command(root)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|source| self.start_failed(source))?;
        if !output.status.success() {
            return Err(Failure::Command { command: self.to_string() });
        }
        String::from_utf8(output.stdout).map_err(|error| self.unreadable(error.to_string()))
    }

    pub(crate) fn unreadable(&self, why: String) -> Failure {
        Failure::Output { command: self.to_string(), why }
    }

    fn start_failed(&self, source: std::io::Error) -> Failure {
        Failure::Start { command: self.to_string(), source }
    }

    fn command(&self, root: &Path) -> Command {
        let mut words = self.words.iter();
        let mut command = Command::new(words.next().map_or("", String::as_str));
        command.args(words).current_dir(root);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl fmt::Display for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.env {
            write!(f, "{name}={} ", quoted(value))?;
        }
        if let [bash, _, _, _, line] = self.words.as_slice()
            && bash == "bash"
        {
            return f.write_str(line);
        }
        let words: Vec<String> = self.words.iter().map(|word| quoted(word)).collect();
        f.write_str(&words.join(" "))
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let cmd = Cmd::new("cargo doc  -p x").env("RUSTDOCFLAGS", "-D warnings").arg("it's");
        assert_eq!(cmd.to_string(), r"RUSTDOCFLAGS='-D warnings' cargo doc -p x 'it'\''s'");
        assert_eq!(Cmd::shell("a | b > c").to_string(), "a | b > c");
    }

    #[test]
    fn a_failing_command_is_a_failure() {
        let here = Path::new(".");
        assert!(matches!(Cmd::new("false").read(here), Err(Failure::Command { .. })));
        assert!(matches!(Cmd::shell("false | true").run(here), Err(Failure::Command { .. })));
        assert!(matches!(Cmd::new("no-such-program").run(here), Err(Failure::Start { .. })));
    }
}
