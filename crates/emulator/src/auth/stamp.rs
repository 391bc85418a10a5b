//! Times as signatures write them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A time such as `20260131T235959Z`, and what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) text: String,
    at: Timestamp,
}

impl Stamp {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() != LENGTH {
            return None;
        }
        let at = DateTime::strptime(FORM, text).ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(Self { text: text.into(), at: at.timestamp() })
    }

    pub(super) fn of(at: Timestamp) -> Self {
        Self { text: write(at), at }
    }

    /// The day, as `20260131`.
    pub(super) fn day(&self) -> &str {
        self.text.get(..DAY_LENGTH).unwrap_or_default()
    }

    /// How much later than this `other` is; negative if it is earlier.
    pub(super) fn until(&self, other: Timestamp) -> SignedDuration {
        other.duration_since(self.at)
    }
}

/// A time in the form of signatures.
pub(super) fn write(at: Timestamp) -> String {
    at.strftime(FORM).to_string()
}

const FORM: &str = "%Y%m%dT%H%M%SZ";
const LENGTH: usize = 16;
const DAY_LENGTH: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_a_time_of_utc_in_the_basic_form() {
        let stamp = Stamp::parse("20260131T235959Z").unwrap();
        let next_day: Timestamp = "2026-02-01T00:00:09Z".parse().unwrap();
        assert_eq!((stamp.day(), stamp.until(next_day).as_secs()), ("20260131", 10));
        assert_eq!(Stamp::of("2026-01-31T23:59:59Z".parse().unwrap()), stamp);
    }

    #[test]
    fn other_forms_are_none() {
        for text in ["", "2026-01-31T23:59:59Z", "20260131T235959", "20261331T235959Z", "20260131"]
        {
            assert_eq!(Stamp::parse(text), None, "{text}");
        }
    }
}
