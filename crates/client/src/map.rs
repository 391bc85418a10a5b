//! Many requests on demand, as fast as the quotas let them and no faster.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use codec::{Api, DecodeError, ModelRef, Request};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, Stream};
use futures_util::{FutureExt, StreamExt};

use crate::batch::{Record, form_of};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Retry};
use crate::invoke::Invocation;
use crate::options::ApiChoice;

/// Calls over many records, to be made at once.
///
/// # Examples
///
/// ```
/// # async fn example(client: outcrop::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use outcrop::batch::Record;
/// use outcrop::{ModelRef, Request};
///
/// let model = ModelRef::parse("amazon.nova-lite-v1:0")?;
/// let records = (1..=100).map(|n| (n, Record::new(Request::user(format!("What is {n} squared?")))));
/// let mut answers = client.map(&model).run(records);
/// while let Some(answer) = answers.next().await {
///     println!("{}: {}", answer.key, answer.result?.reply.text());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing happens before it is run"]
pub struct Map {
    client: Client,
    model: ModelRef,
    concurrency: Concurrency,
    /// Whether a call of this run has succeeded.
    has_answered: Arc<AtomicBool>,
}

/// How many calls may be under way at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Concurrency {
    /// Where there are quotas, as many as these admit, two that wait for them and 512 in all;
    /// without quotas 16.
    #[default]
    Auto,
    /// This many, those that wait for the quota included.
    Fixed(NonZeroUsize),
}

/// What came of one record.
#[derive(Debug)]
#[non_exhaustive]
pub struct Mapped<K> {
    /// What the record was handed in with.
    pub key: K,
    /// The reply, or why there is none.
    pub result: Result<Invocation, Error>,
}

impl Client {
    /// Begins calls over many records on this model.
    pub fn map(&self, model: &ModelRef) -> Map {
        Map {
            client: self.clone(),
            model: model.clone(),
            concurrency: Concurrency::default(),
            has_answered: Arc::default(),
        }
    }
}

impl Map {
    /// How many calls may be under way at once. Default: [`Concurrency::Auto`].
    pub fn concurrency(mut self, concurrency: Concurrency) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// Finds out what can be known to be wrong with a record before it is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Input`], if the model's format cannot express the request, or a body is not in
    /// a form that the model takes.
    pub fn check(&self, record: Record) -> Result<(), Error> {
        let (client, request) = self.prepare(record)?;
        let api = client.api(&self.model, &request);
        codec::encode(&self.model, api, &request).map(drop).map_err(Error::input)
    }

    /// Makes the calls, and hands out what came of each as it comes, in no order.
    ///
    /// A record is taken when there is room for its call, so that any number of them can be read
    /// from a file. What may succeed later is tried again, beyond the retries that the options give
    /// each call: ten times, with growing pauses. A throttle is no reason to lose a record, nor is a
    /// connection that is lost; where none came about from the start, no record waits for one. Nor is
    /// a long wait for the quota: of the limits of time, the one for a whole call does not hold here.
    ///
    /// # Cancel safety
    ///
    /// Dropping the stream cancels the calls under way, as [`invoke`](Client::invoke) says.
    pub fn run<K, I>(self, records: I) -> Answers<K, I::IntoIter>
    where
        I: IntoIterator<Item = (K, Record)>,
    {
        let mut options = self.client.options.clone();
        options.limits.total = None;
        let client = self.client.with_options(options);
        let map = Self { client, has_answered: Arc::default(), ..self };
        Answers { map, records: Some(records.into_iter()), calls: FuturesUnordered::new() }
    }

    /// The client that makes the call of this record, and its request.
    fn prepare(&self, record: Record) -> Result<(Client, Request), Error> {
        let body = match record.into_request() {
            Ok(request) => return Ok((self.client.clone(), request)),
            Err(body) => body,
        };
        let api = match self.client.options.api {
            ApiChoice::Auto => form_of(&self.model, &body),
            ApiChoice::Converse => Api::Converse,
            ApiChoice::Invoke => Api::Invoke,
        };
        let request =
            codec::decode_request(&self.model, api, body.as_bytes()).map_err(Error::input)?;
        let mut options = self.client.options.clone();
        options.api = match api {
            Api::Converse => ApiChoice::Converse,
            Api::Invoke => ApiChoice::Invoke,
        };
        Ok((self.client.with_options(options), request))
    }

