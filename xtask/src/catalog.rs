//! The model catalogue: from the file that people edit to the Rust that the codec compiles.

mod read;
mod write;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use self::read::Catalog;
use crate::failure::Failure;

/// Writes the generated files, or with `--check` only compares them.
pub(crate) fn run(root: &Path, args: &[String]) -> Result<(), Failure> {
    let check = match args {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err(Failure::Usage(crate::USAGE)),
    };
    let path = root.join(SOURCE);
    let text =
        fs::read_to_string(&path).map_err(|source| Failure::Read { path: path.clone(), source })?;
    let catalog = Catalog::read(&text).map_err(|what| Failure::Catalog { path, what })?;
    let files = write::files(&catalog, root)?;
    let there = there(root)?;
    let stale: Vec<&String> = there.keys().filter(|name| !files.contains_key(*name)).collect();
    let changed: Vec<&String> = files
        .iter()
        .filter(|(name, text)| there.get(*name) != Some(*text))
        .map(|(n, _)| n)
        .collect();
    if check {
        return match stale.iter().chain(&changed).next() {
            None => Ok(()),
            Some(name) => Err(Failure::Stale { path: root.join(FOLDER).join(name) }),
        };
    }
    for name in &stale {
        let path = root.join(FOLDER).join(name);
        fs::remove_file(&path).map_err(|source| Failure::Read { path, source })?;
    }
    fs::create_dir_all(root.join(FOLDER).join("models"))
        .map_err(|source| Failure::Read { path: root.join(FOLDER), source })?;
    for name in &changed {
        let path = root.join(FOLDER).join(name);
        let text = files.get(*name).map_or("", String::as_str);
        fs::write(&path, text).map_err(|source| Failure::Read { path, source })?;
        println!("wrote {FOLDER}/{name}");
    }
    Ok(())
}

/// The generated files that are there, by their names inside the folder.
fn there(root: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut found = BTreeMap::new();
    let folder = root.join(FOLDER);
    if let Ok(text) = fs::read_to_string(folder.join("models.rs")) {
        found.insert("models.rs".to_owned(), text);
    }
    let Ok(entries) = fs::read_dir(folder.join("models")) else { return Ok(found) };
    for entry in entries.flatten() {
        let path = entry.path();
        let text = fs::read_to_string(&path).map_err(|source| Failure::Read { path, source })?;
        found.insert(format!("models/{}", entry.file_name().to_string_lossy()), text);
    }
    Ok(found)
}

const SOURCE: &str = "crates/codec/catalog.toml";
const FOLDER: &str = "crates/codec/src/catalog";

#[cfg(test)]
mod tests {
    use super::*;

    fn args(flags: &[&str]) -> Vec<String> {
        flags.iter().map(|flag| (*flag).to_owned()).collect()
    }

    #[test]
    fn what_is_written_is_current_until_the_source_changes() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        fs::create_dir_all(root.join("crates/codec/src/catalog/models")).unwrap();
        fs::write(root.join(SOURCE), read::tests::SMALL).unwrap();
        fs::write(root.join(FOLDER).join("models/old.rs"), "").unwrap();
        assert!(matches!(run(root, &args(&["--check"])), Err(Failure::Stale { .. })));
        run(root, &[]).unwrap();
        run(root, &args(&["--check"])).unwrap();
        assert!(!root.join(FOLDER).join("models/old.rs").exists());
        fs::write(root.join(SOURCE), read::tests::SMALL.replace("10_000", "10_001")).unwrap();
        assert!(matches!(run(root, &args(&["--check"])), Err(Failure::Stale { .. })));
        assert!(matches!(run(root, &args(&["--chekc"])), Err(Failure::Usage(_))));
    }
}
