//! Installs what a client needs, once for each list of pinned versions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::list::{Client, Language};
use super::{Place, job};
use crate::failure::Failure;
use crate::shell::Cmd;

/// The command that runs a client's checks, or why the client cannot be on this machine.
pub(super) fn prepare(client: &Client, place: &Place) -> Result<Result<Command, String>, Failure> {
    match client.language {
        Language::Python => python(client, place),
        Language::JavaScript => javascript(place),
        Language::Rust => rust(client, place).map(Ok),
    }
}

/// The program that a build has made.
pub(super) fn built(root: &Path, cmd: &Cmd) -> Result<PathBuf, Failure> {
    let cmd = cmd.clone().arg("--message-format=json-render-diagnostics");
    println!("$ {cmd}");
    let text = cmd.read(root)?;
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs = messages
        .filter_map(|message| message.get("executable").and_then(Value::as_str).map(PathBuf::from));
    programs.next_back().ok_or_else(|| cmd.unreadable("no program".to_owned()))
}

/// A virtual environment with what `requirements.txt` lists.
fn python(client: &Client, place: &Place) -> Result<Result<Command, String>, Failure> {
    let venv = place.work.join("venv");
    let list = place.source.join("requirements.txt");
    let Some(version) = version("python3") else { return Ok(Err("no python3".to_owned())) };
    let steps = || {
        let mut make = Command::new("python3");
        make.args(["-m", "venv", "--clear"]).arg(&venv);
        let mut fill = Command::new(venv.join("bin/python"));
        fill.args(["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "-r"]);
        fill.arg(&list);
        vec![make, fill]
    };
    if let Some(why) = once(place, &format!("{version}{}", read(&list)?), steps)? {
        return Ok(Err(why));
    }
    let mut command = Command::new(venv.join("bin/python"));
    command.arg(place.source.join("main.py")).current_dir(&place.work);
    command.env("PYTHONPATH", place.suite.join("common")).env("CLIENT", client.name);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(Ok(command))
}

/// The packages of `package-lock.json`, beside a copy of the script: Node looks for packages from
/// the script's folder upwards.
fn javascript(place: &Place) -> Result<Result<Command, String>, Failure> {
    let Some(version) = version("node") else { return Ok(Err("no node".to_owned())) };
    for name in ["package.json", "package-lock.json", "main.mjs"] {
        let to = place.work.join(name);
        fs::copy(place.source.join(name), &to)
            .map_err(|source| Failure::Write { path: to.clone(), source })?;
    }
    let steps = || {
        let mut fill = Command::new("npm");
        fill.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&place.work);
        vec![fill]
    };
    let lock = read(&place.source.join("package-lock.json"))?;
    if let Some(why) = once(place, &format!("{version}{lock}"), steps)? {
        return Ok(Err(why));
    }
    let mut command = Command::new("node");
    command.arg("main.mjs").current_dir(&place.work);
    Ok(Ok(command))
}

/// A program of a workspace of its own. Cargo is here, so that a failure is one.
fn rust(client: &Client, place: &Place) -> Result<Command, Failure> {
    let cmd = Cmd::new("cargo build --locked --target-dir")
        .arg(place.work.join("target").to_string_lossy());
    let program = built(&place.source, &cmd)?;
    let mut command = Command::new(program);
    command.current_dir(&place.work).env("CLIENT", client.name);
    Ok(command)
}

/// Takes the steps unless they were taken for the same `pins`; says why if they cannot be taken.
fn once(
    place: &Place,
    pins: &str,
    steps: impl FnOnce() -> Vec<Command>,
) -> Result<Option<String>, Failure> {
    let stamp = place.work.join("stamp");
    if fs::read_to_string(&stamp).is_ok_and(|taken| taken == pins) {
        return Ok(None);
    }
    for step in steps() {
        let program = step.get_program().to_string_lossy().into_owned();
        let log = place.work.join("install.log");
        let finished = match job::run(step, LIMIT, &place.work.join("install.out"), &log) {
            Ok(finished) => finished,
            Err(Failure::Start { source, .. }) => return Ok(Some(format!("{program}: {source}"))),
            Err(failure) => return Err(failure),
        };
        if let Some(why) = finished.trouble() {
            return Ok(Some(format!("{program}: {why}")));
        }
    }
    fs::write(&stamp, pins).map_err(|source| Failure::Write { path: stamp, source })?;
    Ok(None)
}

/// What a program says of itself, if it is here.
fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|source| Failure::Read { path: path.to_path_buf(), source })
}

/// The longest that one step of an installation may take.
const LIMIT: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;

    fn place(folder: &Path) -> Place {
        let folder = folder.to_path_buf();
        Place { suite: folder.clone(), source: folder.clone(), work: folder }
    }

    fn count(folder: &Path) -> usize {
        fs::read_to_string(folder.join("steps")).unwrap_or_default().lines().count()
    }

    fn step(folder: &Path, line: &str) -> Vec<Command> {
        let mut command = Command::new("bash");
        command.args(["-c", &format!("echo x >> steps; {line}")]).current_dir(folder);
        vec![command]
    }

    #[test]
    fn what_is_installed_is_not_installed_again() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        for (pins, steps) in [("a==1", 1), ("a==1", 1), ("a==2", 2), ("a==2", 2)] {
            assert_eq!(once(&place, pins, || step(folder.path(), "true")).unwrap(), None);
            assert_eq!(count(folder.path()), steps, "{pins}");
        }
    }

    #[test]
    fn an_installation_that_fails_says_why_and_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        for steps in 1..=2 {
            let line = "echo 'no network' >&2; false";
            let why = once(&place, "a==1", || step(folder.path(), line)).unwrap().unwrap();
            assert!(why.starts_with("bash: ") && why.ends_with("no network"), "{why}");
            assert_eq!(count(folder.path()), steps);
        }
        let why = once(&place, "b", || vec![Command::new("no-such-program")]).unwrap().unwrap();
        assert!(why.starts_with("no-such-program: "), "{why}");
    }
}
