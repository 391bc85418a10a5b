//! A wait before the answer.

use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;

use super::effect::{Act, Stage};
use crate::body::Response;
use crate::clock;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delay {
    ms: u64,
}

#[async_trait]
impl Act for Delay {
    fn name(&self) -> &'static str {
        "delay"
    }

    fn stage(&self) -> Stage {
        Stage::Before
    }

    async fn before(&self, _model: &str) -> Option<Response> {
        clock::sleep(Duration::from_millis(self.ms)).await;
        None
    }
}
