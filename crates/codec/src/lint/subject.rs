//! What the rules look at, and what they find.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Finding;
use crate::catalog::{self, Facts};
use crate::{Block, Message, ModelRef, Request, Value};

/// A request to a model.
pub(super) struct Subject<'a> {
    pub(super) model: &'a ModelRef,
    pub(super) facts: &'static Facts,
    pub(super) request: &'a Request,
}

/// A block of a message, and its path.
pub(super) struct Placed<'a> {
    pub(super) block: &'a Block,
    pub(super) path: String,
}

impl<'a> Subject<'a> {
    pub(super) fn new(model: &'a ModelRef, request: &'a Request) -> Self {
        Self { model, facts: catalog::facts(model), request }
    }

    /// Whether the model is of one of these families.
    pub(super) fn is(&self, families: &[&str]) -> bool {
        self.model.family().is_some_and(|family| families.contains(&family.name()))
    }

    /// The messages, each with its path.
    pub(super) fn messages(&self) -> impl Iterator<Item = (String, &'a Message)> {
        let messages = self.request.messages.iter().enumerate();
        messages.map(|(at, message)| (format!("messages[{at}]"), message))
    }

    /// The blocks of all messages, without those inside tool results.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Placed<'a>> {
        self.messages().flat_map(|(path, message)| placed(&path, &message.content))
    }

    /// The blocks of all messages, and those inside tool results.
    pub(super) fn all_blocks(&self) -> impl Iterator<Item = Placed<'a>> {
        self.blocks().flat_map(|outer| {
            let inner = match outer.block {
                Block::ToolResult(result) => {
                    placed(&format!("{}.toolResult", outer.path), &result.content)
                }
                _ => Vec::new(),
            };
            core::iter::once(outer).chain(inner)
        })
    }

    /// A member of the model's own, from `additionalModelRequestFields` or merged into the body.
    pub(super) fn native(&self, key: &str) -> Option<&'a Value> {
        let fields = self.request.fields.get(FIELDS).and_then(|fields| fields.get(key));
        fields.or_else(|| self.request.extra.get(key))
    }
}

fn placed<'a>(path: &str, content: &'a [Block]) -> Vec<Placed<'a>> {
    let blocks = content.iter().enumerate();
    blocks.map(|(at, block)| Placed { block, path: format!("{path}.content[{at}]") }).collect()
}

/// What one rule found.
#[derive(Default)]
pub(super) struct Findings(Vec<(String, String, Option<String>)>);

impl Findings {
    /// Adds a finding with what to do.
    pub(super) fn add(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.0.push((path.into(), message.into(), Some(fix.into())));
    }

    /// The findings, under the rule's name.
    pub(super) fn named(self, rule: &'static str) -> impl Iterator<Item = Finding> {
        let found = self.0.into_iter();
        found.map(move |(path, message, fix)| Finding { path, rule, message, fix })
    }
}

/// Where the path of a member of the model's own begins.
pub(super) const FIELDS: &str = "additionalModelRequestFields";
