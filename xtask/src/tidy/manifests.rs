//! Checks on manifests: what is written once at the root, and what is not used.

use crate::tree::{TextFile, Tree};

use super::Finding;
use super::text::has_word;

/// Members take their lints, their edition and the versions of dependencies from the root.
pub(super) fn inheritance(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.manifests() {
        let entries = entries(&file.text);
        for (section, key) in INHERITED {
            let inherits = entries.iter().any(|entry| {
                entry.section == *section && entry.key == *key && entry.value == "true"
            });
            if !inherits {
                let what = format!("[{section}] must say `{key} = true`");
                findings.push(Finding::new(&file.path, 0, what));
            }
        }
        for entry in entries.iter().filter(|entry| entry.is_dependency()) {
            let inherits = entry.key.ends_with(".workspace") || entry.value.contains("workspace =");
            if !inherits {
                let what =
                    format!("declare `{}` in the root's [workspace.dependencies]", entry.key);
                findings.push(Finding::new(&file.path, entry.line, what));
            }
        }
    }
    findings
}

/// Every dependency is used by the package that names it, and every one at the root by a member.
pub(super) fn unused_dependencies(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.manifests() {
        let folder = file.path.trim_end_matches("Cargo.toml");
        for entry in entries(&file.text).iter().filter(|entry| entry.is_dependency()) {
            let name = entry.dependency();
            let mut sources = tree.rust().filter(|(source, _)| source.path.starts_with(folder));
            let word = name.replace('-', "_");
            if !sources.any(|(source, _)| has_word(&source.text, &word)) {
                let what = format!("`{name}` is not used here");
                findings.push(Finding::new(&file.path, entry.line, what));
            }
        }
    }
    let Some(root) = tree.get("Cargo.toml") else { return findings };
    let used: Vec<String> = tree
        .manifests()
        .flat_map(|file| entries(&file.text))
        .filter(Entry::is_dependency)
        .map(|entry| entry.dependency().to_owned())
        .collect();
    for entry in entries(&root.text).iter().filter(|e| e.section == "workspace.dependencies") {
        // Our own crates are there for whoever comes next.
        if !entry.value.contains("path =") && !used.iter().any(|name| name == entry.dependency()) {
            let what = format!("no member uses `{}`", entry.dependency());
            findings.push(Finding::new(&root.path, entry.line, what));
        }
    }
    findings
}

/// The compiler at hand is the oldest one that we promise to work with, so that CI tests the promise.
pub(super) fn toolchain(tree: &Tree, rustc: &str) -> Vec<Finding> {
    let Some((file, line, promised)) = rust_version(tree) else {
        return vec![Finding::new("Cargo.toml", 0, "[workspace.package] has no rust-version")];
    };
    let version = rustc.split(' ').nth(1).unwrap_or(rustc);
    if version == promised || version.starts_with(&format!("{promised}.")) {
        return Vec::new();
    }
    let what = format!(
        "rust-version is {promised} and the compiler is {version}: \
         run `cargo +{promised} xtask`, or raise both"
    );
    vec![Finding::new(&file.path, line, what)]
}

/// The version of Rust that the root manifest promises, and where it does.
pub(super) fn rust_version(tree: &Tree) -> Option<(&TextFile, usize, String)> {
    let root = tree.get("Cargo.toml")?;
    let entry = entries(&root.text)
        .into_iter()
        .find(|entry| entry.section == "workspace.package" && entry.key == "rust-version")?;
    Some((root, entry.line, entry.value.trim_matches('"').to_owned()))
}

/// A line `key = value` of a manifest, whose value may go on over more lines.
#[derive(Debug)]
struct Entry {
    section: String,
    key: String,
    value: String,
    line: usize,
}

impl Entry {
    fn is_dependency(&self) -> bool {
        ["dependencies", "dev-dependencies", "build-dependencies"].contains(&self.section.as_str())
    }

