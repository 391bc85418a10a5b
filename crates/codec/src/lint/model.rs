//! What the model itself does not do.

use alloc::format;
use alloc::string::ToString;

use super::subject::{Findings, Subject};
use crate::Block;
use crate::catalog::{needs_profile as has_to, profile_for};

pub(super) fn needs_profile(subject: &Subject<'_>, findings: &mut Findings) {
    if has_to(subject.model, subject.facts) {
        let fix = match profile_for(subject.model, None) {
            Some(profile) => format!("use {profile}, or the profile of another geography"),
            None => "use one of the profiles that ListInferenceProfiles names".to_string(),
        };
        let message = format!("{} needs an inference profile", subject.model.address());
        findings.add("modelId", message, fix);
    }
}

pub(super) fn system(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.facts.system_prompt == Some(false) && !subject.request.system.is_empty() {
        let fix = "put it in front of the first message";
        findings.add("system", "the model takes no system text", fix);
    }
}

pub(super) fn reasoning(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.is(&["nova", "llama", "deepseek", "openai"]) {
        return;
    }
    for placed in subject.blocks() {
        if matches!(placed.block, Block::Reasoning(_)) {
            let path = format!("{}.reasoningContent", placed.path);
            findings.add(path, "the model takes no reasoning back", "leave the block out");
        }
    }
}
