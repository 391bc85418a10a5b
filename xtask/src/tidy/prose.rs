//! Checks on Markdown: that what it points to exists, and that what it repeats is true.

use crate::tree::{TextFile, Tree};

use super::Finding;
use super::manifests;

/// The files that a reader looks for are there.
pub(super) fn required_files(tree: &Tree) -> Vec<Finding> {
    let pages = tree
        .manifests()
        .filter(|file| file.path.starts_with("crates/"))
        .map(|file| file.path.replace("Cargo.toml", "README.md"));
    let required = REQUIRED.iter().map(|path| (*path).to_owned()).chain(pages);
    let missing = required.filter(|path| !tree.paths.contains(path));
    missing.map(|path| Finding::new(&path, 0, "this file is missing")).collect()
}

/// The changelog has room on top for what is not released yet.
pub(super) fn changelog(tree: &Tree) -> Vec<Finding> {
    let Some(file) = tree.get("CHANGELOG.md") else { return Vec::new() };
    let first = file.text.lines().enumerate().find(|(_, line)| line.starts_with("## "));
    match first {
        Some((_, "## Unreleased")) => Vec::new(),
        first => {
            let line = first.map_or(0, |(index, _)| index + 1);
            vec![Finding::new(&file.path, line, "the first section must be `## Unreleased`")]
        }
    }
}

/// A link to a file of the repository has an end.
pub(super) fn links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.markdown() {
        for (line, target) in relative_links(&file.text) {
            if !tree.paths.contains(&resolve(&file.path, target)) {
                let what = format!("the link to `{target}` leads nowhere");
                findings.push(Finding::new(&file.path, line, what));
            }
        }
    }
    findings
}

/// The book's summary names every page.
pub(super) fn summary(tree: &Tree) -> Vec<Finding> {
    let Some(summary) = tree.get(SUMMARY) else { return Vec::new() };
    let named: Vec<String> =
        relative_links(&summary.text).map(|(_, target)| resolve(SUMMARY, target)).collect();
    let forgotten = book(tree).filter(|file| file.path != SUMMARY && !named.contains(&file.path));
    forgotten
        .map(|file| Finding::new(&file.path, 0, "SUMMARY.md does not name this page"))
        .collect()
}

/// Prose that names a version of Rust names the one that the manifest promises.
pub(super) fn rust_version(tree: &Tree) -> Vec<Finding> {
    let Some((_, _, promised)) = manifests::rust_version(tree) else { return Vec::new() };
    let mut findings = Vec::new();
    for file in tree.markdown() {
        for (index, line) in file.text.lines().enumerate() {
            for (at, _) in line.match_indices("Rust 1.") {
                let number = line.get(at + "Rust ".len()..).unwrap_or_default();
                let end = number.find(|c: char| c != '.' && !c.is_ascii_digit());
                let number = number.get(..end.unwrap_or(number.len())).unwrap_or_default();
                let number = number.trim_end_matches('.');
                if number != promised && !number.starts_with(&format!("{promised}.")) {
                    let what = format!("the manifest promises Rust {promised}, not {number}");
                    findings.push(Finding::new(&file.path, index + 1, what));
                }
            }
        }
    }
    findings
}

/// A page with Rust in it is compiled: some documentation includes it, and so tests it.
pub(super) fn compiled_pages(tree: &Tree) -> Vec<Finding> {
    let included: Vec<String> = tree
        .rust()
        .flat_map(|(file, code)| {
            let includes = code.uncommented.split("include_str!(\"").skip(1);
            includes.filter_map(|tail| Some(resolve(&file.path, tail.split('"').next()?)))
        })
        .collect();
    tree.markdown()
        .filter(|page| page.text.contains("```rust") && !included.contains(&page.path))
        .map(|page| Finding::new(&page.path, 0, "no documentation includes it and tests its code"))
        .collect()
}

fn book(tree: &Tree) -> impl Iterator<Item = &TextFile> {
    tree.markdown().filter(|file| file.path.starts_with("docs/src/"))
}

/// The targets of links that are no addresses, each with its line; code is no prose.
fn relative_links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    let prose = text.lines().enumerate().filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    });
    prose.flat_map(|(index, line)| {
        let targets = line.split("](").skip(1).filter_map(|tail| tail.split(')').next());
        let targets = targets.filter(|target| !target.contains(':') && !target.starts_with('#'));
        targets.map(move |target| (index + 1, target))
    })
}

