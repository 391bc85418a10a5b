//! The secrets that the emulator needs towards other servers, from the environment.

/// A variable of the environment that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "secrets are given here and not as options")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The key of a model server.
pub(super) fn model_server_key() -> Option<String> {
    variable("OPENAI_API_KEY")
}