    async fn call(self, record: Record) -> Result<Invocation, Error> {
        let (client, request) = self.prepare(record)?;
        let (shared, policy) = (&client.shared, &client.options.retry);
        let mut tries = 0;
        loop {
            let error = match client.invoke(&self.model, &request).await {
                Ok(invocation) => {
                    self.has_answered.store(true, Ordering::Relaxed);
                    return Ok(invocation);
                }
                Err(error) => error,
            };
            let advice = match (error.kind(), error.retry()) {
                // What answered before may do so again, but not at once.
                (ErrorKind::Connect, _) if self.has_answered.load(Ordering::Relaxed) => {
                    Retry::Throttled { hint: None }
                }
                // Where nothing answers, every record would wait in vain.
                (ErrorKind::Connect, _) => Retry::Never,
                // A retry that found no room in its time; there was an answer before it.
                (ErrorKind::NotAdmitted, Retry::Never) => Retry::Throttled { hint: None },
                (ErrorKind::Protocol, Retry::Never) if is_no_json(&error) => Retry::Pause,
                (_, advice) => advice,
            };
            let pause = policy.pause(tries, advice, shared.entropy.draw());
            let Some(pause) = pause.filter(|_| tries < TRIES) else { return Err(error) };
            tries += 1;
            shared.timer.sleep_until(shared.clock.now().after(pause)).await;
        }
    }

    /// Whether one more call may begin beside this many.
    fn has_room(&self, calls: usize) -> bool {
        match (self.concurrency, self.client.quota(&self.model)) {
            (Concurrency::Fixed(most), _) => calls < most.get(),
            (Concurrency::Auto, None) => calls < WITHOUT_QUOTA,
            (Concurrency::Auto, Some(quota)) => {
                calls == 0 || (calls < MOST && quota.waiting < AHEAD)
            }
        }
    }
}

/// What came of the records, in the order in which it came.
#[must_use = "no call is made before it is asked for"]
pub struct Answers<K, I> {
    map: Map,
    /// `None`, once there are no more.
    records: Option<I>,
    calls: FuturesUnordered<BoxFuture<'static, Mapped<K>>>,
}

impl<K: Send + 'static, I: Iterator<Item = (K, Record)> + Unpin> Answers<K, I> {
    /// What came of one more record, or `None` at the end.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost if the future is dropped, but no call goes on while nobody asks.
    pub async fn next(&mut self) -> Option<Mapped<K>> {
        StreamExt::next(self).await
    }

    /// Takes no more records; the calls under way go on.
    pub fn stop(&mut self) {
        self.records = None;
    }

    /// How many calls are under way, those that wait for the quota included.
    pub fn under_way(&self) -> usize {
        self.calls.len()
    }
}

impl<K: Send + 'static, I: Iterator<Item = (K, Record)> + Unpin> Stream for Answers<K, I> {
    type Item = Mapped<K>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Mapped<K>>> {
        let this = &mut *self;
        loop {
            // A call is asked before the next one begins, so that it stands in line for the quota.
            let calls = this.calls.poll_next_unpin(context);
            if let Poll::Ready(Some(done)) = calls {
                return Poll::Ready(Some(done));
            }
            let Some(records) = &mut this.records else { return calls };
            if !this.map.has_room(this.calls.len()) {
                return Poll::Pending;
            }
            match records.next() {
                Some((key, record)) => {
                    let call = this.map.clone().call(record);
                    this.calls.push(call.map(|result| Mapped { key, result }).boxed());
                }
                None => this.records = None,
            }
        }
    }
}

/// Whether a reply was damaged on its way: what merely has another form will have it again.
fn is_no_json(error: &Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref());
    matches!(source, Some(DecodeError::Syntax { .. }))
}

impl<K, I> std::fmt::Debug for Answers<K, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answers").field("under_way", &self.calls.len()).finish_non_exhaustive()
    }
}

/// Calls under way where no quota is known.
const WITHOUT_QUOTA: usize = 16;
/// Calls under way in all: each may need a connection, and systems allow 1,024 open files.
const MOST: usize = 512;
/// Calls that wait for the quota, so that there is always one to go; no more, since each counts as
/// under way when a run ends early.
const AHEAD: usize = 2;
/// Further tries of a record, beyond the retries of each call.
const TRIES: u32 = 10;
