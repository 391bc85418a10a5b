//! Runs a program for a limited time, with what it prints in files.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::failure::Failure;

/// How a program ended.
#[derive(Debug)]
pub(super) struct Finished {
    /// `None` if its time was up, and it was killed.
    pub(super) status: Option<ExitStatus>,
    pub(super) limit: Duration,
    /// What it printed on standard output.
    pub(super) stdout: String,
    /// What it printed on standard error.
    pub(super) stderr: String,
}

impl Finished {
    /// Why the program is not to be believed, if so.
    pub(super) fn trouble(&self) -> Option<String> {
        let last = self.stderr.trim().lines().last().unwrap_or("it said nothing");
        match self.status {
            None => Some(format!("killed after {} s", self.limit.as_secs())),
            Some(status) if !status.success() => Some(format!("{status}: {last}")),
            Some(_) => None,
        }
    }
}

/// Runs a program until it ends, or kills it with all that it has started.
pub(super) fn run(
    mut command: Command,
    limit: Duration,
    stdout: &Path,
    stderr: &Path,
) -> Result<Finished, Failure> {
    command.stdin(std::process::Stdio::null()).stdout(create(stdout)?).stderr(create(stderr)?);
    // A group of its own, so that a program it starts is killed with it.
    command.process_group(0);
    let mut child = command.spawn().map_err(|source| start_failed(&command, source))?;
    let group = child.id();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        // Nobody listens after a time-out.
        let _unheard = sender.send(child.wait());
    });
    let status = match receiver.recv_timeout(limit) {
        Ok(status) => Some(status.map_err(|source| start_failed(&command, source))?),
        Err(_) => {
            kill(group)?;
            None
        }
    };
    Ok(Finished { status, limit, stdout: read(stdout)?, stderr: read(stderr)? })
}

fn kill(group: u32) -> Result<(), Failure> {
    let mut command = Command::new("kill");
    command.args(["-KILL", "--", &format!("-{group}")]);
    command.status().map_err(|source| start_failed(&command, source))?;
    Ok(())
}

fn start_failed(command: &Command, source: std::io::Error) -> Failure {
    Failure::Start { command: command.get_program().to_string_lossy().into_owned(), source }
}

fn create(path: &Path) -> Result<File, Failure> {
    File::create(path).map_err(|source| Failure::Write { path: path.to_path_buf(), source })
}

/// What a program printed; bytes that are no text are replaced.
fn read(path: &Path) -> Result<String, Failure> {
    let bytes =
        fs::read(path).map_err(|source| Failure::Read { path: path.to_path_buf(), source })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bash(line: &str, limit: Duration) -> Finished {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("bash");
        command.args(["-c", line]);
        run(command, limit, &folder.path().join("out"), &folder.path().join("err")).unwrap()
    }

    #[test]
    fn what_a_program_printed_is_read() {
        let finished = bash("echo one; echo two >&2; exit 3", Duration::from_secs(60));
        assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("one\n", "two\n"));
        assert!(finished.trouble().unwrap().ends_with("3: two"), "{finished:?}");
        assert_eq!(bash("true", Duration::from_secs(60)).trouble(), None);
    }

    #[test]
    fn a_program_is_killed_with_what_it_started_when_its_time_is_up() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let (sender, receiver) = channel();
        let reader = pipe.clone();
        // Reading ends with the last program that has the pipe open for writing.
        std::thread::spawn(move || sender.send(fs::read(reader).unwrap()));
        let line = format!("(echo here; sleep 1000) > {} & wait", pipe.display());
        let finished = bash(&line, Duration::from_millis(300));
        assert_eq!(finished.status, None);
        assert_eq!(finished.trouble().unwrap(), "killed after 0 s");
        assert_eq!(receiver.recv_timeout(Duration::from_secs(10)).unwrap(), b"here\n");
    }
}
