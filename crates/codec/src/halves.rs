//! Characters of which one half comes in one event and the rest in the next.
//!
//! A service that cuts text by bytes can end one JSON string inside a character and begin the next
//! with the rest of it, raw or as half of a pair of escapes. Neither string is one by itself, so
//! this looks only at payloads that cannot be read: the first half is held back, and put before the
//! second when that comes.

use alloc::vec::Vec;

use serde_json::Value;

/// The half of a character that waits for the rest.
#[derive(Debug, Default)]
pub(crate) struct Halves {
    held: Vec<u8>,
}

impl Halves {
    /// Reads the JSON of one event, its characters made whole.
    pub(crate) fn parse(&mut self, json: &[u8]) -> serde_json::Result<Value> {
        serde_json::from_slice(json).or_else(|error| self.mend(json).ok_or(error))
    }

    /// What the JSON says with whole characters; `None`, if it had no halves or something else is
    /// wrong.
    fn mend(&mut self, json: &[u8]) -> Option<Value> {
        let mut mended = Vec::with_capacity(json.len() + self.held.len());
        let (mut waiting, mut held) = (self.held.as_slice(), Vec::new());
        let mut rest = json;
        // Every other piece between quotes is a string; an escaped quote is part of its string.
        while let Some(quote) = rest.iter().position(|byte| *byte == b'"') {
            let (before, after) = rest.split_at_checked(quote + 1)?;
            mended.extend_from_slice(before);
            let end = end_of_string(after)?;
            let (string, after) = after.split_at_checked(end)?;
            let mut joined = Vec::new();
            let string = if continues(waiting, string) {
                joined.extend_from_slice(waiting);
                joined.extend_from_slice(string);
                waiting = &[];
                joined.as_slice()
            } else {
                string
            };
            let (whole, half) = string.split_at_checked(string.len() - half_at_end(string))?;
            mended.extend_from_slice(whole);
            if !half.is_empty() {
                held = half.to_vec();
            }
            let (quote, after) = after.split_at_checked(1)?;
            mended.extend_from_slice(quote);
            rest = after;
        }
        mended.extend_from_slice(rest);
        let mended = serde_json::from_slice(&mended).ok()?;
        self.held = held;
        Some(mended)
    }
}

/// Where the string that begins here ends.
fn end_of_string(bytes: &[u8]) -> Option<usize> {
    let mut escaped = false;
    bytes.iter().position(|byte| {
        let end = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        end
    })
}

/// Whether a string begins with the rest of the character that this is the beginning of.
fn continues(held: &[u8], string: &[u8]) -> bool {
    match held.first() {
        Some(b'\\') => surrogate(string).is_some_and(|unit| (0xDC00..0xE000).contains(&unit)),
        Some(_) => string.first().is_some_and(|byte| is_continuation(*byte)),
        None => false,
    }
}

/// How many bytes at the end of a string are the beginning of a character.
fn half_at_end(string: &[u8]) -> usize {
    let last = string.len().saturating_sub(ESCAPE);
    let escape = string.get(last..).unwrap_or_default();
    let lone = surrogate(escape).is_some_and(|unit| (0xD800..0xDC00).contains(&unit));
    if lone
        && string.get(..last).is_some_and(|before| trailing_backslashes(before).is_multiple_of(2))
    {
        return ESCAPE;
    }
    // A character has at most three bytes after its first.
    let tail = string.iter().rev().take_while(|byte| is_continuation(**byte)).count();
    let first = string.len().checked_sub(tail + 1).and_then(|at| string.get(at));
    let needed = match first {
        Some(0xC2..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..=0xF4) => 4,
        _ => return 0,
    };
    if tail + 1 < needed { tail + 1 } else { 0 }
}

/// The code unit of the escape `\uXXXX` that a string begins with.
fn surrogate(string: &[u8]) -> Option<u32> {
    let digits = string.get(..ESCAPE)?.strip_prefix(b"\\u")?;
    u32::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()
}

fn trailing_backslashes(bytes: &[u8]) -> usize {
    bytes.iter().rev().take_while(|byte| **byte == b'\\').count()
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// The length of an escape such as `\ud83e`.
const ESCAPE: usize = 6;
