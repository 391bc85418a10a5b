//! The headers of a frame: a name and one of ten forms of value.

use alloc::vec::Vec;
use core::fmt;

use super::error::{FrameError, HeaderProblem};

/// The value of a header.
///
/// The wire has ten forms, since it spells the two Booleans as two forms without content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the framing is frozen; a new form would be an error")]
pub enum HeaderValue<'a> {
    /// Forms 0 (true) and 1 (false).
    Bool(bool),
    /// Form 2.
    I8(i8),
    /// Form 3.
    I16(i16),
    /// Form 4.
    I32(i32),
    /// Form 5.
    I64(i64),
    /// Form 6: at most 32,767 bytes when written, 65,535 when read.
    Bytes(&'a [u8]),
    /// Form 7, the only one that Bedrock is seen to use; limits as for bytes.
    String(&'a str),
    /// Form 8: milliseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// Form 9.
    Uuid([u8; 16]),
}

impl<'a> HeaderValue<'a> {
    fn read(bytes: &mut &'a [u8]) -> Result<Self, HeaderProblem> {
        let [form] = take(bytes)?;
        Ok(match form {
            0 => Self::Bool(true),
            1 => Self::Bool(false),
            2 => Self::I8(i8::from_be_bytes(take(bytes)?)),
            3 => Self::I16(i16::from_be_bytes(take(bytes)?)),
            4 => Self::I32(i32::from_be_bytes(take(bytes)?)),
            5 => Self::I64(i64::from_be_bytes(take(bytes)?)),
            6 => Self::Bytes(take_counted(bytes)?),
            7 => Self::String(
                str::from_utf8(take_counted(bytes)?).map_err(|_| HeaderProblem::ValueNotUtf8)?,
            ),
            8 => Self::Timestamp(i64::from_be_bytes(take(bytes)?)),
            9 => Self::Uuid(take(bytes)?),
            form => return Err(HeaderProblem::UnknownForm(form)),
        })
    }

    /// Passes over a value, of which everything is checked but whether a string is UTF-8.
    fn skip(bytes: &mut &'a [u8]) -> Result<(), HeaderProblem> {
        let [form] = take(bytes)?;
        let len = match form {
            0 | 1 => 0,
            2 => 1,
            3 => 2,
            4 => 4,
            5 | 8 => 8,
            6 | 7 => u16::from_be_bytes(take(bytes)?).into(),
            9 => 16,
            form => return Err(HeaderProblem::UnknownForm(form)),
        };
        take_slice(bytes, len).map(|_| ())
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), HeaderProblem> {
        match self {
            Self::Bool(true) => out.push(0),
            Self::Bool(false) => out.push(1),
            Self::I8(value) => put(out, 2, &value.to_be_bytes()),
            Self::I16(value) => put(out, 3, &value.to_be_bytes()),
            Self::I32(value) => put(out, 4, &value.to_be_bytes()),
            Self::I64(value) => put(out, 5, &value.to_be_bytes()),
            Self::Bytes(value) => put_counted(out, 6, value)?,
            Self::String(value) => put_counted(out, 7, value.as_bytes())?,
            Self::Timestamp(value) => put(out, 8, &value.to_be_bytes()),
            Self::Uuid(value) => put(out, 9, value),
        }
        Ok(())
    }
}

impl<'a> From<&'a str> for HeaderValue<'a> {
    fn from(text: &'a str) -> Self {
        Self::String(text)
    }
}

/// The headers of a frame with their names, in the order of the wire.
///
/// They are read from the frame's own bytes each time, which for the three headers of a usual frame
/// is cheaper than a map.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Headers<'a> {
    rest: &'a [u8],
}

impl<'a> Headers<'a> {
    /// Headers that can be read to their end, which the iterator then relies on.
    pub(super) fn check(section: &'a [u8]) -> Result<Self, FrameError> {
        let mut rest = section;
        // What is ASCII, as nearly all headers are, is UTF-8 in each of its parts.
        let is_ascii = section.is_ascii();
        while !rest.is_empty() {
            let at = section.len() - rest.len();
            let checked = if is_ascii { skip(&mut rest) } else { read(&mut rest).map(|_| ()) };
            checked.map_err(|problem| FrameError::Header { at, problem })?;
        }
        Ok(Self { rest: section })
    }

    /// The first value under this name, whatever the case of its letters. The others are not read.
    pub(super) fn find(mut self, name: &str) -> Option<HeaderValue<'a>> {
        loop {
            let known = take_name(&mut self.rest).ok()?;
            // Nearly always the case is the usual one, which is quicker to compare.
            if known == name.as_bytes() || known.eq_ignore_ascii_case(name.as_bytes()) {
                return HeaderValue::read(&mut self.rest).ok();
            }
            HeaderValue::skip(&mut self.rest).ok()?;
        }
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a str, HeaderValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        read(&mut self.rest).ok()
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(*self).finish()
    }
}

/// Appends one header to a section of headers.
pub(super) fn write(
    name: &str,
    value: &HeaderValue<'_>,
    out: &mut Vec<u8>,
) -> Result<(), FrameError> {
    let at = out.len();
    let wrong = |problem| FrameError::Header { at, problem };
    let len =
        u8::try_from(name.len()).map_err(|_| wrong(HeaderProblem::NameTooLong(name.len())))?;
    out.push(len);
    out.extend_from_slice(name.as_bytes());
    value.write(out).map_err(wrong)
}

fn read<'a>(bytes: &mut &'a [u8]) -> Result<(&'a str, HeaderValue<'a>), HeaderProblem> {
    let name = str::from_utf8(take_name(bytes)?).map_err(|_| HeaderProblem::NameNotUtf8)?;
    Ok((name, HeaderValue::read(bytes)?))
}

fn skip(bytes: &mut &[u8]) -> Result<(), HeaderProblem> {
    take_name(bytes)?;
    HeaderValue::skip(bytes)
}

fn take_name<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], HeaderProblem> {
    let [len] = take(bytes)?;
    take_slice(bytes, len.into())
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], HeaderProblem> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(HeaderProblem::CutOff)?;
    *bytes = rest;
    Ok(*taken)
}

fn take_slice<'a>(bytes: &mut &'a [u8], len: usize) -> Result<&'a [u8], HeaderProblem> {
    let (taken, rest) = bytes.split_at_checked(len).ok_or(HeaderProblem::CutOff)?;
    *bytes = rest;
    Ok(taken)
}

fn take_counted<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], HeaderProblem> {
    let len = u16::from_be_bytes(take(bytes)?);
    take_slice(bytes, len.into())
}

fn put(out: &mut Vec<u8>, form: u8, content: &[u8]) {
    out.push(form);
    out.extend_from_slice(content);
}

fn put_counted(out: &mut Vec<u8>, form: u8, content: &[u8]) -> Result<(), HeaderProblem> {
    let len = u16::try_from(content.len())
        .ok()
        .filter(|len| *len <= MAX_WRITTEN)
        .ok_or(HeaderProblem::ValueTooLong(content.len()))?;
    put(out, form, &len.to_be_bytes());
    out.extend_from_slice(content);
    Ok(())
}

/// Two bytes could count to 65,535; other implementations stop at half of it.
const MAX_WRITTEN: u16 = i16::MAX.unsigned_abs();
