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
    JavaScript,
    Rust,
}

pub(super) const CLIENTS: &[Client] = &[
    Client {
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
            "models",
            "profiles",
            "provisioned",
            "tags",
            "service-quotas",
        ],
        limit: Duration::from_secs(180),
    },
    Client {
        name: "awscli",
        about: "the AWS CLI, which has no commands for streams",
        language: Language::Python,
        checks: &[
            "invoke",
            "converse",
            "tool-call",
            "throttle",
            "retry",
            "validation",
            "objects",
            "listings",
            "batch-listing",
        ],
        limit: Duration::from_secs(180),
    },
    Client {
        name: "javascript",
        about: "the AWS SDK for JavaScript v3, by HTTP/2",
        language: Language::JavaScript,
        checks: &[
            "protocol",
            "invoke",
            "stream",
            "converse",
            "converse-stream",
            "tool-call",
            "throttle",
            "retry",
            "validation",
            "many-streams",
        ],
        limit: Duration::from_secs(180),
    },
    Client {
        name: "anthropic",
        about: "the Anthropic SDK for Python, its client for Bedrock",
        language: Language::Python,
        checks: &["invoke", "stream", "tool-call", "reasoning", "throttle", "retry", "validation"],
        limit: Duration::from_secs(180),
    },
    Client {
        name: "litellm",
        about: "LiteLLM",
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
            "embeddings",
        ],
        limit: Duration::from_secs(180),
    },
    Client {
        name: "langchain",
        about: "langchain-aws",
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
            "embeddings",
        ],
        limit: Duration::from_secs(180),
    },
    Client {
        name: "rust",
        about: "the AWS SDK for Rust",
        language: Language::Rust,
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
            "objects",
            "batch-listing",
        ],
        limit: Duration::from_secs(180),
    },
    Client {
        name: "s3cmd",
        about: "s3cmd",
        language: Language::Python,
        checks: &["objects", "large-objects", "wrong-secret"],
        limit: Duration::from_secs(180),
    },
    Client {
        name: "members",
        about: "every member that is sent, held to the service model of botocore",
        language: Language::Python,
        checks: &[
            "converse",
            "converse-stream",
            "invoke",
            "beside-chat",
            "batch",
            "models",
            "profiles",
            "provisioned",
            "service-quotas",
        ],
        limit: Duration::from_secs(180),
    },
];
