//! The packages of the workspace, as `cargo metadata` tells them.

use std::path::Path;

use serde_json::Value;

use crate::failure::Failure;
use crate::shell::Cmd;

/// A member of the workspace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Package {
    /// The name that Cargo knows, such as `outcrop-codec`.
    pub(crate) name: String,
    /// The folder it stands in, without `crates/`: the name that the design uses.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
    /// The features, without `default`.
    pub(crate) features: Vec<String>,
    /// What the feature `default` turns on.
    pub(crate) default_features: Vec<String>,
    pub(crate) has_library: bool,
    pub(crate) examples: Vec<Example>,
}

/// One line of a manifest's dependencies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dependency {
    /// The package's name, not its alias.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) optional: bool,
    pub(crate) features: Vec<String>,
}

/// What a dependency is for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Kind {
    #[default]
    Normal,
    Dev,
    Build,
}

/// A program under `examples/`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Example {
    pub(crate) name: String,
    pub(crate) required_features: Vec<String>,
}

/// The members of the workspace, in order of their folders.
pub(crate) fn packages(root: &Path) -> Result<Vec<Package>, Failure> {
    let cmd = Cmd::new("cargo metadata --format-version 1 --no-deps");
    let text = cmd.read(root)?;
    let value: Value =
        serde_json::from_str(&text).map_err(|error| cmd.unreadable(error.to_string()))?;
    let mut packages: Vec<Package> = list(&value, "packages").map(package).collect();
    if packages.is_empty() {
        return Err(cmd.unreadable("no package".to_owned()));
    }
    packages.sort_by(|a, b| a.folder.cmp(&b.folder));
    Ok(packages)
}

fn package(value: &Value) -> Package {
    let manifest = text(value, "manifest_path");
    let folder = Path::new(&manifest).parent().and_then(Path::file_name);
    let features = value.get("features").and_then(Value::as_object);
    let is = |target: &&Value, kind: &str| texts(target, "kind").iter().any(|k| k == kind);
    Package {
        name: text(value, "name"),
        folder: folder.unwrap_or_default().to_string_lossy().into_owned(),
        dependencies: list(value, "dependencies").map(dependency).collect(),
        features: features
            .into_iter()
            .flat_map(|features| features.keys())
            .filter(|name| *name != "default")
            .cloned()
            .collect(),
        default_features: value.get("features").map(|f| texts(f, "default")).unwrap_or_default(),
        has_library: list(value, "targets").any(|target| is(&target, "lib")),
        examples: list(value, "targets")
            .filter(|target| is(target, "example"))
            .map(|target| Example {
                name: text(target, "name"),
                required_features: texts(target, "required-features"),
            })
            .collect(),
    }
}

fn dependency(value: &Value) -> Dependency {
    Dependency {
        name: text(value, "name"),
        kind: match value.get("kind").and_then(Value::as_str) {
            Some("dev") => Kind::Dev,
            Some("build") => Kind::Build,
            _ => Kind::Normal,
        },
        optional: value.get("optional").and_then(Value::as_bool).unwrap_or_default(),
        features: texts(value, "features"),
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    list(value, key).filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_package_is_read_as_cargo_writes_it() {
        let package = package(&json!({
            "name": "outcrop-x",
            "manifest_path": "/somewhere/crates/x/Cargo.toml",
            "dependencies": [
                { "name": "outcrop-y", "rename": "y", "kind": null, "optional": true, "features": [] },
                { "name": "z", "rename": null, "kind": "dev", "optional": false, "features": ["a"] },
            ],
            "features": { "default": ["std"], "std": [], "extra": ["dep:outcrop-y"] },
            "targets": [
                { "kind": ["lib"], "name": "x" },
                { "kind": ["example"], "name": "show", "required-features": ["extra"] },
            ],
        }));

        assert_eq!((package.name.as_str(), package.folder.as_str()), ("outcrop-x", "x"));
        assert_eq!(package.features, ["extra", "std"]);
        assert_eq!(package.default_features, ["std"]);
        assert!(package.has_library);
        let [y, z] = package.dependencies.as_slice() else { panic!("{package:?}") };
        assert_eq!((y.name.as_str(), y.kind, y.optional), ("outcrop-y", Kind::Normal, true));
        assert_eq!((z.name.as_str(), z.kind), ("z", Kind::Dev));
        assert_eq!(z.features, ["a"]);
        let [show] = package.examples.as_slice() else { panic!("{package:?}") };
        assert_eq!((show.name.as_str(), show.required_features.len()), ("show", 1));
    }
}
