//! Checks that what implements the seam is held to its contract.

use crate::tree::{TextFile, Tree};

use super::Finding;
use super::text::{first_test_line, has_word, numbered};

/// Every transport, decorators included, runs the conformance suite in its package: in a file that
/// names the type, or in a test that begins with the type's name and `_conforms`.
pub(super) fn conformance(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, line, name) in implementations(tree) {
        let mut suites = tree.rust().filter(|(other, code)| {
            other.package() == file.package() && has_word(&code.bare, "conformance")
        });
        let test = format!("fn {}_conforms", snake_case(name));
        if !suites.any(|(_, code)| has_word(&code.bare, name) || code.bare.contains(&test)) {
            let what = format!("no test runs the conformance suite over `{name}`");
            findings.push(Finding::new(&file.path, line, what));
        }
    }
    findings
}

/// The types that implement `Transport`, outside of tests.
fn implementations(tree: &Tree) -> Vec<(&TextFile, usize, &str)> {
    let mut found = Vec::new();
    for (file, code) in tree.rust().filter(|(file, _)| !file.is_test()) {
        let end = first_test_line(code);
        for (number, line) in numbered(&code.bare).take_while(|(number, _)| *number < end) {
            let implemented =
                line.split_once("Transport for ").filter(|_| line.starts_with("impl"));
            if let Some((_, target)) = implemented {
                let name = target.split(['<', ' ', '{']).next().unwrap_or(target);
                found.push((file, number, name));
            }
        }
    }
    found
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::super::assert_finds;
    use super::*;

    #[test]
    fn a_transport_without_its_suite_is_found() {
        let own = ("crates/x/src/lib.rs", "//! x\nimpl<T: Transport> Transport for Slow<T> {}\n");
        let suite = "async fn a() { conformance(|s| Slow::new(s)).await }\n";
        assert_finds(conformance, &[own, ("crates/x/tests/it/main.rs", suite)], &[]);

        let named = suite.replace("fn a", "fn slow_conforms_here").replace("Slow::new(s)", "s");
        assert_finds(conformance, &[own, ("crates/x/tests/it/main.rs", &named)], &[]);

        assert_finds(conformance, &[own], &[(own.0, 2)]);
        assert_finds(conformance, &[own, ("crates/y/tests/it/main.rs", suite)], &[(own.0, 2)]);
        let other = suite.replace("Slow", "Slower");
        assert_finds(conformance, &[own, ("crates/x/tests/it/main.rs", &other)], &[(own.0, 2)]);
        let comment = format!("// {suite}");
        assert_finds(conformance, &[own, ("crates/x/tests/it/main.rs", &comment)], &[(own.0, 2)]);
    }

    #[test]
    fn a_type_gives_its_name_to_a_test() {
        assert_eq!(snake_case("Bedrock"), "bedrock");
        assert_eq!(snake_case("SlowAndSure"), "slow_and_sure");
    }

    #[test]
    fn a_transport_of_a_test_needs_no_suite() {
        let code = "impl Transport for Fake {}\n";
        assert_finds(conformance, &[("crates/x/tests/it/main.rs", code)], &[]);
        let inline = format!("//! x\n#[cfg(test)]\nmod tests {{\n{code}}}\n");
        assert_finds(conformance, &[("crates/x/src/lib.rs", &inline)], &[]);
    }
}
