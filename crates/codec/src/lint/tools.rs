//! Tools: their definitions, and calls and results in messages.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::subject::{Findings, Subject};
use crate::{Block, Message, Role, Tool, ToolSpec};

pub(super) fn unsupported(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.facts.tools == Some(false) && subject.request.tools.is_some() {
        findings.add("toolConfig", "the model takes no tools", "choose a model that does");
    }
}

pub(super) fn missing(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.request.tools.is_some() {
        return;
    }
    let is_tool = |block: &Block| matches!(block, Block::ToolUse(_) | Block::ToolResult(_));
    if let Some(first) = subject.blocks().find(|placed| is_tool(placed.block)) {
        let message = format!("{} is about a tool, and no tools are defined", first.path);
        findings.add("toolConfig", message, "define the tools that the messages use");
    }
}

pub(super) fn none(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.request.tools.as_ref().is_some_and(|config| config.tools.is_empty()) {
        findings.add("toolConfig.tools", "there is no tool", "leave toolConfig out");
    }
}

pub(super) fn names(subject: &Subject<'_>, findings: &mut Findings) {
    for (path, spec) in specs(subject) {
        if !is_word(&spec.name, "_-") {
            let message = format!("{:?} cannot be the name of a tool", spec.name);
            findings.add(format!("{path}.name"), message, "use 1 to 64 letters, digits, _ and -");
        }
    }
}

pub(super) fn descriptions(subject: &Subject<'_>, findings: &mut Findings) {
    for (path, spec) in specs(subject) {
        if spec.description.as_deref() == Some("") {
            findings.add(format!("{path}.description"), "the description is empty", "leave it out");
        }
    }
}

pub(super) fn strict(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.is(&["nova", "llama", "openai"]) {
        return;
    }
    for (path, spec) in specs(subject) {
        if spec.extra.contains_key("strict") {
            findings.add(format!("{path}.strict"), "the model takes no `strict`", "leave it out");
        }
    }
}

pub(super) fn ids(subject: &Subject<'_>, findings: &mut Findings) {
    for placed in subject.blocks() {
        let (kind, id) = match placed.block {
            Block::ToolUse(tool) => ("toolUse", &tool.tool_use_id),
            Block::ToolResult(result) => ("toolResult", &result.tool_use_id),
            _ => continue,
        };
        if !is_word(id, "_.:-") {
            let path = format!("{}.{kind}.toolUseId", placed.path);
            let message = format!("{id:?} cannot be the id of a tool call");
            findings.add(path, message, "use 1 to 64 letters, digits, _ . : and -");
        }
    }
}

pub(super) fn orphans(subject: &Subject<'_>, findings: &mut Findings) {
    let mut calls: Vec<&str> = Vec::new();
    for (path, message) in subject.messages() {
        // What the format merges with the message before belongs to it.
        if message.role == Role::Assistant {
            calls = uses(message).collect();
        }
        for (at, id) in results(message) {
            if !calls.contains(&id) {
                let path = format!("{path}.content[{at}].toolResult.toolUseId");
                let message = format!("no call {id:?} is in the message before");
                findings.add(path, message, "send the call with it, or leave the result out");
            }
        }
    }
}

pub(super) fn unanswered(subject: &Subject<'_>, findings: &mut Findings) {
    for ((path, message), (_, next)) in subject.messages().zip(subject.messages().skip(1)) {
        if message.role != Role::Assistant || next.role != Role::User {
            continue;
        }
        let answers: Vec<&str> = results(next).map(|(_, id)| id).collect();
        for (at, block) in message.content.iter().enumerate() {
            if let Block::ToolUse(tool) = block
                // What the service runs itself is answered by itself.
                && !tool.extra.contains_key("type")
                && !answers.contains(&tool.tool_use_id.as_str())
                && !spread(subject, &tool.tool_use_id)
            {
                let path = format!("{path}.content[{at}].toolUse.toolUseId");
                let message = format!("the call {:?} has no result", tool.tool_use_id);
                findings.add(path, message, "answer it in the next message");
            }
        }
    }
}

/// Whether the result of the call comes in a later message, which another rule is about.
fn spread(subject: &Subject<'_>, call: &str) -> bool {
    subject.messages().any(|(_, message)| results(message).any(|(_, id)| id == call))
}

fn specs<'a>(subject: &Subject<'a>) -> impl Iterator<Item = (String, &'a ToolSpec)> {
    let tools = subject.request.tools.as_ref().map_or(&[][..], |config| &config.tools);
    tools.iter().enumerate().filter_map(|(at, tool)| match tool {
        Tool::Spec(spec) => Some((format!("toolConfig.tools[{at}].toolSpec"), spec)),
        _ => None,
    })
}

fn uses(message: &Message) -> impl Iterator<Item = &str> {
    message.content.iter().filter_map(|block| match block {
        Block::ToolUse(tool) => Some(tool.tool_use_id.as_str()),
        _ => None,
    })
}

fn results(message: &Message) -> impl Iterator<Item = (usize, &str)> {
    message.content.iter().enumerate().filter_map(|(at, block)| match block {
        Block::ToolResult(result) => Some((at, result.tool_use_id.as_str())),
        _ => None,
    })
}

/// Whether the text has 1 to 64 letters, digits and these marks.
fn is_word(text: &str, marks: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || marks.contains(c);
    (1..=64).contains(&text.len()) && text.chars().all(fits)
}
