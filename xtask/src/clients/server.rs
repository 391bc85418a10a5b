//! The emulator that a client is pointed at.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Deserializer, Value};

use super::Place;
use crate::failure::Failure;

/// An emulator in a process of its own, killed when this value goes.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    environment: Vec<(&'static str, String)>,
}

impl Server {
    /// Starts the command `outcrop emulate` on a free port, and waits until it says where it is.
    pub(super) fn start(binary: &Path, place: &Place) -> Result<Self, Failure> {
        let log = place.work.join("emulator.log");
        let log =
            File::create(&log).map_err(|source| Failure::Write { path: log.clone(), source })?;
        let mut command = Command::new(binary);
        command.args(["--output", "json", "emulate"]).args(ARGS);
        command.arg("--limits").arg(place.suite.join("limits.toml"));
        command.arg("--scenario").arg(place.suite.join("faults.toml"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let shown = || "outcrop emulate".to_owned();
        let mut child =
            command.spawn().map_err(|source| Failure::Start { command: shown(), source })?;
        let stdout = child.stdout.take();
        let mut server = Self { child, environment: Vec::new() };
        let told = stdout
            .and_then(|stdout| Deserializer::from_reader(stdout).into_iter::<Value>().next())
            .and_then(Result::ok)
            .unwrap_or_default();
        for (name, member) in VARIABLES {
            let Some(value) = told.get(member).and_then(Value::as_str) else {
                let why = format!("no {member}; see {}", place.work.join("emulator.log").display());
                return Err(Failure::Output { command: shown(), why });
            };
            server.environment.push((name, value.to_owned()));
        }
        Ok(server)
    }

    /// Sets the environment of a client, so that it calls this server and looks nowhere else.
    pub(super) fn point(&self, command: &mut Command) {
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.envs(ALONE.iter().copied());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Slow enough for a stream's spread to be seen, and a batch job's life in a few seconds.
const ARGS: [&str; 6] = ["--ttft", "100", "--tokens-per-second", "100", "--time-scale", "0.1"];

/// What an SDK reads, and the member of the emulator's first line that says it.
const VARIABLES: [(&str, &str); 5] = [
    ("AWS_ENDPOINT_URL", "endpointUrl"),
    ("AWS_REGION", "region"),
    ("AWS_DEFAULT_REGION", "region"),
    ("AWS_ACCESS_KEY_ID", "accessKeyId"),
    ("AWS_SECRET_ACCESS_KEY", "secretAccessKey"),
];

/// No settings of the user, no credentials of the machine, no proxy.
const ALONE: [(&str, &str); 5] = [
    ("AWS_CONFIG_FILE", "/dev/null"),
    ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
    ("NO_PROXY", "127.0.0.1,localhost"),
    ("no_proxy", "127.0.0.1,localhost"),
];
