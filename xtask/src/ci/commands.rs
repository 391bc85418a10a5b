//! The commands of the steps that look at each package, made from what the packages are.

use crate::metadata::Package;
use crate::shell::Cmd;

/// Clippy over everything in a package, with its default features and with all.
pub(super) fn clippy(packages: &[Package]) -> Vec<Cmd> {
    let mut commands = Vec::new();
    for package in packages {
        let cmd = Cmd::new("cargo clippy --no-deps --all-targets -p").arg(&package.name);
        if package.features.iter().any(|feature| !package.default_features.contains(feature)) {
            commands.push(denied(cmd.clone().arg("--all-features")));
        }
        commands.push(denied(cmd));
    }
    commands
}

/// Each library without its default features, and with each feature alone.
pub(super) fn features(packages: &[Package]) -> Vec<Cmd> {
    let mut commands = Vec::new();
    for package in packages.iter().filter(|package| package.has_library) {
        let cmd = Cmd::new("cargo clippy --no-deps --lib -p").arg(&package.name);
        let cmd = cmd.arg("--no-default-features");
        let is_default = |feature: &&String| package.default_features == [feature.as_str()];
        for feature in package.features.iter().filter(|feature| !is_default(feature)) {
            commands.push(denied(cmd.clone().arg("--features").arg(feature)));
        }
        if !package.default_features.is_empty() {
            commands.push(denied(cmd));
            let build = Cmd::new("cargo build --no-default-features -p").arg(&package.name);
            commands.push(build);
        }
    }
    commands
}

/// The documentation of each package, binaries first: the library `outcrop` and the binary
/// `outcrop` share a folder, and the library's page is the one to keep.
pub(super) fn docs(packages: &[Package]) -> Vec<Cmd> {
    let (libraries, binaries): (Vec<_>, Vec<_>) =
        packages.iter().partition(|package| package.has_library);
    let binaries = binaries.into_iter().map(|package| {
        Cmd::new("cargo doc --no-deps --bins --document-private-items -p").arg(&package.name)
    });
    let libraries = libraries
        .into_iter()
        .map(|package| Cmd::new("cargo doc --no-deps --lib --all-features -p").arg(&package.name));
    binaries.chain(libraries).map(|cmd| cmd.env("RUSTDOCFLAGS", "-D warnings")).collect()
}

/// Every example of every package.
pub(super) fn examples(packages: &[Package]) -> Vec<Cmd> {
    let mut commands = Vec::new();
    for package in packages {
        for example in &package.examples {
            let mut cmd = Cmd::new("cargo run -p").arg(&package.name);
            if !example.required_features.is_empty() {
                cmd = cmd.arg("--features").arg(example.required_features.join(","));
            }
            commands.push(cmd.arg("--example").arg(&example.name));
        }
    }
    commands
}

fn denied(cmd: Cmd) -> Cmd {
    cmd.arg("--").arg("-D").arg("warnings")
}

#[cfg(test)]
mod tests {
    use crate::metadata::Example;

    use super::*;

    fn library(name: &str, features: &[&str], default_features: &[&str]) -> Package {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Package {
            name: name.to_owned(),
            features: owned(features),
            default_features: owned(default_features),
            has_library: true,
            ..Package::default()
        }
    }

    fn lines(commands: Vec<Cmd>) -> Vec<String> {
        commands.iter().map(Cmd::to_string).collect()
    }

    #[test]
    fn clippy_denies_warnings_in_each_package_alone() {
        let packages = [library("a", &[], &[]), library("b", &["std", "mock"], &["std"])];
        assert_eq!(
            lines(clippy(&packages)),
            [
                "cargo clippy --no-deps --all-targets -p a -- -D warnings",
                "cargo clippy --no-deps --all-targets -p b --all-features -- -D warnings",
                "cargo clippy --no-deps --all-targets -p b -- -D warnings",
            ]
        );
    }

    #[test]
    fn each_feature_is_built_alone_and_once() {
        assert!(features(&[library("a", &[], &[])]).is_empty());
        let clippy = "cargo clippy --no-deps --lib -p b --no-default-features";
        assert_eq!(
            lines(features(&[library("b", &["std", "mock"], &["std"])])),
            [
                format!("{clippy} --features mock -- -D warnings"),
                format!("{clippy} -- -D warnings"),
                "cargo build --no-default-features -p b".to_owned(),
            ]
        );
    }

    #[test]
    fn the_pages_of_libraries_are_written_last() {
        let tool = Package { name: "tool".to_owned(), ..Package::default() };
        assert_eq!(
            lines(docs(&[library("a", &[], &[]), tool])),
            [
                "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --bins --document-private-items -p tool",
                "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --lib --all-features -p a",
            ]
        );
    }

    #[test]
    fn every_example_runs_with_the_features_it_needs() {
        let example = |name: &str, features: &[&str]| Example {
            name: name.to_owned(),
            required_features: features.iter().map(|name| (*name).to_owned()).collect(),
        };
        let examples = vec![example("x", &[]), example("y", &["f", "g"])];
        let package = Package { examples, ..library("a", &["f", "g"], &[]) };
        assert_eq!(
            lines(super::examples(&[package])),
            ["cargo run -p a --example x", "cargo run -p a --features f,g --example y",]
        );
    }
}
