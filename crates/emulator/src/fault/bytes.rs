//! Bodies as bytes: only the first of them, or a few at a time.

use std::num::NonZeroUsize;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt;
use serde::Deserialize;

use super::effect::{Act, Stage};
use super::frames::{Flow, Tried};
use crate::body::{self, Body, BodyError, Response};
use crate::clock;

/// So many bytes at a time, each of them sent before the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Drip {
    bytes: NonZeroUsize,
    #[serde(default)]
    every_ms: u64,
}

#[async_trait]
impl Act for Drip {
    fn name(&self) -> &'static str {
        "drip"
    }

    fn stage(&self) -> Stage {
        Stage::Answer
    }

    async fn after(&self, response: Response, _model: &str) -> Tried {
        let drip = *self;
        let drops = |body| stream::unfold((body, Bytes::new()), move |left| drip.next(left));
        Tried::Struck(response.map(|body| body::stream(drops(body))))
    }
}

impl Drip {
    /// The next few bytes, when they are due.
    async fn next(
        self,
        (mut body, mut left): (Body, Bytes),
    ) -> Option<(Result<Bytes, BodyError>, (Body, Bytes))> {
        while left.is_empty() {
            match piece(&mut body).await? {
                Ok(piece) => left = piece,
                Err(error) => return Some((Err(error), (body, left))),
            }
        }
        if self.every_ms > 0 {
            clock::sleep(Duration::from_millis(self.every_ms)).await;
        } else {
            // The server sends what it has while it waits for more.
            tokio::task::yield_now().await;
        }
        let few = left.split_to(self.bytes.get().min(left.len()));
        Some((Ok(few), (body, left)))
    }
}

/// The first bytes of a body, which then ends in this way.
pub(super) fn first(body: Body, count: u64, flow: Flow) -> Body {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    body::stream(stream::unfold(Some((body, count)), move |left| async move {
        let (mut body, left) = left?;
        if left == 0 {
            drop(body);
            return (flow == Flow::Break).then_some((body::cut_off().await, None));
        }
        Some(match piece(&mut body).await? {
            Ok(mut piece) => {
                piece.truncate(left);
                let left = left - piece.len();
                (Ok(piece), Some((body, left)))
            }
            Err(error) => (Err(error), None),
        })
    }))
}

/// The next bytes of a body.
async fn piece(body: &mut Body) -> Option<Result<Bytes, BodyError>> {
    Some(body.frame().await?.map(|frame| frame.into_data().unwrap_or_default()))
}
