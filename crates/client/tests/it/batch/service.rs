//! A bucket and a control plane in memory, which fail when they are told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use outcrop::batch::{Batch, BatchLimits, JobHandle, Record};
use outcrop::{Client, Error, ModelRef, Options, Request};
use serde_json::{Value, json};
use transport::testing::{ManualClock, Scripted, SeededEntropy};
use transport::{
    Error as TransportError, ErrorKind, JobDescription, JobFilter, JobPage, JobSpec, Jobs,
    ObjectBody, ObjectMeta, Objects, Part, Phase, Upload,
};

/// The service. Clones share what it knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Service(Arc<Mutex<State>>);

#[derive(Debug, Default)]
pub(crate) struct State {
    /// What a reader of the bucket sees, by key.
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    /// Uploads that are neither completed nor aborted, with their parts.
    pub(crate) uploads: BTreeMap<String, BTreeMap<u32, Bytes>>,
    pub(crate) specs: Vec<JobSpec>,
    pub(crate) jobs: Vec<JobDescription>,
    /// Every call that was made, by its name.
    pub(crate) calls: Vec<&'static str>,
    /// Calls that are to fail, by their index, and how.
    pub(crate) faults: BTreeMap<usize, Fault>,
    /// The states that looking at a job shows one after the other; the last one stays.
    pub(crate) life: Vec<&'static str>,
    /// Bodies are handed out in pieces of this many bytes.
    pub(crate) piece: Option<usize>,
    /// Bodies that break, each after this many bytes.
    pub(crate) breaks: Vec<usize>,
    pub(crate) part_sizes: Vec<usize>,
}

/// How a call fails.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// It is refused, and would be again.
    Refused(&'static str),
    /// It is refused, and may not be again.
    Unavailable,
    /// It is done, and the answer is lost.
    AnswerLost,
}

impl Service {
    pub(crate) fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    /// The names of the calls so far, but for the looks at jobs.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.state(|state| state.calls.clone())
    }

    /// Whether the bucket holds neither objects nor parts of any.
    pub(crate) fn is_empty(&self) -> bool {
        self.state(|state| state.objects.is_empty() && state.uploads.is_empty())
    }

    /// The lines of the one object that there is.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.state(|state| {
            assert_eq!(state.objects.len(), 1);
            let text = state.objects.first_key_value().unwrap().1;
            assert_eq!(text.last(), Some(&b'\n'));
            let lines = text.strip_suffix(b"\n").unwrap().split(|byte| *byte == b'\n');
            lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
        })
    }

    /// How many bytes the objects have.
    pub(crate) fn bytes(&self) -> usize {
        self.state(|state| state.objects.values().map(Vec::len).sum())
    }

    /// Puts an output file where the job's results belong.
    pub(crate) fn put_output(&self, handle: &JobHandle, name: &str, text: impl Into<Vec<u8>>) {
        let folder = handle.output_uri();
        let folder = folder.strip_prefix("s3://bucket/").unwrap();
        let key = format!("{folder}{}/{name}", handle.id());
        self.state(|state| state.objects.insert(key, text.into()));
    }

    /// Counts the call, and does it unless it is to fail. It takes two polls.
    async fn call<T>(
        &self,
        name: &'static str,
        work: impl FnOnce(&mut State) -> Result<T, TransportError>,
    ) -> Result<T, TransportError> {
        yield_now().await;
        self.state(|state| {
            let fault = state.faults.get(&state.calls.len()).copied();
            state.calls.push(name);
            match fault {
                None => work(state),
                Some(Fault::Refused(code)) => Err(refusal(400, code)),
                Some(Fault::Unavailable) => Err(refusal(503, "ServiceUnavailableException")),
                Some(Fault::AnswerLost) => {
                    work(state)?;
                    let message = "the connection broke";
                    Err(TransportError::new(ErrorKind::Io, Phase::MaybeSent, message))
                }
            }
        })
    }
}

#[async_trait]
impl Objects for Service {
    async fn start_upload(&self, bucket: String, key: String) -> Result<Upload, TransportError> {
        self.call("start_upload", |state| {
            in_bucket(&bucket)?;
            let id = format!("upload-{}", state.calls.len());
            state.uploads.insert(id.clone(), BTreeMap::new());
            Ok(Upload::new(bucket, key, id))
        })
        .await
    }

