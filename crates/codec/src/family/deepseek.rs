//! DeepSeek: R1 takes a prompt and reasons aloud in front of its answer, V3 takes messages.
//!
//! R1's template opens the reasoning, so a text of R1 begins inside it: what comes before the mark
//! that closes it is reasoning, and a text without that mark is reasoning that was cut short.

use alloc::string::String;

use super::chat::{Dialect, Marks, PLAIN};
use super::prompt::{Limits, Turn};
use super::prompted::Prompted;
use super::two_forms::TwoForms;
use crate::error::EncodeError;
use crate::message::Role;

/// DeepSeek.
pub(super) static DEEPSEEK: TwoForms =
    TwoForms { provider: "deepseek", dialect: DIALECT, prompted: PROMPTED };

/// A mark before each turn, and one after the model's own; the last one opens its reasoning.
fn write(system: Option<&str>, turns: &[Turn]) -> Result<String, EncodeError> {
    let mut prompt = String::from(BEGIN);
    prompt.push_str(system.unwrap_or_default());
    for (index, turn) in turns.iter().enumerate() {
        match &turn.role {
            Role::User => prompt.extend([USER, &turn.text]),
            Role::Assistant => prompt.extend([ASSISTANT, &turn.text, END]),
            _ => return Err(LIMITS.strange_role(index)),
        }
    }
    prompt.extend([ASSISTANT, THINK.open, "\n"]);
    Ok(prompt)
}

const DIALECT: Dialect = Dialect { name: "deepseek", prompted_reasoning: Some(&THINK), ..PLAIN };

const THINK: Marks = Marks { open: "<think>", close: "</think>", begun: true };

const LIMITS: Limits = Limits {
    format: DIALECT.name,
    tokens: &[BEGIN, END, USER, ASSISTANT, THINK.open, THINK.close],
    image: None,
};

const PROMPTED: Prompted = Prompted { limits: LIMITS, only: &["r1"], also: &[], write };

/// The bars are U+FF5C, and what looks like an underline is U+2581.
const BEGIN: &str = "<｜begin▁of▁sentence｜>";
const END: &str = "<｜end▁of▁sentence｜>";
const USER: &str = "<｜User｜>";
const ASSISTANT: &str = "<｜Assistant｜>";
