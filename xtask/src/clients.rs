//! Drives the emulator with clients that nobody here wrote: `cargo xtask clients [NAME…]`.
//!
//! Each client is a script in `crates/emulator/tests/clients`, in its own language. It is installed
//! in versions that are pinned, gets an emulator of its own, and prints a line for each check.

mod install;
mod job;
mod list;
mod report;
mod server;

use std::fs;
use std::path::{Path, PathBuf};

use self::list::{CLIENTS, Client};
use self::report::Report;
use self::server::Server;
use crate::failure::Failure;
use crate::shell::Cmd;
use crate::stopwatch::Stopwatch;

/// Runs the clients named, or all, and prints what each could do.
pub(crate) fn run(root: &Path, names: &[String]) -> Result<(), Failure> {
    let clients = select(names)?;
    let binary = build(root)?;
    let mut reports = Vec::new();
    for client in clients {
        let watch = Stopwatch::start();
        let place = Place::of(root, client)?;
        let report = drive(client, &place, &binary)?;
        println!("{:12} {:5.1} s  {}", client.name, watch.elapsed().as_secs_f64(), report.told());
        reports.push(report);
    }
    print!("\n{}", report::notes(&reports));
    println!("\n{}\n{}", report::table(&reports), report::details(&reports));
    let path = root.join(WORK).join("report.json");
    fs::write(&path, report::to_json(&reports))
        .map_err(|source| Failure::Write { path, source })?;
    println!("clients: {}", report::summary(&reports));
    match reports.iter().map(Report::failures).sum() {
        0 => Ok(()),
        count => Err(Failure::Breaches { task: "clients", count }),
    }
}

/// Where a client's script is, and where it may write.
#[derive(Debug)]
struct Place {
    suite: PathBuf,
    source: PathBuf,
    work: PathBuf,
}

impl Place {
    fn of(root: &Path, client: &Client) -> Result<Self, Failure> {
        let suite = root.join(SUITE);
        let source = suite.join(client.name);
        let work = root.join(WORK).join(client.name);
        fs::create_dir_all(&work)
            .map_err(|source| Failure::Write { path: work.clone(), source })?;
        Ok(Self { suite, source, work })
    }
}

/// Installs one client, starts an emulator for it, and reads what it prints.
fn drive(client: &'static Client, place: &Place, binary: &Path) -> Result<Report, Failure> {
    println!("\n== {}: {}", client.name, client.about);
    let mut command = match install::prepare(client, place)? {
        Ok(command) => command,
        Err(why) => return Ok(Report::of_none(client, &why)),
    };
    let server = Server::start(binary, place)?;
    server.point(&mut command);
    let log = place.work.join("stderr.log");
    let finished = job::run(command, client.limit, &place.work.join("stdout.jsonl"), &log)?;
    Ok(Report::of(client, &finished))
}

fn select(names: &[String]) -> Result<Vec<&'static Client>, Failure> {
    let unknown = names.iter().find(|name| CLIENTS.iter().all(|client| client.name != **name));
    if let Some(name) = unknown {
        let known: Vec<&str> = CLIENTS.iter().map(|client| client.name).collect();
        return Err(Failure::NoClient { name: name.clone(), known: known.join(", ") });
    }
    let is_wanted =
        |client: &&Client| names.is_empty() || names.iter().any(|name| name == client.name);
    Ok(CLIENTS.iter().filter(is_wanted).collect())
}

/// Builds the binary `outcrop`, and tells where it is.
fn build(root: &Path) -> Result<PathBuf, Failure> {
    let cmd = Cmd::new("cargo build --locked -p outcrop-cli --bin outcrop");
    install::built(root, &cmd)
}

/// The scripts.
const SUITE: &str = "crates/emulator/tests/clients";

/// What is installed, and what the runs have written.
const WORK: &str = "target/clients";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_chosen_by_name_in_their_order() {
        let all = select(&[]).unwrap();
        assert_eq!(all.len(), CLIENTS.len());
        let names: Vec<String> =
            CLIENTS.iter().rev().take(2).map(|client| client.name.to_owned()).collect();
        let chosen = select(&names).unwrap().into_iter().map(|client| client.name);
        assert!(chosen.eq(names.iter().rev().map(String::as_str)));
        let unknown = select(&["java".to_owned()]).err().unwrap().to_string();
        assert!(unknown.contains("\"java\"") && unknown.contains("boto3"), "{unknown}");
    }
}