    async fn put_part(
        &self,
        upload: Upload,
        number: u32,
        body: Bytes,
    ) -> Result<Part, TransportError> {
        self.call("put_part", |state| {
            state.part_sizes.push(body.len());
            let parts = state.uploads.get_mut(&upload.id).ok_or_else(no_upload)?;
            parts.insert(number, body);
            Ok(Part::new(number, format!("etag-{number}")))
        })
        .await
    }

    async fn complete_upload(
        &self,
        upload: Upload,
        parts: Vec<Part>,
    ) -> Result<(), TransportError> {
        self.call("complete_upload", |state| {
            let stored = state.uploads.remove(&upload.id).ok_or_else(no_upload)?;
            let named: Vec<u32> = parts.iter().map(|part| part.number).collect();
            assert_eq!(named, stored.keys().copied().collect::<Vec<_>>());
            let parts: Vec<Bytes> = stored.into_values().collect();
            state.objects.insert(upload.key, parts.concat());
            Ok(())
        })
        .await
    }

    async fn abort_upload(&self, upload: Upload) -> Result<(), TransportError> {
        self.call("abort_upload", |state| {
            state.uploads.remove(&upload.id).ok_or_else(no_upload).map(drop)
        })
        .await
    }

    async fn get(&self, bucket: String, key: String) -> Result<ObjectBody, TransportError> {
        self.call("get", |state| {
            in_bucket(&bucket)?;
            let object = state.objects.get(&key).ok_or_else(|| refusal(404, "NoSuchKey"))?;
            let length = object.len() as u64;
            let broken = state.breaks.pop();
            let object = &object[..broken.unwrap_or(usize::MAX).min(object.len())];
            let pieces = object.chunks(state.piece.unwrap_or(usize::MAX));
            let mut pieces: Vec<_> =
                pieces.map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
            if broken.is_some() {
                let error = TransportError::new(
                    ErrorKind::Io,
                    Phase::AnsweredBadly,
                    "the connection broke",
                );
                pieces.push(Err(error));
            }
            Ok(ObjectBody::new(length, stream::iter(pieces).boxed()))
        })
        .await
    }

    async fn list(
        &self,
        bucket: String,
        prefix: String,
    ) -> Result<Vec<ObjectMeta>, TransportError> {
        self.call("list", |state| {
            in_bucket(&bucket)?;
            let within = state.objects.iter().filter(|(key, _)| key.starts_with(&prefix));
            Ok(within.map(|(key, object)| ObjectMeta::new(key, object.len() as u64)).collect())
        })
        .await
    }

