//! The emulator's own pages.

use serde_json::json;

use crate::body::{self, Response};
use crate::clock;
use crate::route::Page;
use crate::state::State;
use crate::wire::set;

/// Shows a page, or does what it is for.
pub(crate) fn answer(state: &State, page: Page) -> Response {
    let value = match page {
        Page::Metrics => {
            let mut metrics = state.ledger.metrics(clock::now());
            set(&mut metrics, "faults", state.faults.metrics());
            metrics
        }
        Page::Requests => state.recent.to_json(),
        Page::Reset => {
            state.ledger.reset();
            state.faults.reset();
            state.recent.clear();
            state.cache.clear();
            if let Some(replay) = state.source.replay() {
                replay.restart();
            }
            json!({})
        }
    };
    body::json(&value)
}
