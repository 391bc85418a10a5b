//! The answer to anything that asks for nothing else.

use super::Prompt;

/// Says what was said to it, or what its tools answered.
pub(super) fn echo(prompt: &Prompt) -> String {
    if prompt.tool_results.is_empty() {
        format!("You said: {}", prompt.text.trim())
    } else {
        format!("The tool answered: {}", prompt.tool_results.join(" "))
    }
}
