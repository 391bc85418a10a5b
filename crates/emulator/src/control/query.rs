//! The part of a URL after the question mark.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use super::members::{self, Form};
use crate::constraint;
use crate::error::Refusal;

/// The parameters of a request; those that nobody asks for are let pass.
#[derive(Debug)]
pub(crate) struct Query(HashMap<String, String>);

impl Query {
    /// Reads a query. Of a parameter that comes twice the last counts.
    pub(crate) fn read(query: &str) -> Self {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let decode = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Self(pairs.map(|(key, value)| (decode(key), decode(value))).collect())
    }

    /// A text, as it came.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// A text of some form.
    pub(crate) fn formed(&self, key: &str, form: &Form) -> Result<Option<&str>, Refusal> {
        let given = self.text(key);
        given.map_or(Ok(()), |text| form.check(key, text))?;
        Ok(given)
    }

    /// One of a few words.
    pub(crate) fn one_of(
        &self,
        key: &str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>, Refusal> {
        self.text(key).map(|given| members::word(key, given, words)).transpose()
    }

    /// A whole number.
    pub(crate) fn whole(
        &self,
        key: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, Refusal> {
        let number = |given: &str| members::number(key, given, given.parse().ok(), range);
        self.text(key).map(number).transpose()
    }

    /// A moment.
    pub(crate) fn time(&self, key: &str) -> Result<Option<Timestamp>, Refusal> {
        let read = |given: &str| {
            let constraint = "Member must be a timestamp of ISO 8601";
            given.parse().map_err(|_| constraint::invalid(key, given, constraint))
        };
        self.text(key).map(read).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded() {
        let query = Query::read("a=1&time=2026-01-02T03%3A04%3A05Z&b=x%20y&flag&b=z");
        assert_eq!(query.whole("a", 0..=9), Ok(Some(1)));
        assert_eq!(query.text("b"), Some("z"));
        assert_eq!(query.time("time").unwrap().unwrap().to_string(), "2026-01-02T03:04:05Z");
        assert_eq!(query.text("flag"), None);
        assert!(query.time("a").is_err() && query.whole("b", 0..=9).is_err());
    }
}
