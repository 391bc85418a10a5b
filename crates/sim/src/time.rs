//! Virtual time, in nanoseconds since the start of a run.

/// A second.
pub const SECOND: u64 = 1_000_000_000;
/// A minute.
pub const MINUTE: u64 = 60 * SECOND;
/// The end of time: nothing happens then.
pub const NEVER: u64 = u64::MAX;

/// A span in seconds as nanoseconds.
pub fn nanos(seconds: f64) -> u64 {
    (seconds * SECOND as f64) as u64
}

/// A span in nanoseconds as seconds.
pub fn seconds(nanos: u64) -> f64 {
    nanos as f64 / SECOND as f64
}
