//! Checks what the pure crates reach, and that they stay without the standard library.

use std::path::Path;

use crate::failure::Failure;
use crate::lexer::Code;
use crate::shell::Cmd;
use crate::tree::Tree;

use super::table::{BANS, NO_STD};

/// The breaches of purity, each as a sentence.
pub(super) fn breaches(root: &Path, tree: &Tree) -> Result<Vec<String>, Failure> {
    let mut breaches = Vec::new();
    for ban in BANS {
        let cmd = Cmd::new("cargo tree --edges normal --prefix none --format {p}");
        let cmd = ban.tree.split_whitespace().fold(cmd, Cmd::arg);
        let reached = cmd.read(root)?;
        if reached.trim().is_empty() {
            return Err(cmd.unreadable("nothing".to_owned()));
        }
        let found = banned(&reached, ban.names);
        breaches.extend(found.iter().map(|name| format!("{}: it reaches {name}", ban.tree)));
    }
    for folder in NO_STD {
        let source = format!("crates/{folder}/src/");
        for (file, code) in tree.rust().filter(|(file, _)| file.path.starts_with(&source)) {
            let is_root = file.path == format!("{source}lib.rs");
            let whys = std_breaches(code, is_root);
            breaches.extend(whys.iter().map(|why| format!("{}: {why}", file.path)));
        }
    }
    Ok(breaches)
}

/// The packages of a `cargo tree` that a ban names.
fn banned<'a>(tree: &'a str, names: &[&str]) -> Vec<&'a str> {
    let mut found: Vec<&str> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|package| names.iter().any(|name| matches(package, name)))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn matches(package: &str, name: &str) -> bool {
    match name.strip_suffix('*') {
        Some(start) => package.starts_with(start),
        None if name.ends_with('-') => package.starts_with(name),
        None => package == name,
    }
}

/// What a source of a pure crate does that brings the standard library in.
fn std_breaches(code: &Code, is_root: bool) -> Vec<&'static str> {
    let mut breaches = Vec::new();
    if is_root && !code.bare.lines().any(|line| line.trim() == "#![no_std]") {
        breaches.push("`#![no_std]` must stand here without a condition");
    }
    if code.uncommented.contains("feature = \"std\"") {
        breaches.push("the feature `std` may only forward to dependencies");
    }
    let mut previous = "";
    for line in code.bare.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with("extern crate std") && previous != "#[cfg(test)]" {
            breaches.push("`extern crate std` is for tests only");
        }
        previous = line;
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn std_breaches(text: &str, is_root: bool) -> Vec<&'static str> {
        super::std_breaches(&Code::of(text), is_root)
    }

    #[test]
    fn a_ban_finds_names_and_beginnings() {
        let tree = "outcrop-codec v0.1.0 (crates/codec)\naws-types v1\ntokio v1.2\ntokio v1.2 (*)\n\
                    timely v1\nrandom v1\n";
        assert_eq!(banned(tree, &["aws-", "tokio*", "time", "rand"]), ["aws-types", "tokio"]);
        assert!(banned(tree, &["rand", "aws", "toki"]).is_empty());
    }

    #[test]
    fn no_std_must_be_said_and_not_in_a_comment_or_under_a_condition() {
        assert!(std_breaches("//! A page.\n\n#![no_std]\n", true).is_empty());
        for bad in ["//! A page.\n", "// #![no_std]\n", "#![cfg_attr(not(test), no_std)]\n"] {
            assert_eq!(std_breaches(bad, true).len(), 1, "{bad}");
            assert!(std_breaches(bad, false).is_empty(), "{bad}");
        }
    }

    #[test]
    fn the_standard_library_comes_in_for_tests_only() {
        assert!(std_breaches("#[cfg(test)]\nextern crate std;\n", false).is_empty());
        assert_eq!(std_breaches("extern crate std;\n", false).len(), 1);
        assert_eq!(std_breaches("#[cfg(feature = \"std\")]\nmod m;\n", false).len(), 1);
        assert!(std_breaches("// #[cfg(feature = \"std\")]\nmod m;\n", false).is_empty());
    }
}
