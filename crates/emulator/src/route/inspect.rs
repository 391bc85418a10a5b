//! The emulator's own pages. No bucket has a name that begins with an underscore.

use hyper::Method;

/// A page below `/_outcrop/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    Metrics,
    Requests,
    Reset,
}

impl Page {
    /// The page of a name.
    pub(super) fn of(method: &Method, page: &str) -> Option<Self> {
        match (method, page) {
            (&Method::GET, "metrics") => Some(Self::Metrics),
            (&Method::GET, "requests") => Some(Self::Requests),
            (&Method::POST, "reset") => Some(Self::Reset),
            _ => None,
        }
    }
}
