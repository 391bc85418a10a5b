//! The requests of late, and how each was answered: for `/_outcrop/requests` and the access log.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

/// A request and the head of its answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) at: Timestamp,
    pub(crate) method: String,
    /// Path and query as they came.
    pub(crate) path: String,
    pub(crate) operation: &'static str,
    /// The model id of a runtime call.
    pub(crate) model: Option<String>,
    /// `None` where the client went away before its answer began.
    pub(crate) status: Option<u16>,
    /// The exception that was answered with.
    pub(crate) error: Option<String>,
    /// The faults of the scenario that hit it.
    pub(crate) faults: Vec<String>,
    /// The warning that came with the answer.
    pub(crate) warning: Option<String>,
    /// From the request to the head of its answer, or to the end of the client.
    pub(crate) millis: u64,
    pub(crate) request_id: String,
}

/// The last requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<VecDeque<Record>>);

impl Recent {
    /// Adds a request, and forgets the oldest of too many.
    pub(crate) fn push(&self, record: Record) {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() == KEPT {
            records.pop_front();
        }
        records.push_back(record);
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn to_json(&self) -> Value {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        json!({ "requests": records.iter().map(Record::to_json).collect::<Vec<_>>() })
    }
}

impl Record {
    fn to_json(&self) -> Value {
        json!({
            "time": self.at.to_string(),
            "method": self.method,
            "path": self.path,
            "operation": self.operation,
            "model": self.model,
            "status": self.status,
            "error": self.error,
            "faults": self.faults,
            "warning": self.warning,
            "ms": self.millis,
            "requestId": self.request_id,
        })
    }
}

/// One line of an access log.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, method, path, operation, millis, .. } = self;
        let status = self.status.map_or_else(|| "gone".into(), |status| status.to_string());
        write!(f, "{at:.3} {method} {path} {operation} {status} {millis}ms")?;
        let remarks = [&self.error, &self.warning];
        remarks.into_iter().flatten().try_for_each(|remark| write!(f, " {remark}"))?;
        if !self.faults.is_empty() {
            write!(f, " fault={}", self.faults.join(","))?;
        }
        Ok(())
    }
}

const KEPT: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_requests_are_forgotten() {
        let recent = Recent::default();
        for status in 0..1001 {
            recent.push(Record { status: Some(status), ..Record::default() });
        }
        let listed = recent.to_json();
        let listed = listed["requests"].as_array().unwrap();
        assert_eq!((listed.len(), &listed[0]["status"]), (1000, &json!(1)));
    }
}
