//! Texts that are blank, and messages that are empty.

use alloc::format;

use super::subject::{Findings, Subject};
use crate::{Block, Role};

/// White space between other texts is taken, as recordings show; alone it is not.
pub(super) fn blank(subject: &Subject<'_>, findings: &mut Findings) {
    for (path, message) in subject.messages() {
        let speaks = message.content.iter().flat_map(Block::texts).any(|text| !is_blank(text));
        for (at, block) in message.content.iter().enumerate() {
            if let Block::Text(text) = block
                && (text.text.is_empty() || is_blank(&text.text) && !speaks)
            {
                let path = format!("{path}.content[{at}].text");
                findings.add(path, "the text is blank", "leave the block out");
            }
        }
    }
}

pub(super) fn blank_system(subject: &Subject<'_>, findings: &mut Findings) {
    for (at, block) in subject.request.system.iter().enumerate() {
        if let Block::Text(text) = block
            && is_blank(&text.text)
        {
            let path = format!("system[{at}].text");
            findings.add(path, "the system text is blank", "leave it out");
        }
    }
}

pub(super) fn empty(subject: &Subject<'_>, findings: &mut Findings) {
    for (path, message) in subject.messages() {
        if message.content.is_empty() {
            let path = format!("{path}.content");
            findings.add(path, "the message has no content", "leave the message out");
        }
    }
}

pub(super) fn trailing(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.is(&["anthropic"]) {
        return;
    }
    let Some((path, last)) = subject.messages().last() else { return };
    if last.role == Role::Assistant
        && let Some(Block::Text(text)) = last.content.last()
        && !is_blank(&text.text)
        && text.text.ends_with(char::is_whitespace)
    {
        let at = last.content.len() - 1;
        let path = format!("{path}.content[{at}].text");
        findings.add(path, "the reply to continue ends in white space", "trim its end");
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
