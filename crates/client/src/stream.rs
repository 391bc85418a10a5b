//! One request, and its answer as it comes.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use codec::{Event, Finish, ModelRef, Partial, Reply, Request, StreamDecoder, StreamError, Usage};
use futures_util::StreamExt;
use transport::Body;
use transport::rt::Moment;

use crate::client::{Client, stream_operation};
use crate::error::{Error, ErrorKind, Limit};
use crate::invoke::Report;
use crate::limiter::Held;
use crate::plan::{Plan, throttled};
use crate::time::{before, first};

/// How long a finished message waits for the usage that should follow it.
const METADATA_GRACE: Duration = Duration::from_secs(5);

/// An answer as it comes: events, and at the end an [`Outcome`].
///
/// Dropping it cancels the call. Tokens that Bedrock may have charged by then stay reserved.
pub struct EventStream {
    client: Client,
    plan: Arc<Plan>,
    decoder: StreamDecoder,
    body: Option<Body>,
    held: Option<Held>,
    /// Events read while the call could still have been made again.
    ready: VecDeque<Event>,
    /// Why reading ended, if it did not end by itself.
    failure: Option<Error>,
    usage: Option<Usage>,
    /// Bytes of text so far.
    said: usize,
    report: Report,
    sent: Moment,
    /// Since when the next piece is waited for.
    waiting: Option<Moment>,
    /// Until when the usage is waited for, once the message is whole.
    grace: Option<Moment>,
}

/// How an answer ended.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "an answer is whole or it is not")]
pub enum Outcome {
    /// The message came to its end.
    #[non_exhaustive]
    Complete {
        /// The whole reply. Its usage is `None` where the service did not say.
        reply: Reply,
        /// How the call went.
        report: Report,
    },
    /// It did not: this is not the model's answer, only the beginning of one.
    #[non_exhaustive]
    Incomplete {
        /// What cut it short.
        why: Error,
        /// What had arrived.
        partial: Partial,
        /// What the service said it used, if it came to that.
        usage: Option<Usage>,
        /// How the call went.
        report: Report,
    },
}

impl Client {
    /// Makes a call whose answer is handed out as it comes.
    ///
    /// It returns when the first piece of content is there; until then the call may be tried again
    /// as the [options](Client::options) say, and from then on never.
    ///
    /// # Errors
    ///
    /// As [`invoke`](Client::invoke), for what goes wrong before the answer begins. An answer that
    /// begins and fails is an [`EventStream`] that ends [`Outcome::Incomplete`].
    ///
    /// # Cancel safety
    ///
    /// As [`invoke`](Client::invoke).
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(client: outcrop::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use outcrop::{ModelRef, Outcome, Request};
    ///
    /// let model = ModelRef::parse("amazon.nova-lite-v1:0")?;
    /// let mut stream = client.stream(&model, &Request::user("Tell me a story.")).await?;
    /// while let Some(event) = stream.next().await {
    ///     print!("{}", event.text().unwrap_or_default());
    /// }
    /// if let Outcome::Incomplete { why, .. } = stream.finish().await {
    ///     eprintln!("the story has no end: {why}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stream(&self, model: &ModelRef, request: &Request) -> Result<EventStream, Error> {
        let plan = Arc::new(Plan::new(self, model, request, stream_operation)?);
        let mut attempts = plan.attempts(self);
        loop {
            attempts.begin();
            let mut stream = match self.open(&plan, attempts.latest()).await {
                Ok(stream) => stream,
                Err(error) => {
                    attempts.again(&self.shared, error).await?;
                    continue;
                }
            };
            stream.report.attempts = attempts.made();
            let Err(error) = stream.prime().await else {
                attempts.succeeded(&self.shared);
                return Ok(stream);
            };
            if let Err(error) = attempts.again(&self.shared, error).await {
                stream.failure = Some(error);
                return Ok(stream);
            }
        }
    }

    /// One attempt, up to the head of the response.
    async fn open(&self, plan: &Arc<Plan>, latest: Option<Moment>) -> Result<EventStream, Error> {
        let clock = &self.shared.clock;
        let decoder = StreamDecoder::new(&plan.model, plan.api).map_err(Error::input)?;
        let asked = clock.now();
        let mut held = plan.admit(self, latest).await?;
        let sent = clock.now();
        let answer = self.shared.transport.streaming(plan.call());
        let answer = plan.send(self, &mut held, answer).await?;
        let report = Report {
            request_id: answer.meta.request_id,
            waited: sent.since(asked),
            ..Report::default()
        };
        Ok(EventStream {
            client: self.clone(),
            plan: Arc::clone(plan),
            decoder,
            body: Some(answer.body),
            held,
            ready: VecDeque::new(),
            failure: None,
            usage: None,
            said: 0,
            report,
            sent,
            waiting: None,
            grace: None,
        })
    }
}

