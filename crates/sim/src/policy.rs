//! Policies: when a client sends what, and what it does about a refusal.

mod gated;
mod minute_window;
mod none;
mod ours;
mod outcrop;
mod outcrop_blind;
mod request_bucket;
mod sdk_adaptive;
mod sdk_standard;
mod two_window;

use crate::server::{Kind, Refusal};
use crate::workload::{Prompt, Workload};

/// A client at work.
pub trait Policy {
    /// A request has come, under this number.
    fn arrive(&mut self, now: u64, id: usize, prompt: &Prompt);

    /// What to do now. Asked again after everything that happens, and until it waits.
    fn next(&mut self, now: u64) -> Next;

    /// What came of a call.
    fn answer(&mut self, now: u64, id: usize, answer: Answer);
}

/// What a policy does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is nothing else that a client can do")]
pub enum Next {
    /// Sends the request of this number.
    Send(usize),
    /// Gives it up.
    GiveUp(usize),
    /// Does nothing until then, if nothing happens before.
    Wait(u64),
}

/// What came of a call, as a client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a call ends in one of these ways")]
pub enum Answer {
    /// It is done, with this usage.
    Done {
        /// Tokens of input.
        input: u64,
        /// Tokens of output.
        output: u64,
    },
    /// It was refused.
    Refused(Refusal),
}

/// The names of the policies, in the order of the tables.
pub const NAMES: [&str; 9] = [
    "none",
    "sdk-standard-2.0",
    "sdk-standard-2.1",
    "sdk-adaptive",
    "request-bucket",
    "minute-window",
    "two-window-85",
    "outcrop",
    "outcrop-blind",
];

/// The policy of this name, for a workload on a server; `None` if there is none of the name.
pub fn make(name: &str, kind: &Kind, work: &Workload, seed: u64) -> Option<Box<dyn Policy>> {
    Some(match name {
        "none" => none::make(work, seed),
        "sdk-standard-2.0" => sdk_standard::make(work, seed, sdk_standard::OLD),
        "sdk-standard-2.1" => sdk_standard::make(work, seed, sdk_standard::NEW),
        "sdk-adaptive" => sdk_adaptive::make(work, seed),
        "request-bucket" => request_bucket::make(work, seed),
        "minute-window" => minute_window::make(work, seed),
        "two-window-85" => two_window::make(work, seed),
        "outcrop" => outcrop::make(work, kind.refill, seed),
        "outcrop-blind" => outcrop_blind::make(work, seed),
        _ => return None,
    })
}
