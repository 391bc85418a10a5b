//! Tags of resources: their paths and names.

use hyper::Method;

/// An operation on tags. The resource is named in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagCall {
    Tag,
    Untag,
    List,
}

impl TagCall {
    /// The operation at a path, if there is one.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        match (method, path) {
            (&Method::POST, "/tagResource") => Some(Self::Tag),
            (&Method::POST, "/untagResource") => Some(Self::Untag),
            (&Method::POST, "/listTagsForResource") => Some(Self::List),
            _ => None,
        }
    }

    /// What AWS calls it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Tag => "TagResource",
            Self::Untag => "UntagResource",
            Self::List => "ListTagsForResource",
        }
    }
}
