//! Parts of paths.

use percent_encoding::percent_decode_str;

/// Undoes percent-encoding; `None` if the result is not text.
pub(super) fn decode(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(Into::into)
}
