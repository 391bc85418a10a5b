//! What can be wrong with a frame.

use thiserror::Error;

/// Why bytes are not a frame, or why a frame cannot be written.
///
/// After the first of these nothing later in the stream can be trusted, since the end of the bad
/// frame is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The two lengths do not match their checksum: the bytes were damaged on the way, or are not
    /// an event stream at all.
    #[error(
        "corrupt frame: its prelude has the checksum {actual:08x}, not {stated:08x} as stated; \
         the bytes were damaged, or are not an event stream"
    )]
    PreludeChecksum {
        /// The checksum that the frame carries.
        stated: u32,
        /// The checksum of the bytes that came.
        actual: u32,
    },
    /// The frame does not match its checksum: it was damaged on the way.
    #[error(
        "corrupt frame: its bytes have the checksum {actual:08x}, not {stated:08x} as stated; \
         its content was dropped"
    )]
    MessageChecksum {
        /// The checksum that the frame carries.
        stated: u32,
        /// The checksum of the bytes that came.
        actual: u32,
    },
    /// The stated length is less than what any frame has.
    #[error("malformed frame: it claims {total} bytes, and no frame has fewer than 16")]
    TooShort {
        /// The stated length of the frame, in bytes.
        total: u32,
    },
    /// The headers are longer than the frame that holds them.
    #[error("malformed frame: it claims {headers} bytes of headers in a frame of {total}")]
    HeadersOverrun {
        /// The stated length of the headers, in bytes.
        headers: u32,
        /// The stated length of the frame, in bytes.
        total: u32,
    },
    /// The frame is longer than is allowed. None of it was kept.
    #[error("frame too long: it has {total} bytes, and the limit is {max}")]
    TooLong {
        /// The length of the frame, in bytes.
        total: usize,
        /// The limit, in bytes.
        max: usize,
    },
    /// A header has a form that the framing does not know, or cannot be written.
    #[error("bad header at byte {at} of the frame's headers: {problem}")]
    Header {
        /// Where in the section of headers this one begins, in bytes.
        at: usize,
        /// What is wrong with it.
        problem: HeaderProblem,
    },
}

/// What is wrong with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HeaderProblem {
    /// It runs over the end of the headers.
    #[error("it is longer than the headers that are left")]
    CutOff,
    /// Its value has a form that is not one of the ten.
    #[error("its value has the form {0}, and the forms are 0 to 9")]
    UnknownForm(u8),
    /// Its name is not UTF-8.
    #[error("its name is not UTF-8")]
    NameNotUtf8,
    /// Its value says that it is a string, and is not UTF-8.
    #[error("its value is a string that is not UTF-8")]
    ValueNotUtf8,
    /// When writing: the name does not fit.
    #[error("its name has {0} bytes, and 255 fit")]
    NameTooLong(usize),
    /// When writing: the value does not fit.
    #[error("its value has {0} bytes, and 32767 fit")]
    ValueTooLong(usize),
}
