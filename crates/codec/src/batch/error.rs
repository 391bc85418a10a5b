//! What can be wrong with a line.

use alloc::string::{String, ToString};

use thiserror::Error;

/// Why a line is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LineError {
    /// There is nothing on the line but spaces.
    #[error("the line is blank; remove it")]
    Blank,
    /// The bytes are not text.
    #[error("not UTF-8 at byte {at}; save the file as UTF-8")]
    NotUtf8 {
        /// How many bytes before it are good.
        at: usize,
    },
    /// The text is not JSON.
    #[error("not JSON at column {column}: {message}")]
    Syntax {
        /// The column in bytes, from 1; 0 where there is no text at all.
        column: usize,
        /// What the JSON parser said.
        message: String,
    },
    /// The line is JSON, and not an object.
    #[error("a record is a JSON object, and this is {found}")]
    NotObject {
        /// What is there.
        found: &'static str,
    },
    /// A member occurs twice, and which one is meant cannot be known.
    #[error("{member:?} occurs twice; keep one of them")]
    Duplicate {
        /// Its name.
        member: String,
    },
    /// A member has nearly the name of one that matters.
    #[error("{found:?} is not known; write {meant:?}")]
    Misspelt {
        /// The name on the line.
        found: String,
        /// The name that it should have.
        meant: &'static str,
    },
    /// A member is not there.
    #[error("{member:?} is missing")]
    Missing {
        /// Its name.
        member: &'static str,
    },
    /// Neither of two members is there.
    #[error("one of {one:?} and {other:?} is needed, and both are missing")]
    Neither {
        /// A name.
        one: &'static str,
        /// The other name.
        other: &'static str,
    },
    /// Two members are there that exclude each other.
    #[error("{one:?} and {other:?} exclude each other, and both are there")]
    Both {
        /// A name.
        one: &'static str,
        /// The other name.
        other: &'static str,
    },
    /// A member has another type than it should.
    #[error("{member:?} should be {expected} and is {found}")]
    Type {
        /// Its name.
        member: &'static str,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A text holds one half of a surrogate pair, as `\ud800` with nothing after it.
    #[error("{member:?} holds half a character (one of \\ud800 to \\udfff on its own)")]
    HalfCharacter {
        /// The member's name.
        member: &'static str,
    },
    /// A text is empty, or nothing but spaces.
    #[error("{member:?} is blank")]
    BlankText {
        /// The member's name.
        member: &'static str,
    },
}

impl From<serde_json::Error> for LineError {
    fn from(error: serde_json::Error) -> Self {
        let mut message = error.to_string();
        // The parser counts lines too, which next to the caller's line number would only confuse.
        if let Some(at) = message.rfind(" at line ") {
            message.truncate(at);
        }
        Self::Syntax { column: error.column(), message }
    }
}
