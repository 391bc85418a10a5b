//! What the operations of the control plane share: ARNs, members, queries, lists and their pages.

pub(crate) mod arn;
pub(crate) mod list;
pub(crate) mod members;
pub(crate) mod page;
pub(crate) mod query;
