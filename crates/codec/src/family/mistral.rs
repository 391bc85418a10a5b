//! Mistral: its first models take a prompt, the later ones messages, and some take both.

use alloc::string::String;

use super::chat::{Dialect, PLAIN};
use super::prompt::{Limits, Turn};
use super::prompted::Prompted;
use super::two_forms::TwoForms;
use crate::error::EncodeError;
use crate::message::Role;

/// Mistral.
pub(super) static MISTRAL: TwoForms =
    TwoForms { provider: "mistral", dialect: DIALECT, prompted: PROMPTED };

/// Pairs of the user's and the model's texts, the system text inside the first.
fn write(system: Option<&str>, turns: &[Turn]) -> Result<String, EncodeError> {
    let mut prompt = String::from("<s>");
    for (index, turn) in turns.iter().enumerate() {
        match (&turn.role, index % 2) {
            (Role::User, 0) => {
                prompt.push_str("[INST] ");
                if let Some(system) = system.filter(|_| index == 0) {
                    prompt.extend([system, "\n\n"]);
                }
                prompt.extend([&turn.text, " [/INST]"]);
            }
            (Role::Assistant, 1) => prompt.extend([" ", &turn.text, "</s>"]),
            _ => return Err(LIMITS.strange_role(index)),
        }
    }
    Ok(prompt)
}

const DIALECT: Dialect =
    Dialect { name: "mistral", images: true, any_tool: "any", named_tool: false, ..PLAIN };

const LIMITS: Limits =
    Limits { format: DIALECT.name, tokens: &["<s>", "</s>", "[INST]", "[/INST]"], image: None };

const PROMPTED: Prompted = Prompted {
    limits: LIMITS,
    only: &["mistral-7b", "mixtral"],
    also: &["mistral-large-2402", "mistral-small-2402"],
    write,
};
