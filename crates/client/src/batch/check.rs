//! What can be known to be wrong with a batch before anything is uploaded.

use std::collections::HashSet;

use codec::ModelRef;
use transport::JobFilter;

use crate::attempt::attempt;
use crate::batch::error::BatchError;
use crate::batch::handle::last_part;
use crate::batch::place::Place;
use crate::batch::status::JobState;
use crate::client::Client;
use crate::error::Error;

/// Whether the service would take this as a job's name.
pub(crate) fn name(name: &str) -> Result<(), BatchError> {
    let plain = |c: char| c.is_ascii_alphanumeric();
    let good = name.len() <= 63
        && name.starts_with(plain)
        && name.chars().all(|c| plain(c) || matches!(c, '-' | '+' | '.'));
    if good { Ok(()) } else { Err(BatchError::Name { name: name.to_owned() }) }
}

/// Whether this is `arn:aws…:iam::ACCOUNT:role/NAME`.
pub(crate) fn role(arn: &str) -> Result<(), BatchError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let good = match parts.as_slice() {
        ["arn", partition, "iam", "", account, role] => {
            (*partition == "aws" || partition.starts_with("aws-"))
                && (account.is_empty()
                    || account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()))
                && role.strip_prefix("role/").is_some_and(|name| !name.is_empty())
        }
        _ => false,
    };
    if good && arn.len() <= 2048 { Ok(()) } else { Err(BatchError::Role { arn: arn.to_owned() }) }
}

/// Whether the bucket is there, as far as this client may know.
pub(crate) async fn bucket(client: &Client, place: &Place) -> Result<(), Error> {
    let objects = client.objects()?;
    let list = || objects.list(place.bucket.clone(), place.key.clone());
    match attempt(client, list).await {
        Err(error) if error.service_code() == Some("NoSuchBucket") => {
            let message = format!(
                "the bucket {:?} does not exist; create it in the region of the job, or name another",
                place.bucket
            );
            Err(Error::new(error.kind(), message).with_source(error))
        }
        Err(error) if !error.is_access_denied() => Err(error),
        _ => Ok(()),
    }
}

/// Whether there is room for one more job of this model, as far as this client may know.
pub(crate) async fn running(
    client: &Client,
    model: &ModelRef,
    max: Option<u32>,
) -> Result<(), Error> {
    let Some(max) = max else { return Ok(()) };
    match count_running(client, model).await {
        Ok(running) if running >= max => {
            let model = model.address().to_owned();
            Err(BatchError::TooManyJobs { running, max, model }.into())
        }
        Err(error) if !error.is_access_denied() => Err(error),
        _ => Ok(()),
    }
}

async fn count_running(client: &Client, model: &ModelRef) -> Result<u32, Error> {
    let jobs = client.jobs()?;
    // A job may move from one state to the next between two of the calls.
    let mut running = HashSet::new();
    for state in JobState::RUNNING {
        let mut filter = JobFilter::default();
        filter.status = Some(state.as_str().to_owned());
        filter.max_results = Some(1000);
        loop {
            let page = attempt(client, || jobs.list(filter.clone())).await?;
            // The service may name a model by its ARN where it was given an id.
            let same = |own: &str| last_part(own) == last_part(model.address());
            running.extend(page.jobs.into_iter().filter(|job| same(&job.model)).map(|job| job.arn));
            if page.next_token.is_none() {
                break;
            }
            filter.next_token = page.next_token;
        }
    }
    Ok(u32::try_from(running.len()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_roles_are_judged_as_the_service_does() {
        let longest = "a".repeat(63);
        for good in ["a", "7", "a-b", "A.b+c", "a--", &longest] {
            assert!(name(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", ".a", "a b", "a_b", "ä", &"a".repeat(64)] {
            assert!(name(bad).is_err(), "{bad}");
        }
        for good in [
            "arn:aws:iam::123456789012:role/batch",
            "arn:aws-us-gov:iam::123456789012:role/path/to/batch",
            "arn:aws-cn:iam:::role/b",
        ] {
            assert!(role(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "batch",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:user/batch",
            "arn:aws:iam::12345:role/batch",
            "arn:aws:iam::12345678901x:role/batch",
            "arn:aws:sts::123456789012:role/batch",
            "arn:google:iam::123456789012:role/batch",
            " arn:aws:iam::123456789012:role/batch",
        ] {
            assert!(role(bad).is_err(), "{bad}");
        }
    }
}
