//! What Claude's thinking with a budget goes together with.

use alloc::format;

use super::subject::{FIELDS, Findings, Subject};
use crate::{Role, ToolChoice, Value};

pub(super) fn budget(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(thinking) = enabled(subject) else { return };
    let path = format!("{FIELDS}.thinking.budget_tokens");
    let Some(budget) = thinking.get("budget_tokens").and_then(Value::as_u64) else {
        return findings.add(path, "thinking has no budget", "give one of 1024 tokens or more");
    };
    let most = subject.request.inference.max_tokens.map(u64::from);
    if budget < LEAST {
        let message = format!("the thinking budget is {budget}");
        findings.add(path, message, format!("give {LEAST} tokens or more"));
    } else if let Some(most) = most.filter(|most| budget >= *most) {
        let message = format!("the thinking budget is {budget}, and max_tokens {most}");
        findings.add(path, message, "make max_tokens larger than the budget");
    }
}

pub(super) fn sampling(subject: &Subject<'_>, findings: &mut Findings) {
    if enabled(subject).is_none() {
        return;
    }
    let inference = &subject.request.inference;
    if inference.temperature.is_some_and(|temperature| temperature != 1.0) {
        let message = "thinking leaves the temperature at 1";
        findings.add("inferenceConfig.temperature", message, "leave it out");
    }
    if inference.top_p.is_some_and(|top_p| top_p < 0.95) {
        let message = "with thinking, topP is 0.95 or more";
        findings.add("inferenceConfig.topP", message, "leave it out");
    }
    if subject.native("top_k").is_some() {
        let path = format!("{FIELDS}.top_k");
        findings.add(path, "thinking takes no top_k", "leave it out");
    }
}

pub(super) fn tool_choice(subject: &Subject<'_>, findings: &mut Findings) {
    let choice = subject.request.tools.as_ref().and_then(|config| config.choice.as_ref());
    let forced = matches!(choice, Some(ToolChoice::Any(_) | ToolChoice::Tool { .. }));
    if forced && enabled(subject).is_some() {
        findings.add("toolConfig.toolChoice", "thinking forces no tool", "choose auto");
    }
}

pub(super) fn prefill(subject: &Subject<'_>, findings: &mut Findings) {
    if let Some((path, last)) = subject.messages().last()
        && last.role == Role::Assistant
        && enabled(subject).is_some()
    {
        findings.add(path, "thinking continues no begun reply", "end with a user's message");
    }
}

/// The thinking parameters, if they switch on thinking with a budget.
fn enabled<'a>(subject: &Subject<'a>) -> Option<&'a Value> {
    let thinking = subject.native("thinking").filter(|_| subject.is(&["anthropic"]))?;
    (thinking.get("type")?.as_str() == Some("enabled")).then_some(thinking)
}

const LEAST: u64 = 1024;
