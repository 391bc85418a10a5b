//! Calls to the control plane and to S3, made as often as the one retry policy allows.

use transport::rt::Moment;

use crate::client::Client;
use crate::error::{Error, Limit, Retry};
use crate::retry::Attempts;
use crate::time::{before, first};

/// Makes a call until it succeeds or the policy says no.
///
/// Each attempt may take as long as an inference call may take to its first byte, and all together
/// as long as a call may take in total.
pub(crate) async fn attempt<T, F>(client: &Client, mut call: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, transport::Error>>,
{
    let deadline = deadline(client);
    let mut attempts = attempts(client);
    loop {
        attempts.begin();
        match once(client, deadline, call()).await {
            Ok(value) => {
                attempts.succeeded(&client.shared);
                return Ok(value);
            }
            Err(error) => attempts.again(&client.shared, error).await?,
        }
    }
}

/// The attempts of a call that begins now.
pub(crate) fn attempts(client: &Client) -> Attempts {
    let policy = client.options.retry.clone();
    Attempts::new(policy, client.shared.clock.now(), deadline(client))
}

fn deadline(client: &Client) -> Option<Moment> {
    let began = client.shared.clock.now();
    client.options.limits.total.map(|total| began.after(total))
}

async fn once<T>(
    client: &Client,
    deadline: Option<Moment>,
    call: impl Future<Output = Result<T, transport::Error>>,
) -> Result<T, Error> {
    let limits = &client.options.limits;
    let first_byte = limits.first_byte.map(|span| client.shared.clock.now().after(span));
    let (until, limit) = first(Limit::FirstByte, first_byte, deadline);
    match before(&*client.shared.timer, until, call).await {
        Some(result) => result.map_err(Error::from),
        // Each of these calls may be made twice, so what came too late is asked for again.
        None => Err(Error::timeout(limit, limits).with_retry(Retry::Pause)),
    }
}
