//! The scenarios that ship with the emulator, as the files in `scenarios/`.

/// Writes the list of names and the table of files from one list.
macro_rules! scenarios {
    ($($name:literal,)*) => {
        /// The names, in the order in which they are listed.
        pub(super) const NAMES: &[&str] = &[$($name),*];

        /// The text of a scenario.
        pub(super) fn find(name: &str) -> Option<&'static str> {
            match name {
                $($name => Some(include_str!(concat!("../../scenarios/", $name, ".toml"))),)*
                _ => None,
            }
        }
    };
}

scenarios! {
    "normal",
    "one-byte-chunks",
    "unknown-event",
    "bad-checksum",
    "cut-before-message-stop",
    "throttled-mid-stream",
    "tool-json-cut-by-eof",
    "tool-json-cut-by-max-tokens",
    "context-window-exceeded",
    "cached-usage",
    "throttled-forever",
    "unavailable-forever",
    "slow-loris",
    "flaky",
    "batch-missing-lines",
    "batch-duplicate-lines",
    "batch-fails-late",
    "batch-expires",
    "s3-slow-down",
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Scenario;
    use super::*;

    #[test]
    fn every_file_is_listed_and_can_be_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
        let files = std::fs::read_dir(folder).unwrap();
        let files = files
            .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned());
        let files: BTreeSet<String> = files.collect();
        assert_eq!(files, NAMES.iter().map(ToString::to_string).collect());
        for name in NAMES {
            let scenario = Scenario::named(name).unwrap();
            assert_eq!(scenario.rules().is_empty(), *name == "normal", "{name}");
            let rules = scenario.rules().iter();
            assert!(rules.clone().all(|rule| rule.name() == *name) || *name == "flaky", "{name}");
        }
        let error = Scenario::named("nothing").unwrap_err().to_string();
        assert!(error.contains("\"nothing\"") && error.contains("throttled-forever"), "{error}");
    }
}
