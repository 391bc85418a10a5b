//! From records to a job.

use std::pin::pin;

use codec::{Api, ModelRef};
use futures_util::{Stream, StreamExt, stream};
use transport::JobSpec;

use crate::attempt::attempt;
use crate::batch::Batch;
use crate::batch::check;
use crate::batch::error::BatchError;
use crate::batch::handle::{JobHandle, invocation_type};
use crate::batch::ids::IdTable;
use crate::batch::lines::LineWriter;
use crate::batch::place::Place;
use crate::batch::record::Record;
use crate::batch::upload::Uploader;
use crate::error::Error;

/// Everything about a job but its records, found good as far as the client can tell.
#[derive(Debug)]
struct Order {
    model: ModelRef,
    name: String,
    role_arn: String,
    timeout_hours: Option<u32>,
    token: String,
    input: Place,
    output: Place,
}

impl Batch {
    /// Uploads the records and creates a job over them.
    ///
    /// Settings, the bucket and the number of running jobs are looked at first. Then the records
    /// pass through, at most one part of the upload in memory (8 MiB, for the first 8 GB); the input
    /// appears in the bucket, and the job is created, only after the last of them has passed.
    ///
    /// # Errors
    ///
    /// A [`BatchError`] where the batch itself is at fault, the first record at fault being named;
    /// else what kept the bucket or the service from doing it. Whatever the error, the bucket holds
    /// nothing of the batch afterwards; if it does, because taking it back failed as well, the
    /// message says so. A job that was created without the client learning of it therefore finds no
    /// input, and fails.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves no object unless the job was being created at that moment, but
    /// parts that were sent stay stored until a life-cycle rule of the bucket clears them.
    /// To give up without a trace let `records` end with an error.
    pub async fn submit<S, E>(self, records: S) -> Result<JobHandle, Error>
    where
        S: Stream<Item = Result<Record, E>>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let order = self.order()?;
        check::bucket(&self.client, &order.input).await?;
        check::running(&self.client, &order.model, self.limits.concurrent_jobs).await?;
        let mut upload = Uploader::new(&self.client, order.input.clone())?;
        match self.run(order, &mut upload, records).await {
            Ok(handle) => Ok(handle),
            Err(error) => {
                let place = upload.place().to_string();
                match upload.discard().await {
                    Ok(()) => Err(error),
                    Err(left) => Err(error.adding(&format!(
                        "; what was uploaded to {place} could not be taken back: {left}"
                    ))),
                }
            }
        }
    }

    /// [`submit`](Self::submit) for records that are at hand, or read by blocking.
    ///
    /// # Errors
    ///
    /// As [`submit`](Self::submit).
    ///
    /// # Cancel safety
    ///
    /// As [`submit`](Self::submit).
    pub async fn submit_iter<I, E>(self, records: I) -> Result<JobHandle, Error>
    where
        I: IntoIterator<Item = Result<Record, E>>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.submit(stream::iter(records)).await
    }

    fn order(&self) -> Result<Order, BatchError> {
        let unset = |what, setter| BatchError::Unset { what, setter };
        let bucket = self.bucket.as_deref().ok_or_else(|| unset("a bucket in S3", "bucket"))?;
        let role_arn = self.role_arn.clone();
        let role_arn = role_arn.ok_or_else(|| unset("the ARN of a role", "role_arn"))?;
        check::role(&role_arn)?;
        let entropy = &self.client.shared.entropy;
        let token = format!("{:016x}{:016x}", entropy.draw(), entropy.draw());
        let name = self.name.clone().unwrap_or_else(|| format!("outcrop-{token}"));
        check::name(&name)?;
        if let Some(hours) = self.timeout_hours.filter(|hours| !(24..=168).contains(hours)) {
            return Err(BatchError::Hours { hours });
        }
        // A folder of its own, so that neither jobs of one name nor their clean-up meet.
        let own = |bucket: &str, prefix: &str, key: &str| {
            let folder = Place::new(bucket, prefix)?.folder().key;
            Place::new(bucket, &format!("{folder}{token}/{key}"))
        };
        let input = own(bucket, &self.prefix, "input.jsonl")?;
        let output_bucket = self.output_bucket.as_deref().unwrap_or(bucket);
        let output = own(output_bucket, &self.prefix, "output/")?;
        let (model, timeout_hours) = (self.model.clone(), self.timeout_hours);
        Ok(Order { model, name, role_arn, timeout_hours, token, input, output })
    }

    /// Everything that may leave something in the bucket.
    async fn run<S, E>(
        &self,
        order: Order,
        upload: &mut Uploader,
        records: S,
    ) -> Result<JobHandle, Error>
    where
        S: Stream<Item = Result<Record, E>>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut lines = LineWriter::new(&self.client, &order.model);
        let records = self.pour(records, &mut lines, upload).await?;
        upload.finish().await?;
        self.create(order, records, lines.form()).await
    }

    /// Passes the records on, and counts them.
    async fn pour<S, E>(
        &self,
        records: S,
        lines: &mut LineWriter,
        upload: &mut Uploader,
    ) -> Result<u64, Error>
    where
        S: Stream<Item = Result<Record, E>>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let limits = &self.limits;
        let mut records = pin!(records);
        let mut ids = IdTable::new(&*self.client.shared.entropy);
        let mut line = Vec::new();
        let (mut count, mut bytes) = (0, 0);
        while let Some(item) = records.next().await {
            let record = count + 1;
            let item = item.map_err(|error| BatchError::Unread { record, source: error.into() })?;
            if record > limits.max_records {
                return Err(BatchError::TooManyRecords { record, max: limits.max_records }.into());
            }
            let (id, input) = item.into_parts(record);
            if id.is_empty() {
                return Err(BatchError::EmptyId { record }.into());
            }
            if let Err(first) = ids.insert(&id, record) {
                return Err(BatchError::DuplicateId { record, id, first }.into());
            }
            lines.write(record, id, input, &mut line)?;
            bytes += line.len() as u64;
            if bytes > limits.max_bytes {
                return Err(BatchError::TooManyBytes { record, max: limits.max_bytes }.into());
            }
            upload.push(&line).await?;
            count = record;
        }
        if count < limits.min_records {
            let min = limits.min_records;
            return Err(BatchError::TooFewRecords { records: count, min }.into());
        }
        Ok(count)
    }

    async fn create(&self, order: Order, records: u64, form: Api) -> Result<JobHandle, Error> {
        let Order { model, name, role_arn, timeout_hours, token, input, output } = order;
        let mut spec = JobSpec::default();
        spec.name.clone_from(&name);
        spec.role_arn = role_arn;
        spec.model = model.address().to_owned();
        spec.client_token.clone_from(&token);
        spec.input_uri = input.to_string();
        spec.output_uri = output.to_string();
        spec.invocation_type = Some(invocation_type(form).to_owned());
        spec.timeout_hours = timeout_hours.and_then(|hours| i32::try_from(hours).ok());
        let jobs = self.client.jobs()?;
        let arn = attempt(&self.client, || jobs.create(spec.clone())).await?;
        let submitted_at = self.client.shared.clock.wall();
        Ok(JobHandle { arn, name, model, input, output, form, records, token, submitted_at })
    }
}
