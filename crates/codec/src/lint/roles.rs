//! Who speaks, and in which order.

use alloc::format;

use super::subject::{Findings, Subject};
use crate::Role;

pub(super) fn none(subject: &Subject<'_>, findings: &mut Findings) {
    let request = subject.request;
    let stored = subject.model.address().contains(":prompt/");
    if request.messages.is_empty() && request.prompt.is_none() && !stored {
        findings.add("messages", "there is no message", "add a message of the user");
    }
}

pub(super) fn unknown(subject: &Subject<'_>, findings: &mut Findings) {
    for (path, message) in subject.messages() {
        if let Role::Other(role) = &message.role {
            let path = format!("{path}.role");
            findings.add(path, format!("there is no role {role:?}"), "use user or assistant");
        }
    }
}

/// Claude's guide asks for the user first, and recordings show that the service does not.
pub(super) fn first(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.is(&["anthropic"])
        && let Some((path, message)) = subject.messages().next()
        && message.role == Role::Assistant
    {
        let path = format!("{path}.role");
        findings.add(path, "the first message is the assistant's", "begin with one of the user");
    }
}

pub(super) fn alternating(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.is(&["nova"]) {
        return;
    }
    for ((_, before), (path, message)) in subject.messages().zip(subject.messages().skip(1)) {
        if before.role == message.role {
            let role = message.role.as_str();
            let path = format!("{path}.role");
            findings.add(path, format!("two messages of the {role} in a row"), "merge them");
        }
    }
}
