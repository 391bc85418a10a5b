//! The prompt templates of Llama's generations.

use alloc::string::String;

use super::NAME;
use crate::error::EncodeError;
use crate::family::prompt::{Limits, Turn};
use crate::message::Role;
use crate::model::ModelRef;
use crate::request::Request;

/// A prompt template.
pub(super) struct Template {
    pub(super) limits: Limits,
    layout: Layout,
}

enum Layout {
    /// Pairs of a user's and the model's text, the system text inside the first.
    Pairs,
    /// A header and a text for each turn.
    Headers { open: &'static str, close: &'static str, end: &'static str },
}

impl Template {
    /// The template of a model's generation. Generations after 4 are taken to be like 4; where the
    /// address shows no generation, the model is taken to be a 3, as most custom ones are.
    pub(super) fn of(model: &ModelRef) -> &'static Self {
        let digits = model.model().and_then(|model| model.strip_prefix("llama")).map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest.get(..end).unwrap_or_default()
        });
        match digits.and_then(|digits| digits.parse().ok()).unwrap_or(3_u32) {
            0..=2 => &LLAMA_2,
            3 if model.model().is_some_and(sees) => &LLAMA_3_2,
            3 => &LLAMA_3,
            _ => &LLAMA_4,
        }
    }

    /// The conversation as a prompt.
    pub(super) fn write(&self, request: &Request) -> Result<String, EncodeError> {
        let system = self.limits.system(request)?;
        let turns = self.limits.turns(request)?;
        match self.layout {
            Layout::Pairs => write_pairs(&self.limits, system.as_deref(), &turns),
            Layout::Headers { open, close, end } => {
                let mut prompt = String::from("<|begin_of_text|>");
                let mut header = |role: &str, text: Option<&str>| {
                    prompt.extend([open, role, close, "\n\n"]);
                    if let Some(text) = text {
                        prompt.extend([text, end]);
                    }
                };
                if let Some(system) = &system {
                    header("system", Some(system));
                }
                for (index, turn) in turns.iter().enumerate() {
                    if let Role::Other(_) = turn.role {
                        return Err(self.limits.strange_role(index));
                    }
                    header(turn.role.as_str(), Some(&turn.text));
                }
                header("assistant", None);
                Ok(prompt)
            }
        }
    }
}

/// Whether a model of generation 3 takes images in its own format.
fn sees(model: &str) -> bool {
    ["llama3-2-11b", "llama3-2-90b"].iter().any(|name| model.starts_with(name))
}

fn write_pairs(
    limits: &Limits,
    system: Option<&str>,
    turns: &[Turn],
) -> Result<String, EncodeError> {
    let mut prompt = String::new();
    for (index, turn) in turns.iter().enumerate() {
        let expected = if index % 2 == 0 { Role::User } else { Role::Assistant };
        if turn.role != expected {
            return Err(limits.strange_role(index));
        }
        match turn.role {
            Role::User => {
                prompt.push_str("<s>[INST] ");
                if let Some(system) = system.filter(|_| index == 0) {
                    prompt.extend(["<<SYS>>\n", system, "\n<</SYS>>\n\n"]);
                }
                prompt.extend([&turn.text, " [/INST]"]);
            }
            _ => prompt.extend([" ", &turn.text, " </s>"]),
        }
    }
    Ok(prompt)
}

const LLAMA_2: Template = Template {
    limits: Limits {
        format: NAME,
        tokens: &["<s>", "</s>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>"],
        image: None,
    },
    layout: Layout::Pairs,
};

const LLAMA_3: Template = Template {
    limits: Limits { format: NAME, tokens: LLAMA_3_TOKENS, image: None },
    layout: LLAMA_3_LAYOUT,
};

/// The models of generation 3 that see images.
const LLAMA_3_2: Template = Template {
    limits: Limits { format: NAME, tokens: LLAMA_3_TOKENS, image: Some("<|image|>") },
    layout: LLAMA_3_LAYOUT,
};

const LLAMA_3_TOKENS: &[&str] = &[
    "<|begin_of_text|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end_of_text|>",
    "<|python_tag|>",
    "<|image|>",
];

const LLAMA_3_LAYOUT: Layout =
    Layout::Headers { open: "<|start_header_id|>", close: "<|end_header_id|>", end: "<|eot_id|>" };

const LLAMA_4: Template = Template {
    limits: Limits {
        format: NAME,
        tokens: &[
            "<|begin_of_text|>",
            "<|header_start|>",
            "<|header_end|>",
            "<|eot|>",
            "<|eom|>",
            "<|end_of_text|>",
            "<|python_start|>",
            "<|python_end|>",
            "<|image|>",
        ],
        image: None,
    },
    layout: Layout::Headers { open: "<|header_start|>", close: "<|header_end|>", end: "<|eot|>" },
};
