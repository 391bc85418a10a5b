//! Limits that the request sets.

use alloc::format;

use super::subject::{Findings, Subject};

pub(super) fn max_tokens(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(given) = subject.request.inference.max_tokens else { return };
    let path = "inferenceConfig.maxTokens";
    if given == 0 {
        findings.add(path, "max_tokens is 0", "ask for 1 token at least");
    } else if let Some(limit) = subject.facts.max_output.filter(|limit| given > *limit) {
        let message = format!("max_tokens is {given}, and the model's limit is {limit}");
        findings.add(path, message, format!("set it to {limit} or less"));
    }
}

pub(super) fn stop_sequences(subject: &Subject<'_>, findings: &mut Findings) {
    let path = "inferenceConfig.stopSequences";
    let given = &subject.request.inference.stop_sequences;
    for (at, _) in given.iter().enumerate().filter(|(_, text)| text.is_empty()) {
        findings.add(format!("{path}[{at}]"), "the stop sequence is empty", "leave it out");
    }
    let row = MOST.iter().find(|(family, _)| subject.is(&[*family]));
    let most = row.map_or(MOST_OF_ALL, |(_, most)| *most);
    if given.len() > most {
        let message =
            format!("there are {} stop sequences, and at most {most} are taken", given.len());
        findings.add(path, message, "leave some out");
    }
}

/// The most stop sequences of families whose parameters in the user guide say it.
const MOST: &[(&str, usize)] = &[("mistral", 10), ("deepseek", 10), ("writer", 4)];
const MOST_OF_ALL: usize = 2500;
