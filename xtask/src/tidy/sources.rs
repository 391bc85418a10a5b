//! Checks on Rust files: how they begin, how long they are, and what they must not say.

use std::collections::BTreeMap;

use crate::lexer::Code;
use crate::tree::{TextFile, Tree};

use super::Finding;
use super::text::{first_test_line, numbered, starts_word};

/// Every file begins with what it is for.
pub(super) fn headers(tree: &Tree) -> Vec<Finding> {
    let is_bare = |file: &&TextFile| !file.text.starts_with("//! ");
    let files = tree.rust().map(|(file, _)| file).filter(is_bare);
    files.map(|file| Finding::new(&file.path, 1, "begin with a `//!` line")).collect()
}

/// So does every script, in the comment of its language.
pub(super) fn script_headers(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        let extension = file.path.rsplit_once('.').map_or("", |(_, extension)| extension);
        let header = SCRIPT_HEADERS.iter().find(|(language, _)| *language == extension);
        if let Some((_, begin)) = header.filter(|(_, begin)| !file.text.starts_with(begin)) {
            findings.push(Finding::new(&file.path, 1, format!("begin with a line `{begin}…`")));
        }
    }
    findings
}

/// No unfinished code, no test that is skipped or that passes by panicking anywhere.
pub(super) fn banned_code(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, code) in tree.rust() {
        for (number, line) in numbered(&code.bare) {
            let banned = BANNED_CODE.iter().filter(|(words, _)| starts_word(line, words));
            findings.extend(
                banned.map(|(words, why)| {
                    Finding::new(&file.path, number, format!("`{words}`: {why}"))
                }),
            );
        }
    }
    findings
}

/// No test waits for time to pass.
pub(super) fn sleeping_tests(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, code) in tree.rust() {
        let first = if file.is_test() { 1 } else { first_test_line(code) };
        for (number, line) in numbered(&code.bare).filter(|(number, _)| *number >= first) {
            if SLEEPS.iter().any(|words| starts_word(line, words)) {
                findings.push(Finding::new(&file.path, number, "no test sleeps: advance a clock"));
            }
        }
    }
    findings
}

/// A file, an example or a test module that a reader cannot take in is split.
pub(super) fn lengths(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, code) in tree.rust() {
        let all = file.text.lines().count();
        let lines = all.min(first_test_line(code) - 1);
        if lines > MAX_LINES {
            findings.push(too_long(file, lines, MAX_LINES));
        } else if lines > MANY_LINES {
            let what = format!("{lines} lines before its tests; {MANY_LINES} are many");
            findings.push(Finding::warning(&file.path, 0, what));
        }
        if all - lines > MAX_TEST_LINES {
            let what = "its test module is long: move it to a file of its own";
            findings.push(Finding::warning(&file.path, lines + 1, what));
        }
        if file.path.contains("/examples/") && all > MAX_EXAMPLE_LINES {
            findings.push(too_long(file, all, MAX_EXAMPLE_LINES));
        }
    }
    findings
}

fn too_long(file: &TextFile, lines: usize, most: usize) -> Finding {
    Finding::new(&file.path, 0, format!("{lines} lines, at most {most} may be: split it"))
}

/// A crate has one binary of integration tests, since each is linked for itself.
pub(super) fn test_binaries(tree: &Tree) -> Vec<Finding> {
    let is_binary = |file: &&TextFile| {
        let inside = file.package().and_then(|package| file.path.strip_prefix(package));
        inside.and_then(|path| path.strip_prefix("/tests/")).is_some_and(|path| !path.contains('/'))
    };
    let binaries = tree.rust().map(|(file, _)| file).filter(is_binary);
    binaries
        .map(|file| Finding::new(&file.path, 0, "make this a module of tests/it/main.rs"))
        .collect()
}

