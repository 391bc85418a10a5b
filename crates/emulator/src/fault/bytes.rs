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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::full;
    use crate::fault::frames::tests::{read, struck};

    #[tokio::test(start_paused = true)]
    async fn a_body_of_a_hundred_bytes_takes_as_long_as_its_pieces() {
        for (bytes, every_ms, millis) in [(10, 1000, 10_000), (30, 250, 1000), (1, 0, 0)] {
            let drip = Drip { bytes: NonZeroUsize::new(bytes).unwrap(), every_ms };
            let response = hyper::Response::new(full(vec![7; 100]));
            let begin = clock::now();
            let response = struck(drip.after(response, "").await);
            assert_eq!(read(response).await, (vec![7; 100], true));
            assert_eq!(clock::millis_since(begin), millis);
        }
    }

    #[tokio::test]
    async fn only_the_first_bytes_leave_and_then_the_end_that_was_asked_for() {
        for (flow, is_clean) in [(Flow::End, true), (Flow::Break, false)] {
            let body = first(full(vec![7; 100]), 30, flow);
            assert_eq!(read(hyper::Response::new(body)).await, (vec![7; 30], is_clean));
        }
        let body = first(full(vec![7; 100]), 101, Flow::Break);
        assert_eq!(read(hyper::Response::new(body)).await, (vec![7; 100], true));
    }
}
