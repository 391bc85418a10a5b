//! Batch inference: many records, one job, half the price.
//!
//! [`Client::batch`] begins a job, [`Client::job`] finds it again by the handle that was kept, and
//! [`Client::list_jobs`] shows what the service knows. Between submitting and reading results hours
//! may pass and the program may end: everything that is needed is in the [`JobHandle`].
//!
//! The time limits and the retry policy of the [options](crate::Options) hold for each call to the
//! service and to S3, and not for submitting, waiting or reading as a whole.

mod check;
mod error;
mod handle;
mod ids;
mod inputs;
mod items;
mod job;
mod join;
mod limits;
mod lines;
mod list;
mod place;
mod read;
mod record;
mod results;
mod status;
mod submit;
mod upload;

use codec::ModelRef;

pub use self::error::BatchError;
pub use self::handle::JobHandle;
pub use self::items::Items;
pub use self::job::{Job, Polling};
pub use self::join::Joined;
pub use self::limits::BatchLimits;
pub(crate) use self::lines::form_of;
pub use self::list::{JobQuery, JobSummary};
pub use self::record::Record;
pub use self::results::{RecordFailure, RecordOutcome};
pub use self::status::{JobCounts, JobState, JobStatus};

use crate::client::Client;

/// A batch job to be.
///
/// Bedrock reads the records from S3 and writes the results there, in a role of yours; so a bucket
/// and a role are needed. Batch has [limits](BatchLimits) of its own and draws on no quota of
/// requests or tokens per minute.
///
/// # The form of the records
///
/// All records of a job are in one form: that of Converse, or the model's own, as for InvokeModel.
/// [`Options::api`](crate::Options) chooses it. With [`ApiChoice::Auto`](crate::ApiChoice::Auto) the
/// first record decides: a request goes as it would with [`Client::invoke`], and a body as what it
/// is. A later body that is in the other form is rewritten, if the job's form can say the same.
///
/// # Examples
///
/// ```no_run
/// # async fn example(client: outcrop::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use outcrop::batch::Record;
/// use outcrop::{ModelRef, Request};
///
/// let model = ModelRef::parse("amazon.nova-lite-v1:0")?;
/// let records = (1..=100).map(|n| Ok::<_, std::io::Error>(Record::new(Request::user(format!("What is {n} squared?")))));
/// let handle = client
///     .batch(&model)
///     .bucket("my-bucket")
///     .role_arn("arn:aws:iam::123456789012:role/batch")
///     .submit_iter(records)
///     .await?;
/// let saved = serde_json::to_string(&handle)?;
///
/// // On another day:
/// let job = client.job(serde_json::from_str(&saved)?);
/// job.wait().await?;
/// let mut results = job.results().await?;
/// while let Some(outcome) = results.next().await {
///     let outcome = outcome?;
///     match outcome.result {
///         Ok(reply) => println!("{}: {}", outcome.id, reply.text()),
///         Err(why) => eprintln!("{}: {why}", outcome.id),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing happens before the batch is submitted"]
pub struct Batch {
    client: Client,
    model: ModelRef,
    bucket: Option<String>,
    prefix: String,
    output_bucket: Option<String>,
    role_arn: Option<String>,
    name: Option<String>,
    timeout_hours: Option<u32>,
    limits: BatchLimits,
}

impl Client {
    /// Begins a batch job on this model.
    pub fn batch(&self, model: &ModelRef) -> Batch {
        Batch {
            client: self.clone(),
            model: model.clone(),
            bucket: None,
            prefix: String::new(),
            output_bucket: None,
            role_arn: None,
            name: None,
            timeout_hours: None,
            limits: BatchLimits::default(),
        }
    }

    /// The job that this handle was made for.
    pub fn job(&self, handle: JobHandle) -> Job {
        Job::new(self.clone(), handle)
    }
}

impl Batch {
    /// The bucket in which the records are put, in the region of the job. Required.
    pub fn bucket(mut self, bucket: impl Into<String>) -> Self {
        self.bucket = Some(bucket.into());
        self
    }

    /// The folder of the bucket in which each job gets one of its own. Default: the bucket itself.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The bucket in which the results are put. Default: that of the records.
    pub fn output_bucket(mut self, bucket: impl Into<String>) -> Self {
        self.output_bucket = Some(bucket.into());
        self
    }

    /// The role in which Bedrock reads and writes the buckets. Required.
    pub fn role_arn(mut self, arn: impl Into<String>) -> Self {
        self.role_arn = Some(arn.into());
        self
    }

    /// The job's name, which need not be unique: 1 to 63 letters, digits, `-`, `+` and `.`.
    /// Default: `outcrop-` and 32 random digits.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How long the job may take, in hours from 24 to 168. Default: the service's.
    pub fn timeout_hours(mut self, hours: u32) -> Self {
        self.timeout_hours = Some(hours);
        self
    }

    /// What the job may be. Default: [`BatchLimits::default`].
    pub fn limits(mut self, limits: BatchLimits) -> Self {
        self.limits = limits;
        self
    }
}
