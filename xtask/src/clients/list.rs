//! The clients of the suite, and what each is held to.

use std::time::Duration;

/// A client that the emulator is held to.
#[derive(Debug)]
pub(super) struct Client {
    /// Its folder in the suite.
    pub(super) name: &'static str,
    /// What it is, for a person.
    pub(super) about: &'static str,
    pub(super) language: Language,
    /// What it has to report; a check that it does not report has failed.
    pub(super) checks: &'static [&'static str],
    /// The longest that its checks may take, all together.
    pub(super) limit: Duration,
}

/// What a script is written in, which says how it is installed and run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Language {
    Python,
    #[expect(dead_code, reason = "soon")]
    JavaScript,
    #[expect(dead_code, reason = "soon")]
    Rust,
}

pub(super) const CLIENTS: &[Client] = &[Client {
    name: "boto3",
    about: "boto3, the AWS SDK for Python",
    language: Language::Python,
    checks: &[
        "invoke",
        "stream",
        "converse",
        "converse-stream",
        "tool-call",
        "throttle",
        "retry",
        "validation",
        "count-tokens",
        "guardrail",
        "objects",
        "batch",
    ],
    limit: Duration::from_secs(180),
}];
