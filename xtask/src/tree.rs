//! The files of the repository, read once for all checks.

use std::collections::BTreeSet;
use std::path::Path;

use crate::failure::Failure;
use crate::lexer::Code;

/// What the repository holds.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Every file and folder, with `/` between its parts, from the root.
    pub(crate) paths: BTreeSet<String>,
    /// The files that people write: sources, manifests, scripts and prose.
    pub(crate) files: Vec<TextFile>,
}

/// A file that people write.
#[derive(Debug)]
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
    /// What the file says to the compiler, if it is Rust.
    pub(crate) rust: Option<Code>,
}

impl Tree {
    /// Reads everything below `root` except what a build or a tool has put there.
    pub(crate) fn read(root: &Path) -> Result<Self, Failure> {
        let mut tree = Self::default();
        tree.walk(root, "")?;
        Ok(tree)
    }

    /// A tree of the files given, for a test.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.add(path, (*text).to_owned());
        }
        tree
    }

    pub(crate) fn get(&self, path: &str) -> Option<&TextFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The Rust files, each with its code.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&TextFile, &Code)> {
        self.files.iter().filter_map(|file| Some((file, file.rust.as_ref()?)))
    }

    /// The files of prose.
    pub(crate) fn markdown(&self) -> impl Iterator<Item = &TextFile> {
        self.files.iter().filter(|file| file.path.ends_with(".md"))
    }

    /// The manifests of the workspace's members.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = &TextFile> {
        self.files.iter().filter(|file| {
            let Some(folder) = file.path.strip_suffix("/Cargo.toml") else { return false };
            let name = folder.strip_prefix("crates/");
            folder == "xtask" || name.is_some_and(|name| !name.contains('/'))
        })
    }

    fn walk(&mut self, folder: &Path, path: &str) -> Result<(), Failure> {
        let fail = |source| Failure::Read { path: folder.to_path_buf(), source };
        let mut entries = std::fs::read_dir(folder)
            .map_err(fail)?
            .collect::<Result<Vec<_>, _>>()
            .map_err(fail)?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            if entry.path().is_dir() {
                let ours = !name.starts_with('.') || OUR_HIDDEN_FOLDERS.contains(&name.as_str());
                if ours && name != "target" {
                    self.paths.insert(path.clone());
                    self.walk(&entry.path(), &path)?;
                }
            } else if is_text(&path) {
                let text = std::fs::read_to_string(entry.path())
                    .map_err(|source| Failure::Read { path: entry.path(), source })?;
                self.add(&path, text);
            } else {
                self.paths.insert(path);
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &str, text: String) {
        self.paths.insert(path.to_owned());
        let rust = path.ends_with(".rs").then(|| Code::of(&text));
        self.files.push(TextFile { path: path.to_owned(), text, rust });
    }
}

impl TextFile {
    /// The folder of the package that the file belongs to, such as `crates/codec`.
    pub(crate) fn package(&self) -> Option<&str> {
        let inside = if self.path.starts_with("crates/") { 2 } else { 1 };
        let (end, _) = self.path.match_indices('/').nth(inside - 1)?;
        self.path.get(..end)
    }

    /// Whether the whole file is a test.
    pub(crate) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }
}

/// Recordings and samples are kept as they came, so they are no text in this sense.
fn is_text(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let script = path.starts_with(".ci/") && extension.is_empty();
    !path.contains("/testdata/") && (script || TEXT_EXTENSIONS.contains(&extension))
}

const OUR_HIDDEN_FOLDERS: &[&str] = &[".cargo", ".ci"];
const TEXT_EXTENSIONS: &[&str] = &["rs", "toml", "md", "sh", "py", "mjs", "yml", "yaml"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_people_write() {
        for path in ["a/b.rs", "README.md", ".ci/run", ".cargo/config.toml"] {
            assert!(is_text(path), "{path}");
        }
        for path in ["Cargo.lock", "crates/x/testdata/bad.md", "LICENSE-MIT", "a.ci/run"] {
            assert!(!is_text(path), "{path}");
        }
    }

    #[test]
    fn a_manifest_below_a_member_is_none_of_a_member() {
        let tree = Tree::of(&[
            ("bench/Cargo.toml", ""),
            ("crates/codec/Cargo.toml", ""),
            ("crates/codec/tests/other/Cargo.toml", ""),
            ("xtask/Cargo.toml", ""),
        ]);
        let paths: Vec<_> = tree.manifests().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["crates/codec/Cargo.toml", "xtask/Cargo.toml"]);
    }

    #[test]
    fn a_file_knows_its_package() {
        let tree = Tree::of(&[
            ("crates/codec/src/frame/tests.rs", ""),
            ("xtask/src/main.rs", ""),
            ("README.md", ""),
        ]);
        let packages: Vec<_> = tree.files.iter().map(TextFile::package).collect();
        assert_eq!(packages, [Some("crates/codec"), Some("xtask"), None]);
        let tests: Vec<_> = tree.files.iter().map(TextFile::is_test).collect();
        assert_eq!(tests, [true, false, false]);
    }
}