    async fn delete(&self, _bucket: String, key: String) -> Result<(), TransportError> {
        self.call("delete", |state| {
            state.objects.remove(&key);
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Jobs for Service {
    async fn create(&self, spec: JobSpec) -> Result<String, TransportError> {
        self.call("create", |state| {
            let earlier = state.specs.iter().position(|own| own.client_token == spec.client_token);
            if let Some(earlier) = earlier {
                return Ok(state.jobs[earlier].arn.clone());
            }
            let arn = format!(
                "arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/job{:09}",
                state.jobs.len()
            );
            let mut job = JobDescription::default();
            job.arn.clone_from(&arn);
            job.name.clone_from(&spec.name);
            job.model.clone_from(&spec.model);
            job.status = "Submitted".into();
            state.jobs.push(job);
            state.specs.push(spec);
            Ok(arn)
        })
        .await
    }

    async fn describe(&self, job: String) -> Result<JobDescription, TransportError> {
        self.call("describe", |state| {
            let found = state.jobs.iter_mut().find(|own| own.arn == job);
            let found = found.ok_or_else(|| refusal(404, "ResourceNotFoundException"))?;
            if let Some(word) = state.life.first() {
                found.status = (*word).into();
            }
            if state.life.len() > 1 {
                state.life.remove(0);
            }
            Ok(found.clone())
        })
        .await
    }

    // Pages of two.
    async fn list(&self, filter: JobFilter) -> Result<JobPage, TransportError> {
        self.call("list_jobs", |state| {
            let start: usize = filter.next_token.map_or(0, |token| token.parse().unwrap());
            let fits = |job: &&JobDescription| {
                filter.status.as_ref().is_none_or(|status| *status == job.status)
                    && filter.name_contains.as_ref().is_none_or(|part| job.name.contains(part))
            };
            let mut page = JobPage::default();
            page.jobs = state.jobs.iter().filter(fits).skip(start).take(2).cloned().collect();
            let more = state.jobs.iter().filter(fits).count() > start + 2;
            page.next_token = more.then(|| (start + 2).to_string());
            Ok(page)
        })
        .await
    }

    async fn stop(&self, job: String) -> Result<(), TransportError> {
        self.call("stop", |state| {
            let found = state.jobs.iter_mut().find(|own| own.arn == job);
            found.ok_or_else(|| refusal(404, "ResourceNotFoundException"))?.status =
                "Stopping".into();
            Ok(())
        })
        .await
    }
}

/// A client of a service, on a clock of its own.
pub(crate) struct Bench {
    pub(crate) clock: ManualClock,
    pub(crate) service: Service,
    pub(crate) client: Client,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let (clock, service) = (ManualClock::new(), Service::default());
        let client = Client::builder()
            .transport(Scripted::new([]))
            .jobs(service.clone())
            .objects(service.clone())
            .time(clock.clone(), clock.clone())
            .entropy(SeededEntropy::new(5))
            .options(options)
            .build();
        Self { clock, service, client }
    }

    /// Runs to the end, moving the clock whenever nothing else can happen.
    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        self.clock.run(future).expect("the future waits for something that is not time")
    }

    pub(crate) fn batch(&self) -> Batch {
        self.client.batch(&nova()).bucket("bucket").prefix("work").role_arn(ROLE)
    }

    pub(crate) fn submit(
        &self,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<JobHandle, Error> {
        let records = records.into_iter().map(Ok::<_, std::io::Error>);
        self.run(self.batch().submit_iter(records))
    }

    /// Submits without a least number of records.
    pub(crate) fn submit_few(
        &self,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<JobHandle, Error> {
        self.submit_few_on(&nova(), records)
    }

    pub(crate) fn submit_few_on(
        &self,
        model: &ModelRef,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<JobHandle, Error> {
        let records = records.into_iter().map(Ok::<_, std::io::Error>);
        let batch = self.client.batch(model).bucket("bucket").prefix("work").role_arn(ROLE);
        let limits = BatchLimits::default().with_min_records(1);
        self.run(batch.limits(limits).submit_iter(records))
    }

    /// A job over 100 records that shows these states.
    pub(crate) fn job(&self, life: &[&'static str]) -> outcrop::batch::Job {
        let handle = self.submit(records(100)).unwrap();
        self.service.state(|state| {
            state.life = life.to_vec();
            state.calls.clear();
        });
        self.client.job(handle)
    }
}

pub(crate) fn nova() -> ModelRef {
    ModelRef::parse("amazon.nova-lite-v1:0").unwrap()
}

/// This many records, with the ids `id-1` and so on.
pub(crate) fn records(count: usize) -> impl Iterator<Item = Record> {
    (1..=count).map(|n| {
        let request = Request::user(format!("question {n}")).with_max_tokens(100);
        Record::new(request).with_id(format!("id-{n}"))
    })
}

/// A Converse response.
pub(crate) fn reply(text: &str) -> Value {
    json!({
        "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 5, "outputTokens": 7, "totalTokens": 12},
        "metrics": {"latencyMs": 31},
    })
}

/// A line of output with a reply.
pub(crate) fn replied(id: &str, text: &str) -> String {
    json!({"recordId": id, "modelInput": {"messages": []}, "modelOutput": reply(text)}).to_string()
        + "\n"
}

/// A line of output with an error.
pub(crate) fn refused(id: &str, message: &str) -> String {
    let error = json!({"errorCode": 400, "errorMessage": message});
    json!({"recordId": id, "modelInput": {"messages": []}, "error": error}).to_string() + "\n"
}

pub(crate) fn refusal(status: u16, code: &str) -> TransportError {
    TransportError::refused(transport::Service::new(
        status,
        code.to_owned(),
        "said the service".to_owned(),
    ))
}

/// Lets others go first.
pub(crate) async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn in_bucket(bucket: &str) -> Result<(), TransportError> {
    if bucket == "bucket" { Ok(()) } else { Err(refusal(404, "NoSuchBucket")) }
}

fn no_upload() -> TransportError {
    refusal(404, "NoSuchUpload")
}

pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/batch";
