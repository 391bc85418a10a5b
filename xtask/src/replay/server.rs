//! The emulator as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::http::{self, Answer};
use crate::failure::Failure;
use crate::shell::Cmd;

/// A running emulator, which ends when it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Builds the program and starts it with the exchanges of a folder.
    pub(super) fn start(root: &Path, folder: &Path) -> Result<Self, Failure> {
        let build = Cmd::new("cargo build -p outcrop-cli --message-format json-render-diagnostics");
        let built = build.read(root)?;
        let messages = built.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut programs =
            messages.filter_map(|said| said.get("executable")?.as_str().map(str::to_owned));
        let program =
            programs.next_back().ok_or_else(|| build.unreadable("no program".to_owned()))?;
        let command = format!("{program} {} {}", OPTIONS.join(" "), folder.display());
        let fail = |source| Failure::Start { command: command.clone(), source };
        let mut child = Command::new(&program)
            .args(OPTIONS)
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(fail)?;
        // Its first line is what it exports.
        let mut line = String::new();
        let stdout = child.stdout.take().map(BufReader::new);
        let read = stdout.map_or(Ok(0), |mut stdout| stdout.read_line(&mut line));
        let mut server = Self { child, address: String::new() };
        read.map_err(fail)?;
        let url = line.split_once("http://").map(|(_, address)| address.trim_end().to_owned());
        server.address = url.ok_or_else(|| Failure::Output {
            command: command.clone(),
            why: format!("{line:?} and no address"),
        })?;
        Ok(server)
    }

    /// Posts JSON to a path.
    pub(super) fn post(&self, path: &str, body: &str) -> Result<Answer, String> {
        http::post(&self.address, path, body).map_err(|error| error.to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first, so that it takes its temporary folder with it.
        let asked = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            // One that has ended already cannot be ended.
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

const OPTIONS: [&str; 9] =
    ["emulate", "--quiet", "--auth", "any", "--ttft", "0", "--tokens-per-second", "0", "--replay"];
