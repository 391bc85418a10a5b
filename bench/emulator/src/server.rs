//! A server as a child process, and what the system counts of it.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::Result;

/// A server that runs. It is ended when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// `outcrop emulate`, which speaks as fast as it can.
    pub(crate) fn emulator(outcrop: &Path, more: &[&str]) -> Result<Self> {
        let mut command = Command::new(outcrop);
        command.args(["emulate", "--quiet", "--auth", "any", "--ttft", "0"]).args(more);
        Self::start(&mut command, &[])
    }

    /// The bare server, with what it is to answer.
    pub(crate) fn bare(recorded: &[u8]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        Self::start(command.arg("bare"), recorded)
    }

    /// Starts a process that reads all of `input` and prints its URL in its first line.
    fn start(command: &mut Command, input: &[u8]) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        child.stdin.take().ok_or("no input")?.write_all(input)?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let (_, address) = line.trim().split_once("http://").ok_or("the server did not start")?;
        Ok(Self { child, address: address.parse()? })
    }

    /// The CPU time that it has used, in seconds.
    pub(crate) fn cpu(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is the name of the program, in parentheses.
        let (_, fields) = stat.rsplit_once(')').ok_or("no name in /proc")?;
        let mut ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
        let (Some(user), Some(system)) = (ticks.next(), ticks.next()) else {
            return Err("no times in /proc".into());
        };
        Ok(f64::from(user? + system?) / TICKS)
    }

    /// The memory that it has in use now, and the most that it had, in MB.
    pub(crate) fn memory(&self) -> Result<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib =
                line.and_then(|line| line.split_whitespace().next()).ok_or("no memory in /proc")?;
            Result::Ok(kib.parse::<f64>()? * 1024.0 / 1e6)
        };
        Ok((field("VmRSS:")?, field("VmHWM:")?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked, not killed, so that it takes its temporary folder with it. Neither can be helped
        // if it fails.
        let _asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ended = self.child.wait();
    }
}

/// In a second, as Linux counts times for `/proc`.
const TICKS: f64 = 100.0;
