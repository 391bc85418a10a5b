//! Batch inference jobs: they read JSONL from S3, run each record, and write the results to S3.

mod api;
mod failure;
mod input;
mod job;
mod lifecycle;
mod output;
mod record;
mod request;
mod s3_uri;
mod store;

pub(crate) use self::api::answer;
pub(crate) use self::output::UNFINISHED;
pub(crate) use self::store::Jobs;
