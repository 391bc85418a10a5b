//! Checks that the README's code is the code that is tested.

use crate::ci::readme::LINES;
use crate::tree::Tree;

use super::Finding;

/// The README's example is one that the facade's own page compiles.
pub(super) fn example(tree: &Tree) -> Vec<Finding> {
    let Some(readme) = tree.get(README) else { return Vec::new() };
    let page: String = tree
        .get(FACADE)
        .into_iter()
        .flat_map(|file| file.text.lines())
        .filter_map(|line| line.strip_prefix("//!"))
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();
    let compiled: Vec<String> =
        fences(&page).into_iter().filter(|fence| fence.is_rust()).map(|f| f.visible()).collect();
    let shown: Vec<Fence<'_>> =
        fences(&readme.text).into_iter().filter(|fence| fence.language == "rust").collect();
    if shown.is_empty() {
        return vec![Finding::new(README, 0, "show one example in Rust")];
    }
    shown
        .iter()
        .filter(|fence| !compiled.contains(&fence.visible()))
        .map(|fence| {
            let what = format!("this example is not the one of {FACADE}");
            Finding::new(README, fence.line, what)
        })
        .collect()
}

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

impl Fence<'_> {
    fn is_rust(&self) -> bool {
        // In the documentation of a crate, a fence without a language is Rust.
        ["", "rust", "no_run"].contains(&self.language)
    }

    /// The code as a reader sees it: documentation hides the lines that begin with `# `.
    fn visible(&self) -> String {
        let hidden = |line: &&&str| **line == "#" || line.starts_with("# ");
        let lines: Vec<&str> = self.lines.iter().filter(|line| !hidden(line)).copied().collect();
        lines.join("\n")
    }
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
const FACADE: &str = "crates/client/src/lib.rs";

#[cfg(test)]
mod tests {
    use super::super::assert_finds;
    use super::*;

    #[test]
    fn an_example_that_is_not_compiled_is_found() {
        let readme = "# X\n\n```rust\nlet a = 1;\n\nlet b = a;\n```\n";
        let facade = "//! X.\n//!\n//! ```no_run\n//! # fn main() {\n//! let a = 1;\n//!\n\
                      //! let b = a;\n//! # }\n//! ```\n";
        assert_finds(example, &[(README, readme), (FACADE, facade)], &[]);
        let other = facade.replace("b = a", "b = 2");
        assert_finds(example, &[(README, readme), (FACADE, &other)], &[(README, 3)]);
        assert_finds(example, &[(README, readme)], &[(README, 3)]);
        assert_finds(example, &[(README, "# X\n"), (FACADE, facade)], &[(README, 0)]);
    }

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
