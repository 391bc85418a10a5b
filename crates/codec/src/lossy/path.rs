//! Paths in the neutral request, and what they were before parts of it were left out.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use serde_json::Value;

/// A step of a path.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    pub(super) fn key(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(key),
            Self::Index(_) => None,
        }
    }
}

/// The steps of a path such as `.messages[0].content`. It ends before a key that is not plain.
pub(super) fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for word in path.split(['.', '[']).skip(1) {
        match word.strip_suffix(']') {
            Some(index) => match index.parse() {
                Ok(index) => steps.push(Step::Index(index)),
                Err(_) => break,
            },
            None => steps.push(Step::Key(word.into())),
        }
    }
    steps
}

/// What is at the path.
pub(super) fn value_at<'a>(json: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(json, |value, step| match step {
        Step::Key(key) => value.get_mut(key.as_str()),
        Step::Index(index) => value.get_mut(*index),
    })
}

/// Tells what a path was before elements of its lists were left out.
#[derive(Default)]
pub(super) struct Original {
    /// The elements that are gone, in order, by the path that their list had.
    gone: BTreeMap<String, Vec<usize>>,
}

impl Original {
    /// Notes that an element of the list at this path is gone.
    pub(super) fn note(&mut self, list: &[Step], index: usize) {
        let list = self.path(list);
        let gone = self.gone.entry(list).or_default();
        let index = before(gone, index);
        let at = gone.partition_point(|known| *known < index);
        gone.insert(at, index);
    }

    /// The path as it was.
    pub(super) fn path(&self, path: &[Step]) -> String {
        let mut written = String::new();
        for step in path {
            // Writing to a string does not fail.
            let _infallible = match step {
                Step::Key(key) => write!(written, ".{key}"),
                Step::Index(index) => {
                    let gone = self.gone.get(&written).map(Vec::as_slice).unwrap_or_default();
                    write!(written, "[{}]", before(gone, *index))
                }
            };
        }
        written
    }
}

/// The index that an element had before those that are gone were left out.
fn before(gone: &[usize], index: usize) -> usize {
    gone.iter().fold(index, |index, gone| if *gone <= index { index + 1 } else { index })
}
