//! What the service says of members that are not as its model wants them: all at once, each with
//! its place.

use std::fmt::{self, Display};

use crate::error::Refusal;

/// What the service's model wants of a member.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Constraint<'a> {
    NotNull,
    LengthAtLeast(usize),
    LengthAtMost(usize),
    LengthBetween(usize, usize),
    /// The items of a list are so long.
    EachLengthAtLeast(usize),
    ValueAtLeast(u64),
    ValueAtMost(u64),
    /// The pattern as the service writes it.
    Pattern(&'a str),
    OneOf(&'a [&'a str]),
    /// In words that no other member shares.
    Other(&'a str),
}

/// The constraints of one request that are broken.
#[derive(Debug, Default)]
pub(crate) struct Broken(Vec<String>);

impl Broken {
    /// Adds one. `value` is told except where it holds what people wrote.
    pub(crate) fn add(
        &mut self,
        value: Option<&dyn Display>,
        place: impl Display,
        constraint: Constraint<'_>,
    ) {
        let value = value.map_or_else(String::new, |value| format!(" '{value}'"));
        let wanted = format!("failed to satisfy constraint: {constraint}");
        self.0.push(format!("Value{value} at '{place}' {wanted}"));
    }

    /// Refuses the request if there are any.
    pub(crate) fn check(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(self.refusal()) }
    }

    fn refusal(self) -> Refusal {
        let (count, all) = (self.0.len(), self.0.join("; "));
        let errors = if count == 1 { "error" } else { "errors" };
        Refusal::validation(format!("{count} validation {errors} detected: {all}"))
    }
}

/// The refusal of a member's value.
pub(crate) fn invalid<'a>(
    place: &str,
    value: impl Display,
    constraint: impl Into<Constraint<'a>>,
) -> Refusal {
    one(Some(&value), place, constraint.into())
}

/// The refusal of a member whose value is not told.
pub(crate) fn unfit<'a>(place: &str, constraint: impl Into<Constraint<'a>>) -> Refusal {
    one(None, place, constraint.into())
}

/// The refusal of a request that lacks a member.
pub(crate) fn missing(place: &str) -> Refusal {
    unfit(place, Constraint::NotNull)
}

fn one(value: Option<&dyn Display>, place: &str, constraint: Constraint<'_>) -> Refusal {
    let mut broken = Broken::default();
    broken.add(value, place, constraint);
    broken.refusal()
}

impl<'a> From<&'a str> for Constraint<'a> {
    fn from(words: &'a str) -> Self {
        Self::Other(words)
    }
}

/// The service's words.
impl Display for Constraint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNull => f.write_str("Member must not be null"),
            Self::LengthAtLeast(least) => {
                write!(f, "Member must have length greater than or equal to {least}")
            }
            Self::LengthAtMost(most) => {
                write!(f, "Member must have length less than or equal to {most}")
            }
            Self::LengthBetween(least, most) => {
                write!(f, "Member must have length between {least} and {most}")
            }
            Self::EachLengthAtLeast(least) => {
                write!(f, "Member must satisfy constraint: [{}]", Self::LengthAtLeast(*least))
            }
            Self::ValueAtLeast(least) => {
                write!(f, "Member must have value greater than or equal to {least}")
            }
            Self::ValueAtMost(most) => {
                write!(f, "Member must have value less than or equal to {most}")
            }
            Self::Pattern(pattern) => {
                write!(f, "Member must satisfy regular expression pattern: {pattern}")
            }
            Self::OneOf(words) => {
                write!(f, "Member must satisfy enum value set: [{}]", words.join(", "))
            }
            Self::Other(words) => f.write_str(words),
        }
    }
}
