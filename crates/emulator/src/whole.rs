//! An answer in one piece, which is held in memory and so has limits.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Body;

use crate::clock;
use crate::outgoing::causes;

/// Why an answer has no end.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unread {
    #[error("its answer is larger than {LARGEST} bytes")]
    Large,
    #[error("its answer took longer than {} seconds", LATEST.as_secs())]
    Late,
    #[error("{0}")]
    Broken(String),
}

/// Reads a body to its end, or tells why it cannot be.
pub(crate) async fn read<B>(body: B) -> Result<Bytes, Unread>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    match clock::within(LATEST, Limited::new(body, LARGEST).collect()).await {
        Some(Ok(body)) => Ok(body.to_bytes()),
        Some(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(Unread::Large),
        Some(Err(error)) => Err(Unread::Broken(causes(&*error))),
        None => Err(Unread::Late),
    }
}

/// The largest answer, in bytes: more than the 25 MB of the service's own.
const LARGEST: usize = 64 << 20;
/// How long an answer may take from its head to its end.
const LATEST: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};

    use super::*;
    use crate::body;

    #[tokio::test(start_paused = true)]
    async fn a_body_is_read_within_its_limits_of_size_and_time() {
        let piece = || Ok(Bytes::from_static(&[b'x'; 1 << 20]));
        let of = |pieces: usize| stream::iter((0..pieces).map(move |_| piece()));
        assert_eq!(read(body::stream(of(64))).await.map(|body| body.len()), Ok(LARGEST));
        let large = read(body::stream(of(65))).await.unwrap_err();
        assert_eq!(large.to_string(), "its answer is larger than 67108864 bytes");
        let endless = body::stream(of(1).chain(stream::pending()));
        let late = clock::within(2 * LATEST, read(endless)).await.unwrap();
        assert_eq!(late, Err(Unread::Late));
    }
}