/// A lint is waived by `expect`, which fails when it is not needed any more, and with its reason.
pub(super) fn waivers(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, code) in tree.rust() {
        for (at, _) in code.bare.match_indices("allow(").filter(|(at, _)| is_attribute(code, *at)) {
            let what = "use `expect` with a reason in place of `allow`";
            findings.push(Finding::new(&file.path, line_of(code, at), what));
        }
        for (at, _) in code.bare.match_indices("expect(").filter(|(at, _)| is_attribute(code, *at))
        {
            let attribute = code.bare.get(at..).unwrap_or_default();
            let end = attribute.find(']').unwrap_or(attribute.len());
            if !attribute.get(..end).unwrap_or_default().contains("reason =") {
                findings.push(Finding::new(&file.path, line_of(code, at), "give the reason"));
            }
        }
    }
    findings
}

/// Whether what stands at `at` is the first word of an attribute.
fn is_attribute(code: &Code, at: usize) -> bool {
    let before = code.bare.get(..at).unwrap_or_default();
    before.ends_with("#[")
        || before.ends_with("#![")
        || before.ends_with(", ") && {
            let open = before.rfind("cfg_attr(");
            open.is_some_and(|open| !before.get(open..).unwrap_or_default().contains(']'))
        }
}

/// A crate touches clocks, timers and the environment in one file, and its tests nowhere.
pub(super) fn impure_edges(tree: &Tree) -> Vec<Finding> {
    let mut edges: BTreeMap<&str, Vec<(&TextFile, usize)>> = BTreeMap::new();
    for (file, code) in tree.rust() {
        let Some((at, _)) = code.bare.match_indices("clippy::disallowed_methods").next() else {
            continue;
        };
        edges.entry(file.package().unwrap_or("")).or_default().push((file, line_of(code, at)));
    }
    let mut findings = Vec::new();
    for (package, files) in edges {
        for (file, line) in &files {
            if file.is_test() {
                findings.push(Finding::new(&file.path, *line, "a test reads no clock"));
            } else if files.len() > 1 {
                let what = format!("{package} has {} such files, one may be", files.len());
                findings.push(Finding::new(&file.path, *line, what));
            }
        }
    }
    findings
}

fn line_of(code: &Code, at: usize) -> usize {
    code.bare.get(..at).unwrap_or_default().matches('\n').count() + 1
}

const SCRIPT_HEADERS: &[(&str, &str)] = &[("py", "\"\"\""), ("mjs", "// ")];

const BANNED_CODE: &[(&str, &str)] = &[
    ("todo!", "finish it"),
    ("unimplemented!", "finish it"),
    ("dbg!", "remove it"),
    ("#[ignore", "a test runs, or goes"),
    ("should_panic", "assert on the value that says what went wrong"),
];
const SLEEPS: &[&str] = &["thread::sleep", "time::sleep", "sleep_ms"];

const MAX_LINES: usize = 800;
const MANY_LINES: usize = 400;
const MAX_TEST_LINES: usize = 150;
const MAX_EXAMPLE_LINES: usize = 79;

#[cfg(test)]
mod tests {
    use super::super::assert_finds;
    use super::*;

    const FILE: &str = "crates/x/src/lib.rs";

    #[test]
    fn a_script_without_its_first_line_is_found() {
        let good =
            [("a/b.py", "\"\"\"What it is for.\"\"\"\n"), ("a/c.mjs", "// What it is for.\n")];
        assert_finds(script_headers, &good, &[]);
        let bad = [("a/b.py", "import json\n"), ("a/c.mjs", "import a\n")];
        assert_finds(script_headers, &bad, &[("a/b.py", 1), ("a/c.mjs", 1)]);
    }

    #[test]
    fn a_file_without_its_line_is_found() {
        assert_finds(headers, &[(FILE, "//! What it is for.\n")], &[]);
        assert_finds(headers, &[(FILE, "use std::fmt;\n")], &[(FILE, 1)]);
        assert_finds(headers, &[(FILE, "// A comment.\n")], &[(FILE, 1)]);
    }

