//! What the operations of the control plane share: names, members, queries, lists and tags.

pub(crate) mod arn;
pub(crate) mod list;
pub(crate) mod members;
pub(crate) mod page;
pub(crate) mod query;
