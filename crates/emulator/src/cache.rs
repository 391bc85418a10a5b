//! The prompt cache: which beginnings of prompts a model has read of late.
//!
//! The service caches nothing below a length that differs by model. Here everything up to a mark is
//! cached, however short, so that a short test sees the counters.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::Usage;

/// The beginnings that were read, shared by all calls.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<(String, u64), Instant>>);

impl Cache {
    /// Parts the input of a call at `now` into what was cached, what is cached now, and the rest.
    /// A point is the digest of a beginning and its tokens.
    pub(crate) fn look(&self, now: Instant, model: &str, points: &[(u64, u64)], usage: &mut Usage) {
        let Some((_, marked)) = points.last() else { return };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, read| now.saturating_duration_since(*read) < KEPT);
        let key = |digest: &u64| (model.to_owned(), *digest);
        let found = points.iter().rev().find(|(digest, _)| known.contains_key(&key(digest)));
        usage.cache_read = found.map_or(0, |(_, tokens)| *tokens);
        usage.cache_write = marked.saturating_sub(usage.cache_read);
        usage.input = usage.input.saturating_sub(*marked);
        if known.len() < MOST {
            known.extend(points.iter().map(|(digest, _)| (key(digest), now)));
        }
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
