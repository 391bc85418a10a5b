//! Checks the form of what is written here: sources, manifests and prose.
//!
//! A check is a function from the files of the repository to what it found, so that its tests can
//! show it bad samples.

mod manifests;
mod prose;
mod readme;
mod sources;
mod suites;
mod text;
mod words;

use std::fmt;
use std::path::Path;

use crate::failure::Failure;
use crate::shell::Cmd;
use crate::tree::Tree;

/// Runs every check, and prints each breach and each warning.
pub(crate) fn run(root: &Path) -> Result<(), Failure> {
    let tree = Tree::read(root)?;
    let mut findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&tree)).collect();
    let rustc = Cmd::new("rustc --version").read(root)?;
    findings.extend(manifests::toolchain(&tree, &rustc));
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    for finding in &findings {
        println!("{finding}");
    }
    match findings.iter().filter(|finding| !finding.is_warning).count() {
        0 => {
            println!("tidy: {} files, all in order", tree.files.len());
            Ok(())
        }
        count => Err(Failure::Breaches { task: "tidy", count }),
    }
}

/// What a check has found.
#[derive(Debug)]
struct Finding {
    path: String,
    /// Counted from 1; 0 stands for the whole file.
    line: usize,
    what: String,
    is_warning: bool,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), is_warning: false }
    }

    fn warning(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { is_warning: true, ..Self::new(path, line, what) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        let mark = if self.is_warning { "warning: " } else { "" };
        write!(f, ": {mark}{}", self.what)
    }
}

type Check = fn(&Tree) -> Vec<Finding>;

const CHECKS: &[Check] = &[
    sources::headers,
    sources::script_headers,
    sources::banned_code,
    sources::sleeping_tests,
    sources::lengths,
    sources::test_binaries,
    sources::waivers,
    sources::impure_edges,
    suites::conformance,
    words::blanks,
    words::machines_and_registries,
    words::aws_words,
    manifests::inheritance,
    manifests::unused_dependencies,
    prose::required_files,
    prose::changelog,
    prose::links,
    prose::summary,
    prose::rust_version,
    prose::compiled_pages,
    readme::commands,
];

/// Tells each line that differs from what a test expects of one check.
#[cfg(test)]
#[track_caller]
fn assert_finds(check: Check, files: &[(&str, &str)], expected: &[(&str, usize)]) {
    let found = check(&Tree::of(files));
    let places: Vec<(&str, usize)> = found
        .iter()
        .filter(|finding| !finding.is_warning)
        .map(|finding| (finding.path.as_str(), finding.line))
        .collect();
    assert_eq!(places, expected, "{found:#?}");
}
