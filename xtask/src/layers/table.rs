//! The rules, as data: change the house here first, and say why in `ARCHITECTURE.md`.

/// What one crate may depend on.
#[derive(Debug)]
pub(super) struct Room {
    /// The folder under `crates/`, or `xtask`.
    pub(super) folder: &'static str,
    /// The crates of ours it may use.
    pub(super) normal: &'static [&'static str],
    /// The crates of ours it may use where a feature turns them on, and only then.
    pub(super) optional: &'static [&'static str],
    /// The crates of ours that its tests and examples may use besides.
    pub(super) dev: &'static [&'static str],
}

/// Every crate of the workspace, from the bottom of the house to the top.
pub(super) const ROOMS: &[Room] = &[
    Room { folder: "codec", normal: &[], optional: &[], dev: &[] },
    // Its tests use it with the laws that it exports.
    Room { folder: "quota", normal: &[], optional: &[], dev: &["quota"] },
    Room { folder: "transport", normal: &[], optional: &[], dev: &[] },
    Room { folder: "sim", normal: &["quota"], optional: &[], dev: &[] },
    Room { folder: "aws", normal: &["transport"], optional: &[], dev: &["emulator", "codec"] },
    Room { folder: "emulator", normal: &["codec"], optional: &[], dev: &[] },
    Room {
        folder: "client",
        normal: &["codec", "quota", "transport"],
        optional: &["aws"],
        dev: &["emulator"],
    },
    Room { folder: "gateway", normal: &["client"], optional: &[], dev: &["emulator"] },
    Room {
        folder: "cli",
        normal: &["client", "codec", "quota", "sim", "emulator", "gateway"],
        optional: &[],
        dev: &[],
    },
    Room { folder: "xtask", normal: &["codec", "quota", "sim"], optional: &[], dev: &[] },
];

/// Features of ours that only tests and examples may turn on.
pub(super) const DEV_FEATURES: &[(&str, &[&str])] =
    &[("transport", &["testing", "mock"]), ("quota", &["laws"])];

/// Crates of others that have one home: the start of their names, and the folders that may use them
/// outside of tests.
pub(super) const HOMES: &[(&str, &[&str])] = &[
    ("aws-", &["aws"]),
    ("s3s", &["emulator"]),
    ("hyper", &["aws", "emulator", "gateway"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("tracing-subscriber", &["cli"]),
    ("mockall", &["transport"]),
    ("getrandom", &["transport"]),
];

/// A crate whose tree of normal dependencies must not hold some others.
#[derive(Debug)]
pub(super) struct Ban {
    /// The arguments of `cargo tree` that select the crate and its features.
    pub(super) tree: &'static str,
    /// The names that must not appear; one that ends in `-` or `*` stands for all that begin so.
    pub(super) names: &'static [&'static str],
}

/// What must not be reached, however far down.
pub(super) const BANS: &[Ban] = &[
    Ban { tree: "-p outcrop-codec", names: IMPURE },
    Ban { tree: "-p outcrop-quota", names: IMPURE },
    Ban { tree: "-p outcrop-transport", names: &["aws-", "outcrop-aws", "hyper*", "reqwest"] },
    Ban { tree: "-p outcrop --no-default-features", names: &["aws-", "outcrop-aws", "hyper*"] },
];

/// Runtimes, sockets, clocks and sources of chance.
const IMPURE: &[&str] = &[
    "async-std",
    "aws-",
    "chrono",
    "fastrand",
    "getrandom",
    "hyper*",
    "jiff",
    "mio",
    "rand",
    "rand_*",
    "reqwest",
    "smol",
    "socket2",
    "time",
    "tokio*",
    "web-time",
];

/// The crates that must say `#![no_std]` without a condition.
pub(super) const NO_STD: &[&str] = &["codec", "quota"];
