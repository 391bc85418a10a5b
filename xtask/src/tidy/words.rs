//! Checks on the characters and words of all text files.

use crate::tree::Tree;

use super::Finding;
use super::text::{first_test_line, numbered};

/// No blank at the end of a line, one newline at the end of a file.
pub(super) fn blanks(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (index, line) in file.text.split('\n').enumerate() {
            if line.ends_with([' ', '\t', '\r']) {
                findings.push(Finding::new(&file.path, index + 1, "a blank ends this line"));
            }
        }
        if !file.text.ends_with('\n') || file.text.ends_with("\n\n") {
            findings.push(Finding::new(&file.path, 0, "end the file with one newline"));
        }
    }
    findings
}

/// Nothing names a folder of somebody's machine, or the host of a package registry.
pub(super) fn machines_and_registries(tree: &Tree) -> Vec<Finding> {
    let registries = REGISTRIES.map(|parts| parts.join("."));
    let folders = FOLDERS.map(|name| format!("/{name}/"));
    let mut findings = Vec::new();
    for file in &tree.files {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(folder) = folders.iter().find(|folder| line.contains(folder.as_str())) {
                let what = format!("`{folder}` is a folder of one machine");
                findings.push(Finding::new(&file.path, index + 1, what));
            }
            if let Some(host) = registries.iter().find(|host| line.contains(host.as_str())) {
                let what = format!("`{host}` is the host of a registry; Cargo knows it");
                findings.push(Finding::new(&file.path, index + 1, what));
            }
        }
    }
    findings
}

/// Hosts and headers of AWS stay in the crates whose trade they are; prose may name them.
pub(super) fn aws_words(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, code) in tree.rust().filter(|(file, _)| file.path.contains("/src/")) {
        let is_at_home = |homes: &[&str]| homes.iter().any(|home| file.path.starts_with(home));
        let strangers: Vec<_> = AWS_WORDS.iter().filter(|(_, homes)| !is_at_home(homes)).collect();
        let end = if file.is_test() { 0 } else { first_test_line(code) };
        for (number, line) in numbered(&code.uncommented).take_while(|(line, _)| *line < end) {
            let line = line.to_ascii_lowercase();
            if let Some((word, homes)) = strangers.iter().find(|(word, _)| line.contains(word)) {
                let what = format!("`{word}` belongs to {}", homes.join(", "));
                findings.push(Finding::new(&file.path, number, what));
            }
        }
    }
    findings
}

/// Each host in parts, so that this file does not name it.
const REGISTRIES: [[&str; 2]; 5] = [
    ["crates", "io"],
    ["pypi", "org"],
    ["pythonhosted", "org"],
    ["npmjs", "org"],
    ["npmjs", "com"],
];

/// The folders at the root of a file system that differ from machine to machine.
const FOLDERS: [&str; 4] = ["home", "root", "Users", "tmp"];

/// A word, and the folders whose code may say it. `xtask` holds this list.
const AWS_WORDS: &[(&str, &[&str])] = &[
    ("amazonaws.com", &["crates/aws", "crates/emulator", "xtask"]),
    ("x-amz-", &["bench/emulator", "crates/aws", "crates/emulator", SUITE, "xtask"]),
    (
        "x-amzn-errortype",
        &["crates/aws", "crates/cli/src/payload", "crates/emulator", SUITE, "xtask"],
    ),
    // What AWS Support asks for is part of every reply, whoever brings it.
    ("x-amzn-requestid", &["crates/aws", "crates/emulator", "crates/transport", "xtask"]),
    // The counts of tokens that come as headers are the codec's to read.
    ("x-amzn-bedrock-", &["crates/aws", "crates/codec", "crates/emulator", SUITE, "xtask"]),
];

/// What the suite stages is what AWS sends.
const SUITE: &str = "crates/transport/src/testing";

#[cfg(test)]
mod tests {
    use super::super::assert_finds;
    use super::*;

    #[test]
    fn blanks_at_the_end_are_found() {
        assert_finds(blanks, &[("a.md", "a\n\nb\n")], &[]);
        assert_finds(
            blanks,
            &[("a.md", "a \nb\t\nc\r\n")],
            &[("a.md", 1), ("a.md", 2), ("a.md", 3)],
        );
        assert_finds(blanks, &[("a.md", "a")], &[("a.md", 0)]);
        assert_finds(blanks, &[("a.md", "a\n\n")], &[("a.md", 0)]);
    }

    #[test]
    fn the_folders_of_a_machine_are_found() {
        for folder in FOLDERS {
            let line = format!("a\nsee /{folder}/x\n");
            assert_finds(machines_and_registries, &[("a.md", &line)], &[("a.md", 2)]);
        }
        assert_finds(machines_and_registries, &[("a.md", "/model/x, home/a, attempt/b\n")], &[]);
    }

    #[test]
    fn the_hosts_of_registries_are_found() {
        for parts in REGISTRIES {
            let line = format!("see {}\n", parts.join("."));
            assert_finds(machines_and_registries, &[("a.md", &line)], &[("a.md", 1)]);
        }
    }

    #[test]
    fn words_of_aws_are_found_away_from_home_in_code_that_ships() {
        for (word, homes) in AWS_WORDS {
            let code = format!("const A: &str = \"{}\";\n", word.to_ascii_uppercase());
            let away = "crates/quota/src/a.rs";
            assert_finds(aws_words, &[(away, &code)], &[(away, 1)]);
            for home in *homes {
                assert_finds(aws_words, &[(&format!("{home}/src/a.rs"), &code)], &[]);
            }
            assert_finds(aws_words, &[(away, &format!("/// {word}\nfn a() {{}}\n"))], &[]);
            let test = format!("//! a\n#[cfg(test)]\nmod tests {{\n{code}}}\n");
            assert_finds(aws_words, &[(away, &test)], &[]);
        }
    }
}
