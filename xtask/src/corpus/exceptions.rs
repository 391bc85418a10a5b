//! Mismatches that are known, each with its reason.

use std::path::Path;

use serde::Deserialize;

use crate::failure::Failure;

/// A known mismatch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    /// The name of the case, in which `*` stands for any text.
    pub(crate) case: String,
    /// The check that it fails.
    pub(crate) check: String,
    /// Why that is right.
    pub(crate) reason: String,
}

impl Exception {
    /// Reads a list of exceptions, each of which needs a reason.
    pub(crate) fn read_all(path: &Path) -> Result<Vec<Self>, Failure> {
        let list: Vec<Self> = super::read_json(path)?;
        match list.iter().find(|exception| exception.reason.trim().is_empty()) {
            Some(exception) => {
                Err(Failure::NoReason { path: path.to_path_buf(), case: exception.case.clone() })
            }
            None => Ok(list),
        }
    }

    /// Whether it is about this check of this case.
    pub(crate) fn covers(&self, case: &str, check: &str) -> bool {
        self.check == check && matches(&self.case, case)
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(tail) = name.strip_prefix(start) else { return false };
    let mut ends = tail.char_indices().map(|(at, _)| at).chain([tail.len()]);
    ends.any(|at| tail.get(at..).is_some_and(|tail| matches(rest, tail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c*e", "abcde", true),
            ("a*x*e", "abcde", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn an_exception_is_about_one_check() {
        let exception =
            Exception { case: "x*".into(), check: "request".into(), reason: "r".into() };
        assert!(exception.covers("xy", "request"));
        assert!(!exception.covers("xy", "reply"));
        assert!(!exception.covers("y", "request"));
    }
}
