//! Servers beside written-out lists, policies beside their published numbers, runs beside what was
//! measured.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod drive;
mod facts;
mod ideal;
mod naive;
mod policies;
mod servers;