impl EventStream {
    /// The next event, or `None` when no more will come; [`finish`](Self::finish) then says why.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: an event is handed out or is still to come.
    pub async fn next(&mut self) -> Option<Event> {
        match self.ready.pop_front() {
            Some(event) => Some(event),
            None => self.read().await,
        }
    }

    /// The service's name for the request.
    pub fn request_id(&self) -> Option<&str> {
        self.report.request_id.as_deref()
    }

    /// Reads what is left, and says how the answer ended.
    pub async fn finish(mut self) -> Outcome {
        while self.next().await.is_some() {}
        let Self { decoder, failure, usage, report, .. } = self;
        match decoder.finish() {
            // What goes wrong behind the end of the message takes nothing from it.
            Finish::Complete(reply) => Outcome::Complete { reply, report },
            Finish::Incomplete { why, partial } => {
                let request_id = report.request_id.as_deref();
                let why = failure.unwrap_or_else(|| why.into()).with_request_id(request_id);
                let usage = usage.or_else(|| partial.usage.clone());
                Outcome::Incomplete { why, partial, usage, report }
            }
        }
    }

    /// Reads up to the first piece of content, and keeps what it read.
    ///
    /// # Errors
    ///
    /// What ended the answer before there was any.
    async fn prime(&mut self) -> Result<(), Error> {
        while let Some(event) = self.read().await {
            let content = !matches!(
                event,
                Event::MessageStart { .. } | Event::Metadata { .. } | Event::Unknown { .. }
            );
            self.ready.push_back(event);
            if content {
                self.report.first_content = Some(self.client.shared.clock.now().since(self.sent));
                return Ok(());
            }
        }
        Err(self.failure.take().unwrap_or_else(|| StreamError::EndOfStream.into()))
    }

    async fn read(&mut self) -> Option<Event> {
        while self.body.is_some() {
            match self.decoder.next() {
                Ok(Some(event)) => {
                    if let Event::Metadata { usage: Some(usage), .. } = &event {
                        self.usage = Some(usage.clone());
                    }
                    if let Some(text) = event.text() {
                        self.said = self.said.saturating_add(text.len());
                        self.plan.hold(&mut self.held, self.said);
                    }
                    return Some(event);
                }
                Ok(None) if self.decoder.is_over() => self.end(None),
                Ok(None) => self.fill().await,
                Err(error) => self.end(Some(error.into())),
            }
        }
        None
    }

    /// Takes the next piece of the body, or ends.
    async fn fill(&mut self) {
        let now = self.client.shared.clock.now();
        let (until, limit) = self.patience(now);
        let timer = &*self.client.shared.timer;
        let Some(body) = self.body.as_mut() else { return };
        // A body that always has a next piece ready would never let the timer speak.
        let piece = match until {
            Some(until) if until < now && limit == Limit::Total => None,
            _ => before(timer, until, body.next()).await,
        };
        self.waiting = None;
        match piece {
            Some(Some(Ok(piece))) => self.decoder.push(&piece),
            Some(Some(Err(error))) => self.end(Some(error.into())),
            Some(None) => self.end(None),
            None => {
                let limits = &self.client.options.limits;
                self.end(Some(Error::timeout(limit, limits)));
            }
        }
    }

    /// Until when to wait for the next piece, and which limit that is.
    ///
    /// A caller that takes its time between two events does not use up the idle limit; one that
    /// drops the wait and begins it anew does.
    fn patience(&mut self, now: Moment) -> (Option<Moment>, Limit) {
        let waiting = *self.waiting.get_or_insert(now);
        let idle = self.client.options.limits.idle.map(|idle| waiting.after(idle));
        let deadline = self.plan.deadline;
        if !self.decoder.is_complete() {
            return first(Limit::Idle, idle, deadline);
        }
        let grace = *self.grace.get_or_insert_with(|| now.after(METADATA_GRACE));
        let idle = idle.map_or(grace, |idle| idle.min(grace));
        first(Limit::Idle, Some(idle), deadline)
    }

    /// Closes the connection and settles.
    fn end(&mut self, failure: Option<Error>) {
        let now = self.client.shared.clock.now();
        self.body = None;
        // A throttle in place of an answer is a refusal like any other.
        self.failure = match (failure, self.held.take_if(|_| self.said == 0)) {
            (Some(error), Some(held)) if matches!(error.kind(), ErrorKind::Throttled(_)) => {
                Some(throttled(held, error))
            }
            (failure, held) => {
                self.held = self.held.take().or(held);
                failure
            }
        };
        self.report.latency = now.since(self.sent);
        self.report.elapsed = now.since(self.plan.began);
        self.plan.settle(self.held.take(), self.usage.as_ref());
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("model", &self.plan.model)
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}
