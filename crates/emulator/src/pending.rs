//! A request that is being answered, and the record that it leaves whatever becomes of it.

use hyper::http::request::Parts;
use tokio::time::Instant;

use crate::body::Response;
use crate::error::ERROR_TYPE;
use crate::fault::Hits;
use crate::recent::Record;
use crate::route::Operation;
use crate::state::State;
use crate::{auth, clock, lifetime};

/// A request until its answer begins. It is recorded when this is dropped, which comes early where
/// the client goes away.
pub(crate) struct Pending<'a> {
    state: &'a State,
    started: Instant,
    pub(crate) record: Record,
    /// The faults that hit it.
    pub(crate) hits: Hits,
    /// The emulator's own pages are not recorded.
    is_own: bool,
}

impl<'a> Pending<'a> {
    pub(crate) fn new(state: &'a State, head: &Parts, operation: &Operation) -> Self {
        let record = Record {
            at: clock::wall(),
            method: head.method.to_string(),
            path: auth::shown(&head.uri),
            operation: operation.name(),
            model: operation.model().map(Into::into),
            request_id: state.ids.uuid(),
            ..Record::default()
        };
        let is_own = matches!(operation, Operation::Inspect(_));
        Self { state, started: clock::now(), record, hits: Hits::default(), is_own }
    }

    /// Records the request with the head of its answer.
    pub(crate) fn answered(mut self, response: &Response) {
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let error = header(ERROR_TYPE).and_then(|error| error.split(':').next());
        self.record.status = Some(response.status().as_u16());
        self.record.error = error.map(Into::into);
        self.record.warning = header(lifetime::WARNING).map(Into::into);
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if self.is_own {
            return;
        }
        let mut record = std::mem::take(&mut self.record);
        record.faults = self.hits.names();
        record.millis = clock::millis_since(self.started);
        if let Some(log) = &self.state.settings.access_log {
            log.line(&record.to_string());
        }
        self.state.recent.push(record);
    }
}
