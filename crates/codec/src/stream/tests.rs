//! Every way in which a stream can end, and every way in which it can be cut.

mod ends;
mod support;
