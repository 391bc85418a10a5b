//! Compares the dependencies that the manifests state with the table.

use crate::metadata::{Dependency, Kind, Package};

use super::table::{DEV_FEATURES, HOMES, ROOMS, Room};

/// The arrows that the table does not have, each as a sentence.
pub(super) fn breaches(packages: &[Package]) -> Vec<String> {
    let mut breaches = Vec::new();
    for package in packages {
        let Some(room) = ROOMS.iter().find(|room| room.folder == package.folder) else {
            breaches.push(format!("{}: this crate is not in the table", package.folder));
            continue;
        };
        for dependency in &package.dependencies {
            let ours = packages.iter().find(|other| other.name == dependency.name);
            let why = match ours {
                Some(target) => wrong_arrow(room, target, dependency),
                None => wrong_home(room, dependency),
            };
            if let Some(why) = why {
                breaches.push(format!("{} -> {}: {why}", package.folder, dependency.name));
            }
        }
    }
    breaches
}

fn wrong_arrow(room: &Room, target: &Package, dependency: &Dependency) -> Option<String> {
    let to = target.folder.as_str();
    let normal = room.normal.contains(&to);
    let optional = room.optional.contains(&to);
    let allowed = match dependency.kind {
        Kind::Normal => normal || (optional && dependency.optional),
        Kind::Dev => normal || optional || room.dev.contains(&to),
        Kind::Build => false,
    };
    if !allowed {
        let why = match dependency.kind {
            Kind::Normal if optional => "this arrow must be optional",
            Kind::Normal if room.dev.contains(&to) => "this arrow is for tests and examples only",
            Kind::Normal => "no such arrow in the table",
            Kind::Dev => "no such arrow in the table, for tests either",
            Kind::Build => "no crate of ours is for build scripts",
        };
        return Some(why.to_owned());
    }
    let (_, dev_features) = DEV_FEATURES.iter().find(|(folder, _)| *folder == to)?;
    let feature = dependency.features.iter().find(|name| dev_features.contains(&name.as_str()))?;
    (dependency.kind == Kind::Normal)
        .then(|| format!("the feature `{feature}` is for tests and examples only"))
}

fn wrong_home(room: &Room, dependency: &Dependency) -> Option<String> {
    let (_, homes) = HOMES.iter().find(|(start, _)| dependency.name.starts_with(start))?;
    let wrong = dependency.kind != Kind::Dev && !homes.contains(&room.folder);
    wrong.then(|| format!("it belongs to {}", homes.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(folder: &str, dependencies: Vec<Dependency>) -> Package {
        let (name, folder) = (format!("outcrop-{folder}"), folder.to_owned());
        Package { name, folder, dependencies, ..Package::default() }
    }

    fn on(name: &str, kind: Kind) -> Dependency {
        Dependency { name: name.to_owned(), kind, ..Dependency::default() }
    }

    /// The breaches of `folder` with one dependency, in a workspace that has all crates.
    fn with(folder: &str, dependency: Dependency) -> Vec<String> {
        let mut packages: Vec<Package> = ROOMS
            .iter()
            .filter(|room| room.folder != folder)
            .map(|room| package(room.folder, Vec::new()))
            .collect();
        packages.push(package(folder, vec![dependency]));
        breaches(&packages)
    }

    #[test]
    fn every_arrow_of_the_table_passes_and_every_other_one_fails() {
        for from in ROOMS {
            for to in ROOMS {
                let target = format!("outcrop-{}", to.folder);
                let normal = with(from.folder, on(&target, Kind::Normal));
                assert_eq!(normal.is_empty(), from.normal.contains(&to.folder), "{normal:?}");

                let optional = Dependency { optional: true, ..on(&target, Kind::Normal) };
                let optional = with(from.folder, optional);
                let allowed = [from.normal, from.optional].concat();
                assert_eq!(optional.is_empty(), allowed.contains(&to.folder), "{optional:?}");

                let dev = with(from.folder, on(&target, Kind::Dev));
                let allowed = [allowed.as_slice(), from.dev].concat();
                assert_eq!(dev.is_empty(), allowed.contains(&to.folder), "{dev:?}");

                assert_eq!(with(from.folder, on(&target, Kind::Build)).len(), 1);
            }
        }
    }

    #[test]
    fn a_breach_says_what_is_wrong() {
        assert_eq!(
            with("emulator", on("outcrop-quota", Kind::Dev)),
            ["emulator -> outcrop-quota: no such arrow in the table, for tests either"]
        );
        assert_eq!(
            with("client", on("outcrop-aws", Kind::Normal)),
            ["client -> outcrop-aws: this arrow must be optional"]
        );
        assert_eq!(
            with("cellar", on("serde", Kind::Normal)),
            ["cellar: this crate is not in the table"]
        );
    }

    #[test]
    fn the_testing_features_stay_in_tests() {
        let testing = |kind| Dependency {
            features: vec!["testing".to_owned()],
            ..on("outcrop-transport", kind)
        };
        assert_eq!(with("client", testing(Kind::Normal)).len(), 1);
        assert!(with("client", testing(Kind::Dev)).is_empty());
    }

    #[test]
    fn crates_of_others_stay_at_home_outside_of_tests() {
        assert!(with("aws", on("aws-sdk-s3", Kind::Normal)).is_empty());
        assert!(with("codec", on("aws-smithy-eventstream", Kind::Dev)).is_empty());
        assert_eq!(with("codec", on("aws-smithy-eventstream", Kind::Normal)).len(), 1);
        assert_eq!(with("client", on("hyper-util", Kind::Normal)).len(), 1);
        assert_eq!(with("codec", on("mockall", Kind::Build)).len(), 1);
    }
}
