//! Temperature and top_p.

use alloc::format;

use super::subject::{Findings, Subject};
use crate::catalog::Sampling;

pub(super) fn temperature(subject: &Subject<'_>, findings: &mut Findings) {
    // The native formats of these take more than Converse does.
    let hotter = ["command", "jamba", "openai", "qwen", "writer", "kimi", "minimax", "glm"];
    let most = if subject.is(&hotter) || subject.is(&["gemma", "nemotron"]) { 5.0 } else { 1.0 };
    range(subject.request.inference.temperature, most, "temperature", findings);
}

pub(super) fn top_p(subject: &Subject<'_>, findings: &mut Findings) {
    range(subject.request.inference.top_p, 1.0, "topP", findings);
}

pub(super) fn both(subject: &Subject<'_>, findings: &mut Findings) {
    let inference = &subject.request.inference;
    let set = [("temperature", inference.temperature), ("topP", inference.top_p)];
    let set = set.iter().filter(|(_, value)| value.is_some());
    match subject.facts.sampling {
        Some(Sampling::None) => {
            for (name, _) in set {
                let path = format!("inferenceConfig.{name}");
                findings.add(path, format!("the model takes no {name}"), "leave it out");
            }
        }
        Some(Sampling::One) if set.count() == 2 => findings.add(
            "inferenceConfig.topP",
            "the model takes temperature or topP, not both",
            "leave one of them out",
        ),
        _ => {}
    }
}

fn range(value: Option<f64>, most: f64, name: &str, findings: &mut Findings) {
    if let Some(value) = value.filter(|value| !(0.0..=most).contains(value)) {
        let path = format!("inferenceConfig.{name}");
        let fix = format!("choose a number from 0 to {most}");
        findings.add(path, format!("{name} is {value}"), fix);
    }
}