/// The path that a link in the file `from` means.
fn resolve(from: &str, target: &str) -> String {
    let target = target.split('#').next().unwrap_or(target);
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if !parts.is_empty() => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

const SUMMARY: &str = "docs/src/SUMMARY.md";

const REQUIRED: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "docs/book.toml",
    SUMMARY,
];

#[cfg(test)]
mod tests {
    use super::super::assert_finds;
    use super::*;

    #[test]
    fn a_missing_file_is_found() {
        let all: Vec<(&str, &str)> = REQUIRED.iter().map(|path| (*path, "")).collect();
        assert_finds(required_files, &all, &[]);
        for path in REQUIRED {
            let others: Vec<_> = all.iter().copied().filter(|(other, _)| other != path).collect();
            assert_finds(required_files, &others, &[(path, 0)]);
        }
        let with_crate = [all.as_slice(), &[("crates/x/Cargo.toml", "")]].concat();
        assert_finds(required_files, &with_crate, &[("crates/x/README.md", 0)]);
    }

    #[test]
    fn a_changelog_without_room_on_top_is_found() {
        let path = "CHANGELOG.md";
        assert_finds(changelog, &[(path, "# Changelog\n\n## Unreleased\n\n## 0.1.0\n")], &[]);
        assert_finds(changelog, &[(path, "# Changelog\n\n## 0.1.0\n")], &[(path, 3)]);
        assert_finds(changelog, &[(path, "# Changelog\n")], &[(path, 0)]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let page = "docs/src/a.md";
        let good = "[b](b.md#part) [up](../../README.md) [here](#x) [far](https://a.b) [dir](.)\n\
                    ```text\n[code](nowhere.md)\n```\n";
        let others = [("docs/src/b.md", ""), ("README.md", "[docs](docs/src/)")];
        let tree = Tree::of(&[(page, good), others[0], others[1]]);
        let mut tree = tree;
        tree.paths.insert("docs/src".to_owned());
        assert!(links(&tree).is_empty(), "{:?}", links(&tree));

        let bad = "[a](a.md) and [c](c.md)\n\n[up](../README.md)\n";
        assert_finds(links, &[(page, bad), others[0]], &[(page, 1), (page, 3)]);
    }

    #[test]
    fn a_page_that_the_summary_forgets_is_found() {
        let summary_text = "# Summary\n\n- [A](a.md)\n";
        let files = [(SUMMARY, summary_text), ("docs/src/a.md", ""), ("docs/src/b.md", "")];
        assert_finds(summary, &files, &[("docs/src/b.md", 0)]);
    }

    #[test]
    fn another_version_of_rust_in_prose_is_found() {
        let root = ("Cargo.toml", "[workspace.package]\nrust-version = \"1.95\"\n");
        let good = ("a.md", "Needs Rust 1.95. With Rust 1.95.0, too.\n");
        assert_finds(rust_version, &[root, good], &[]);
        assert_finds(rust_version, &[root, ("a.md", "x\nNeeds Rust 1.9.\n")], &[("a.md", 2)]);
        assert_finds(rust_version, &[root, ("a.md", "Needs Rust 1.96\n")], &[("a.md", 1)]);
    }

    #[test]
    fn a_page_whose_code_is_not_compiled_is_found() {
        let page = ("docs/src/a.md", "# A\n\n```rust\nlet a = 1;\n```\n");
        let source = "#[doc = include_str!(\"../../../docs/src/a.md\")]\nmod a {}\n";
        assert_finds(compiled_pages, &[page, ("crates/client/src/lib.rs", source)], &[]);
        assert_finds(compiled_pages, &[("docs/src/a.md", "```text\na\n```\n")], &[]);

        assert_finds(compiled_pages, &[page], &[(page.0, 0)]);
        let elsewhere = ("crates/client/src/a/b.rs", source);
        assert_finds(compiled_pages, &[page, elsewhere], &[(page.0, 0)]);
        let comment = ("crates/client/src/lib.rs", &*format!("// {source}"));
        assert_finds(compiled_pages, &[page, comment], &[(page.0, 0)]);
    }
}
