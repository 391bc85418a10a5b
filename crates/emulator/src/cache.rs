//! The prompt cache: which beginnings of prompts a model has read of late.
//!
//! The service caches nothing below a length that differs by model. Here everything up to a mark is
//! cached, however short, so that a short test sees the counters.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::Usage;

/// The beginnings that were read, shared by all calls.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<(String, u64), Instant>>);

impl Cache {
    /// Parts the input of a call at `now` into what was cached, what it caches, and the rest.
    /// A point is the digest of a beginning and its tokens. Nothing is kept of a call that is
    /// throttled, so this only reads; [`keep`](Self::keep) follows once the call is admitted.
    pub(crate) fn look(&self, now: Instant, model: &str, points: &[(u64, u64)], usage: &mut Usage) {
        let Some((_, marked)) = points.last() else { return };
        let known = self.known();
        let is_kept = |digest: &u64| {
            let read = known.get(&(model.to_owned(), *digest));
            read.is_some_and(|read| now.saturating_duration_since(*read) < KEPT)
        };
        let found = points.iter().rev().find(|(digest, _)| is_kept(digest));
        usage.cache_read = found.map_or(0, |(_, tokens)| *tokens);
        usage.cache_write = marked.saturating_sub(usage.cache_read);
        usage.input = usage.input.saturating_sub(*marked);
    }

    /// Keeps the beginnings that a call at `now` has read.
    pub(crate) fn keep(&self, now: Instant, model: &str, points: &[(u64, u64)]) {
        if points.is_empty() {
            return;
        }
        let mut known = self.known();
        known.retain(|_, read| now.saturating_duration_since(*read) < KEPT);
        if known.len() < MOST {
            known.extend(points.iter().map(|(digest, _)| ((model.to_owned(), *digest), now)));
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.known().clear();
    }

    fn known(&self) -> MutexGuard<'_, HashMap<(String, u64), Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Each use prolongs it.
const KEPT: Duration = Duration::from_secs(5 * 60);
/// Beyond this nothing new is kept, so that memory does not grow.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn look(cache: &Cache, at: Instant, points: &[(u64, u64)]) -> (u64, u64, u64) {
        let mut usage = Usage { input: 100, ..Usage::default() };
        cache.look(at, "m", points, &mut usage);
        cache.keep(at, "m", points);
        (usage.input, usage.cache_read, usage.cache_write)
    }

    #[test]
    fn the_longest_known_beginning_is_read_and_the_rest_up_to_the_mark_written() {
        let (cache, start) = (Cache::default(), clock::now());
        assert_eq!(look(&cache, start, &[]), (100, 0, 0));
        assert_eq!(look(&cache, start, &[(1, 40)]), (60, 0, 40));
        assert_eq!(look(&cache, start, &[(1, 40), (2, 70)]), (30, 40, 30));
        assert_eq!(look(&cache, start, &[(1, 40), (2, 70)]), (30, 70, 0));
        assert_eq!(look(&cache, start + KEPT, &[(1, 40)]), (60, 0, 40));
    }
}
