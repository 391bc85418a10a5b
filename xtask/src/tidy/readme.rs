//! Checks that CI runs the commands that the README shows.

use crate::ci::readme::LINES;
use crate::tree::Tree;

use super::Finding;

/// CI runs the commands that the README shows, and knows no others.
pub(super) fn commands(tree: &Tree) -> Vec<Finding> {
    let Some(readme) = tree.get(README) else { return Vec::new() };
    let shown = command_lines(&readme.text);
    let unknown = shown.iter().filter(|(_, text)| !LINES.iter().any(|line| line.text == *text));
    let mut findings: Vec<Finding> = unknown
        .map(|(line, text)| Finding::new(README, *line, format!("CI does not run `{text}`")))
        .collect();
    for line in LINES.iter().filter(|line| !shown.iter().any(|(_, text)| *text == line.text)) {
        let what = format!("CI runs `{}`, which is not here", line.text);
        findings.push(Finding::new(README, 0, what));
    }
    findings
}

/// The commands in the fences of the shell, each with its line; a line may go on after a `\`.
fn command_lines(text: &str) -> Vec<(usize, String)> {
    let mut commands: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for fence in fences(text).into_iter().filter(|fence| ["sh", "bash"].contains(&fence.language)) {
        for (index, line) in fence.lines.iter().enumerate() {
            let line = line.split(" #").next().unwrap_or(line).trim();
            let (words, more) = line.strip_suffix('\\').map_or((line, false), |l| (l.trim(), true));
            match commands.last_mut().filter(|_| goes_on) {
                Some((_, command)) => *command = format!("{command} {words}"),
                None if words.is_empty() || words.starts_with('#') => {}
                None => commands.push((fence.line + 1 + index, words.to_owned())),
            }
            goes_on = more;
        }
    }
    commands
}

/// A block of code in Markdown.
#[derive(Debug)]
struct Fence<'a> {
    /// The line of its opening.
    line: usize,
    language: &'a str,
    lines: Vec<&'a str>,
}

fn fences(text: &str) -> Vec<Fence<'_>> {
    let mut fences: Vec<Fence<'_>> = Vec::new();
    let mut is_open = false;
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), fences.last_mut().filter(|_| is_open)) {
            (Some(_), Some(_)) => is_open = false,
            (None, Some(fence)) => fence.lines.push(line),
            (Some(words), None) => {
                let language = words.split([',', ' ']).next().unwrap_or_default();
                fences.push(Fence { line: index + 1, language, lines: Vec::new() });
                is_open = true;
            }
            (None, None) => {}
        }
    }
    fences
}

const README: &str = "README.md";

#[cfg(test)]
mod tests {
    use super::super::assert_finds;
    use super::*;

    #[test]
    fn commands_are_read_from_the_fences_of_the_shell() {
        let text = "```sh\na b   # why\n# a comment\n\nc \\\n  --d\n```\n```text\ne\n```\n";
        assert_eq!(command_lines(text), [(2, "a b".to_owned()), (5, "c --d".to_owned())]);
    }

    #[test]
    fn a_command_on_one_side_only_is_found() {
        let all: Vec<&str> = LINES.iter().map(|line| line.text).collect();
        let readme = format!("```sh\n{}\n```\n", all.join("\n"));
        assert_finds(commands, &[(README, &readme)], &[]);
        assert_finds(
            commands,
            &[(README, &readme.replacen("sh\n", "sh\nmake x\n", 1))],
            &[(README, 2)],
        );
        let [first, ..] = all.as_slice() else { panic!("CI runs nothing of the README") };
        assert_finds(commands, &[(README, &readme.replacen(first, "", 1))], &[(README, 0)]);
    }
}
