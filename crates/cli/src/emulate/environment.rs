//! The secrets that the emulator needs towards other servers, from the environment.

use emulator::Upstream;

/// A variable of the environment that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "secrets are given here and not as options")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The key of a model server.
pub(super) fn model_server_key() -> Option<String> {
    variable("OPENAI_API_KEY")
}

/// Gives a service that is recorded the proof of who calls it. Without one in the environment it
/// is called with the emulator's own key pair, which suits another emulator.
pub(super) fn prove(upstream: Upstream) -> Upstream {
    if let Some(token) = variable("AWS_BEARER_TOKEN_BEDROCK") {
        return upstream.api_key(token);
    }
    match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
        (Some(access), Some(secret)) => {
            upstream.keys(access, secret, variable("AWS_SESSION_TOKEN"))
        }
        _ => upstream,
    }
}