    /// The name by which the code knows the dependency.
    fn dependency(&self) -> &str {
        self.key.strip_suffix(".workspace").unwrap_or(&self.key)
    }
}

/// The entries of a manifest: enough of TOML for the form that manifests have here.
fn entries(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut section = "";
    let mut depth = 0;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if depth > 0 {
            if let Some(entry) = entries.last_mut() {
                entry.value.push_str(line);
            }
        } else if line.starts_with('#') {
            continue;
        } else if let Some(name) = line.strip_prefix('[') {
            section = name.trim_matches(['[', ']']);
            continue;
        } else if let Some((key, value)) = line.split_once('=') {
            entries.push(Entry {
                section: section.to_owned(),
                key: key.trim().to_owned(),
                value: value.trim().to_owned(),
                line: index + 1,
            });
        }
        depth += line.matches('[').count();
        depth = depth.saturating_sub(line.matches(']').count());
    }
    entries
}

const INHERITED: &[(&str, &str)] = &[
    ("lints", "workspace"),
    ("package", "edition.workspace"),
    ("package", "license.workspace"),
    ("package", "rust-version.workspace"),
];

#[cfg(test)]
mod tests {
    use super::super::assert_finds;
    use super::*;

    const GOOD: &str = "[package]\nedition.workspace = true\nlicense.workspace = true\n\
                        rust-version.workspace = true\n\n[lints]\nworkspace = true\n\n\
                        [dependencies]\nserde.workspace = true\n# A comment.\n\
                        aws-x = { workspace = true, features = [\n    \"a\",\n    \"b\",\n] }\n";
    const MANIFEST: &str = "crates/x/Cargo.toml";

    #[test]
    fn a_manifest_that_does_not_inherit_is_found() {
        assert_finds(inheritance, &[(MANIFEST, GOOD)], &[]);
        for (_, key) in INHERITED {
            let line = format!("\n{key} = true\n");
            let bad = GOOD.replacen(&line, "\n", 1);
            assert_ne!(bad, GOOD);
            assert_finds(inheritance, &[(MANIFEST, &bad)], &[(MANIFEST, 0)]);
        }
    }

    #[test]
    fn a_version_outside_of_the_root_is_found() {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for version in ["\"1\"", "{ version = \"1\" }"] {
                let bad = format!("{GOOD}[{section}]\ntokio = {version}\n");
                assert_finds(inheritance, &[(MANIFEST, &bad)], &[(MANIFEST, 17)]);
            }
        }
    }

    #[test]
    fn an_unused_dependency_is_found() {
        let source = ("crates/x/src/lib.rs", "use serde::Serialize;\nuse aws_x::Y;\n");
        assert_finds(unused_dependencies, &[(MANIFEST, GOOD), source], &[]);
        let other = ("crates/y/src/lib.rs", "use aws_x::Y;\n");
        let near = ("crates/x/src/lib.rs", "use serde::Serialize;\nuse aws_xyz::my_aws_x;\n");
        assert_finds(unused_dependencies, &[(MANIFEST, GOOD), near, other], &[(MANIFEST, 12)]);

        let root = "[workspace.dependencies]\nserde = \"1\"\nrand = \"1\"\nc = { path = \"c\" }\n";
        let files = [(MANIFEST, GOOD), source, ("Cargo.toml", root)];
        assert_finds(unused_dependencies, &files, &[("Cargo.toml", 3)]);
    }

    #[test]
    fn another_compiler_than_the_promised_one_is_found() {
        let tree = Tree::of(&[("Cargo.toml", "[workspace.package]\nrust-version = \"1.95\"\n")]);
        assert!(toolchain(&tree, "rustc 1.95.0 (abc 2026-01-01)").is_empty());
        for other in ["rustc 1.96.0 (abc)", "rustc 1.9.5", "rustc 1.950.0"] {
            let found = toolchain(&tree, other);
            assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [2], "{other}");
        }
        assert_eq!(toolchain(&Tree::default(), "rustc 1.95.0").len(), 1);
    }
}
