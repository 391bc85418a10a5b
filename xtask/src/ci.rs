//! Runs every check in order, and tells how long each took.

mod commands;
pub(crate) mod readme;

use std::path::Path;
use std::time::Duration;

use crate::failure::Failure;
use crate::metadata::{self, Package};
use crate::shell::Cmd;
use crate::stopwatch::Stopwatch;
use crate::{catalog, clients, layers, simulate, tidy};

/// Runs the steps named, or all of them, up to the first that fails.
pub(crate) fn run(root: &Path, names: &[String]) -> Result<(), Failure> {
    let steps = select(names)?;
    let packages = metadata::packages(root)?;
    let watch = Stopwatch::start();
    let mut times: Vec<(&str, Duration)> = Vec::new();
    let mut result = Ok(());
    for step in steps {
        println!("\n== {}: {}", step.name, step.about);
        let watch = Stopwatch::start();
        result = (step.run)(root, &packages)
            .map_err(|why| Failure::Step { name: step.name, why: Box::new(why) });
        times.push((step.name, watch.elapsed()));
        if result.is_err() {
            break;
        }
    }
    times.push(("in all", watch.elapsed()));
    println!("\n{}", table(&times));
    result
}

/// The names of the steps, each with what it checks.
pub(crate) fn describe() -> String {
    let lines: Vec<String> =
        STEPS.iter().map(|step| format!("  {:9} {}", step.name, step.about)).collect();
    lines.join("\n")
}

/// One part of what CI does.
struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&Path, &[Package]) -> Result<(), Failure>,
}

/// The cheap steps come first, and the tests last, so that a run ends with their result.
const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "the sources are formatted",
        run: |root, _| Cmd::new("cargo fmt --all --check").run(root),
    },
    Step {
        name: "tidy",
        about: "the form of the sources, the manifests and the prose",
        run: |root, _| tidy::run(root),
    },
    Step {
        name: "catalog",
        about: "the generated model catalogue is current",
        run: |root, _| catalog::run(root, &["--check".to_owned()]),
    },
    Step {
        name: "layers",
        about: "the arrows between crates, and the purity of codec and quota",
        run: |root, _| layers::run(root),
    },
    Step {
        name: "clippy",
        about: "no warnings, each package on its own so that no other lends it features",
        run: |root, packages| each(root, commands::clippy(packages)),
    },
    Step {
        name: "features",
        about: "every library builds without its default features, and with each one alone",
        run: |root, packages| each(root, commands::features(packages)),
    },
    Step {
        name: "docs",
        about: "the documentation builds without warnings",
        run: |root, packages| each(root, commands::docs(packages)),
    },
    Step {
        name: "examples",
        about: "every example runs",
        run: |root, packages| each(root, commands::examples(packages)),
    },
    Step {
        name: "readme",
        about: "every command of the README does what it shows",
        run: |root, _| readme::run(root),
    },
    Step {
        name: "demo",
        about: "the binary does its main job",
        run: |root, _| Cmd::new("cargo run -- demo").run(root),
    },
    Step {
        name: "simulate",
        about: "the policies reach their goals on simulated servers",
        run: |root, _| simulate::run(root, true),
    },
    Step {
        name: "bench",
        about: "the measurements compile, which are a workspace of their own",
        run: |root, _| {
            let cmd = "cargo check --locked --workspace --manifest-path bench/Cargo.toml";
            Cmd::new(cmd).arg("--target-dir").arg("target").run(root)
        },
    },
    Step {
        name: "clients",
        about: "clients that others wrote find the emulator to be Bedrock",
        run: |root, _| clients::run(root, &[]),
    },
    Step {
        name: "orders",
        about: "the limiter bears every order of threads that a scheduler draws",
        run: |root, _| {
            let cmd = "cargo test --no-default-features --features interleavings --lib -p outcrop";
            Cmd::new(cmd).arg("interleavings").run(root)
        },
    },
    Step {
        name: "test",
        about: "all tests pass",
        run: |root, _| Cmd::new("cargo test --workspace").run(root),
    },
];

fn select(names: &[String]) -> Result<Vec<&'static Step>, Failure> {
    let unknown = names.iter().find(|name| STEPS.iter().all(|step| step.name != **name));
    if let Some(name) = unknown {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(Failure::NoStep { name: name.clone(), known: known.join(", ") });
    }
    let is_wanted = |step: &&Step| names.is_empty() || names.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(is_wanted).collect())
}

fn each(root: &Path, commands: Vec<Cmd>) -> Result<(), Failure> {
    commands.iter().try_for_each(|command| command.run(root))
}

fn table(times: &[(&str, Duration)]) -> String {
    let lines: Vec<String> = times
        .iter()
        .map(|(name, time)| format!("{:6.1} min  {name}", time.as_secs_f64() / 60.0))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(args: &[&str]) -> Vec<&'static str> {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        select(&args).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn all_steps_run_with_the_tests_last() {
        let all = names(&[]);
        assert_eq!(all.len(), STEPS.len());
        assert_eq!(all.last(), Some(&"test"));
    }

    #[test]
    fn named_steps_run_alone_and_in_their_order() {
        assert_eq!(names(&["docs", "fmt"]), ["fmt", "docs"]);
        let unknown = select(&["fmt".to_owned(), "make".to_owned()]).err().unwrap().to_string();
        assert!(unknown.contains("\"make\"") && unknown.contains("fmt, tidy"), "{unknown}");
    }

    #[test]
    fn minutes_are_told_for_each_step() {
        let times = [("fmt", Duration::from_secs(3)), ("test", Duration::from_secs(750))];
        assert_eq!(table(&times), "   0.1 min  fmt\n  12.5 min  test");
    }

    #[test]
    fn a_failed_step_says_how_to_run_it_alone() {
        let why = Box::new(Failure::Command { command: "cargo fmt".to_owned() });
        let told = Failure::Step { name: "fmt", why }.to_string();
        assert!(told.contains("`cargo fmt` failed") && told.ends_with("cargo xtask ci fmt"));
    }
}
