//! What the model says to itself before it answers.

use super::Prompt;

/// Its reasoning, which names the beginning of the question and the tool that it is going to call.
pub(super) fn think(prompt: &Prompt, tool: Option<&str>) -> String {
    let question: Vec<&str> = prompt.text.split_whitespace().take(WORDS).collect();
    let question = question.join(" ");
    match tool {
        Some(tool) => format!("The question is: {question}. The tool {tool} can answer it."),
        None => format!("The question is: {question}. I can answer it in words."),
    }
}

/// How much of the question is repeated.
const WORDS: usize = 8;
