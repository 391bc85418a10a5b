//! An answer in one piece, which is held in memory and so has limits.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Body;

use crate::clock;
use crate::outgoing::causes;

/// Reads a body to its end, or tells why it cannot be.
pub(super) async fn read<B>(body: B) -> Result<Bytes, String>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
{
    match clock::within(LATEST, Limited::new(body, LARGEST).collect()).await {
        Some(Ok(body)) => Ok(body.to_bytes()),
        Some(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            Err(format!("its answer is larger than {LARGEST} bytes"))
        }
        Some(Err(error)) => Err(causes(&*error)),
        None => Err(format!("its answer took longer than {} seconds", LATEST.as_secs())),
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
        assert!(large.contains("larger than 67108864 bytes"), "{large}");
        let endless = body::stream(of(1).chain(stream::pending()));
        let late = clock::within(2 * LATEST, read(endless)).await.unwrap().unwrap_err();
        assert!(late.contains("longer than 600 seconds"), "{late}");
    }
}
