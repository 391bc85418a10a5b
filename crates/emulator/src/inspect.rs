//! The emulator's own pages.

use serde_json::json;

use crate::body::{self, Response};
use crate::clock;
use crate::route::Page;
use crate::state::State;

/// Shows a page, or does what it is for.
pub(crate) fn answer(state: &State, page: Page) -> Response {
    let value = match page {
        Page::Metrics => state.ledger.metrics(clock::now()),
        Page::Requests => state.recent.to_json(),
        Page::Reset => {
            state.ledger.reset();
            state.recent.clear();
            if let Some(replay) = &state.replay {
                replay.restart();
            }
            json!({})
        }
    };
    body::json(&value)
}
