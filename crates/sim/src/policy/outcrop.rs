//! `outcrop`: our policy, knowing how the server keeps its quotas, with every token counted.

use std::time::Duration;

use quota::ServerModel;

use super::Policy;
use super::ours::{self, Size};
use crate::server::Refill;
use crate::workload::Workload;

pub(super) fn make(work: &Workload, refill: Refill, seed: u64) -> Box<dyn Policy> {
    let server = match refill {
        Refill::Bucket(burst) => ServerModel::Bucket { burst: Duration::from_nanos(burst) },
        Refill::Sliding => ServerModel::Sliding,
        Refill::Minute => ServerModel::ClockMinute,
    };
    ours::make(work, server, Size::Counted, seed)
}
