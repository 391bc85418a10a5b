//! A day of the calendar. This crate has no clock: today is handed in.

use core::fmt;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, if there is such a one.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        if month < 1 || month > 12 || day < 1 || day > days_in(year, month) {
            return None;
        }
        Some(Self { year, month, day })
    }

    /// Reads `2026-11-21`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || (year.len(), month.len(), day.len()) != (4, 2, 2) {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// A day that is written in the sources, and checked by their tests.
    pub(crate) const fn listed(year: u16, month: u8, day: u8) -> Self {
        Self { year, month, day }
    }

    /// The days from this day to a later one; negative where it is earlier.
    pub fn days_until(self, later: Self) -> i32 {
        later.number() - self.number()
    }

    /// The days since a day before the year 1, by the rule of leap years.
    fn number(self) -> i32 {
        // Counted from March, a leap day is the last of its year.
        let (year, month) = match self.month {
            1 | 2 => (i32::from(self.year) - 1, i32::from(self.month) + 9),
            month => (i32::from(self.year), i32::from(month) - 3),
        };
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        365 * year + leap_days + (153 * month + 2) / 5 + i32::from(self.day)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

const fn days_in(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        for text in ["2026-11-21", "2024-02-29", "2000-02-29"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
        for text in ["2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "today"] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_counted_over_months_and_leap_years() {
        let days = |from, to| Date::parse(from).unwrap().days_until(Date::parse(to).unwrap());
        assert_eq!(days("2026-11-21", "2026-11-26"), 5);
        assert_eq!(days("2024-02-28", "2024-03-01"), 2);
        assert_eq!(days("2023-01-01", "2024-01-01"), 365);
        assert_eq!(days("2024-01-01", "2025-01-01"), 366);
        assert_eq!(days("2027-01-01", "2026-12-31"), -1);
    }
}
