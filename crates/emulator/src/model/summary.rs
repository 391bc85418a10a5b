//! An extractive summary: the sentences that share most words with the rest of the text.

use std::collections::HashMap;

use super::Prompt;

/// A summary of the text in the prompt, if the prompt or the system prompt asks for one.
pub(super) fn summarise(prompt: &Prompt) -> Option<String> {
    let text = if asks(&prompt.text) {
        document(&prompt.text)?
    } else if asks(&prompt.system) {
        prompt.text.as_str()
    } else {
        return None;
    };
    let sentences = sentences(text);
    if sentences.is_empty() {
        return None;
    }
    let wanted = wanted(&prompt.text, sentences.len());
    Some(central(&sentences, wanted).join(" "))
}

/// Whether an instruction asks for a summary.
fn asks(instruction: &str) -> bool {
    let lower = instruction.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// The part of the prompt that is to be summarised: all but the sentence with the instruction.
/// `None` if nothing is left, as in "Write a summary of Hamlet."
fn document(prompt: &str) -> Option<&str> {
    let lines = prompt.trim();
    // An instruction before a colon or a blank line, or in the first or last sentence.
    let cuts = [lines.split_once("\n\n"), lines.split_once(':'), lines.split_once('\n')];
    let after =
        cuts.into_iter().flatten().find(|(head, tail)| asks(head) && !tail.trim().is_empty());
    if let Some((_, document)) = after {
        return Some(document.trim());
    }
    let all = sentences(lines);
    let (first, last) = (all.first()?, all.last()?);
    let rest = if asks(first) {
        lines.get(first.len()..)
    } else if asks(last) {
        lines.get(..lines.len() - last.len())
    } else {
        Some(lines)
    };
    rest.map(str::trim).filter(|rest| !rest.is_empty())
}

/// How many sentences: the number the prompt names, or a quarter of the text, three at most.
fn wanted(prompt: &str, sentences: usize) -> usize {
    let lower = prompt.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).peekable();
    while let Some(word) = words.next() {
        if words.peek().is_some_and(|next| next.starts_with("sentence")) {
            let named = NUMBERS.iter().position(|number| *number == word).map(|at| at + 1);
            if let Some(number) = named.or_else(|| word.parse().ok()).filter(|n| *n > 0) {
                return number;
            }
        }
    }
    sentences.div_ceil(4).clamp(1, 3)
}

/// The `wanted` sentences that score highest, in the order of the text.
fn central<'a>(sentences: &[&'a str], wanted: usize) -> Vec<&'a str> {
    let mut frequency: HashMap<String, usize> = HashMap::new();
    for word in sentences.iter().flat_map(|sentence| words(sentence)) {
        *frequency.entry(word).or_default() += 1;
    }
    let mut order: Vec<(usize, usize)> = sentences
        .iter()
        .enumerate()
        .map(|(at, sentence)| {
            let scores: Vec<usize> =
                words(sentence).map(|word| frequency.get(&word).map_or(0, |n| n - 1)).collect();
            // The mean score of a word, in thousandths; the first sentence usually says most.
            let mean = 1000 * scores.iter().sum::<usize>() / scores.len().max(4);
            (mean + if at == 0 { LEAD } else { 0 }, at)
        })
        .collect();
    order.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut chosen: Vec<usize> = order.into_iter().take(wanted).map(|(_, at)| at).collect();
    chosen.sort_unstable();
    chosen.into_iter().filter_map(|at| sentences.get(at).copied()).collect()
}

/// The words that carry meaning, in lower case.
fn words(sentence: &str) -> impl Iterator<Item = String> {
    sentence
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 3)
        .map(str::to_lowercase)
}

/// Cuts a text after each mark that ends a sentence, and at line ends.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let ends = match c {
            '.' | '!' | '?' => next.is_none_or(char::is_whitespace),
            '。' | '！' | '？' | '\n' => true,
            _ => next.is_none(),
        };
        if ends {
            let end = at + c.len_utf8();
            sentences.extend(text.get(start..end).map(str::trim).filter(|s| !s.is_empty()));
            start = end;
        }
    }
    sentences
}

const WORDS: [&str; 5] = ["summar", "tl;dr", "tldr", "zusammenfass", "résum"];
const NUMBERS: [&str; 6] = ["one", "two", "three", "four", "five", "six"];
/// What being first is worth, in thousandths of a shared word.
const LEAD: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(text: &str) -> Option<String> {
        summarise(&Prompt { text: text.into(), ..Prompt::default() })
    }

    const TEXT: &str = "The river rises in the hills. Its water turns the mills along the river. \
        Lunch was cold. The mills grind grain while the water of the river is high.";

    #[test]
    fn a_summary_is_made_of_sentences_of_the_text() {
        let summary = summary(&format!("Summarise this text:\n\n{TEXT}")).unwrap();
        assert!(TEXT.contains(&summary), "{summary}");
        assert!(summary.len() < TEXT.len() / 2);
    }

    #[test]
    fn the_number_of_sentences_can_be_named() {
        let summary = summary(&format!("Give a summary in two sentences: {TEXT}")).unwrap();
        assert_eq!(sentences(&summary).len(), 2, "{summary}");
        assert!(!summary.contains("Lunch"), "{summary}");
    }

    #[test]
    fn the_first_sentence_outweighs_a_few_shared_words() {
        let text = "The council opened a library. Books about stone walls, gates and roofs. \
            Books about trees, shrubs, moss and ferns.";
        let summary = summary(&format!("Summary in one sentence, please:\n\n{text}")).unwrap();
        assert_eq!(summary, "The council opened a library.");
    }

    #[test]
    fn the_instruction_may_come_last_or_from_the_system() {
        let last = summary(&format!("{TEXT} Please summarize the above.")).unwrap();
        assert!(TEXT.contains(&last));
        let prompt = Prompt {
            system: "You write summaries.".into(),
            text: TEXT.into(),
            ..Prompt::default()
        };
        assert!(TEXT.contains(&summarise(&prompt).unwrap()));
    }

    #[test]
    fn a_request_with_no_text_to_summarise_gets_none() {
        assert_eq!(summary("Write a summary of Hamlet."), None);
        assert_eq!(summary("Hello there."), None);
    }
}
