//! What the tests share: the binary, servers that misbehave, and the frames that these send.

pub(crate) mod run;
pub(crate) mod server;
pub(crate) mod wire;