    #[test]
    fn unfinished_code_and_skipped_tests_are_found() {
        let bad = "fn a() {\n    todo!()\n}\n#[test]\n#[ignore = \"slow\"]\nfn b() {}\n\
                   #[should_panic]\nfn c() { dbg!(1); unimplemented!() }\n";
        assert_finds(
            banned_code,
            &[(FILE, bad)],
            &[(FILE, 2), (FILE, 5), (FILE, 7), (FILE, 8), (FILE, 8)],
        );
        assert_finds(banned_code, &[(FILE, "// todo!\nlet a = \"dbg!\"; my_todo!();\n")], &[]);
    }

    #[test]
    fn a_sleep_is_found_in_tests_only() {
        let inline = "fn a() { thread::sleep(d) }\n#[cfg(test)]\nmod tests {\n    \
                      fn b() { std::thread::sleep(d) }\n}\n";
        assert_finds(sleeping_tests, &[(FILE, inline)], &[(FILE, 4)]);
        let own = "crates/x/tests/it/main.rs";
        assert_finds(sleeping_tests, &[(own, "use tokio::time::sleep;\n")], &[(own, 1)]);
    }

    #[test]
    fn a_long_file_is_found_and_its_tests_do_not_count() {
        let code = "fn a() {}\n".repeat(MAX_LINES);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "\n".repeat(20));
        assert_finds(lengths, &[(FILE, &format!("{code}{tests}"))], &[]);
        assert_finds(lengths, &[(FILE, &format!("{code}fn b() {{}}\n{tests}"))], &[(FILE, 0)]);

        let example = "crates/x/examples/show.rs";
        assert_finds(lengths, &[(example, &"//\n".repeat(79))], &[]);
        assert_finds(lengths, &[(example, &"//\n".repeat(80))], &[(example, 0)]);
    }

    #[test]
    fn many_lines_are_a_warning() {
        let code = "fn a() {}\n".repeat(MANY_LINES + 1);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "\n".repeat(MAX_TEST_LINES));
        let found = lengths(&Tree::of(&[(FILE, &format!("{code}{tests}"))]));
        let lines: Vec<_> = found.iter().map(|f| (f.is_warning, f.line)).collect();
        assert_eq!(lines, [(true, 0), (true, MANY_LINES + 2)]);
    }

    #[test]
    fn a_second_binary_of_tests_is_found() {
        let [it, one] = ["crates/x/tests/it/main.rs", "crates/x/tests/one.rs"];
        assert_finds(test_binaries, &[(it, ""), (one, ""), (FILE, "")], &[(one, 0)]);
    }

    #[test]
    fn a_waiver_without_reason_is_found() {
        let good =
            "#[expect(\n    clippy::panic,\n    reason = \"why\",\n)]\nfn a() { b.expect(c) }\n";
        assert_finds(waivers, &[(FILE, good)], &[]);
        assert_finds(waivers, &[(FILE, "#[expect(clippy::panic)]\nfn a() {}\n")], &[(FILE, 1)]);
        assert_finds(waivers, &[(FILE, "\n#![allow(dead_code)]\n")], &[(FILE, 2)]);
        assert_finds(waivers, &[(FILE, "#![cfg_attr(test, allow(dead_code))]\n")], &[(FILE, 1)]);
    }

    #[test]
    fn a_second_file_that_reads_clocks_is_found() {
        let edge = "//! x\n#[expect(clippy::disallowed_methods, reason = \"\")]\n";
        let [a, b, test] = ["crates/x/src/a.rs", "crates/x/src/b.rs", "crates/y/tests/it/a.rs"];
        assert_finds(impure_edges, &[(a, edge), ("crates/y/src/a.rs", edge)], &[]);
        assert_finds(impure_edges, &[(a, edge), (b, edge)], &[(a, 2), (b, 2)]);
        assert_finds(impure_edges, &[(test, edge)], &[(test, 2)]);
    }
}
