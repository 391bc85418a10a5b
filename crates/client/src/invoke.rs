//! One request, one reply.

use std::time::Duration;

use codec::{ModelRef, Reply, Request};
use transport::rt::Moment;

use crate::client::{Client, unary_operation};
use crate::error::{Error, ErrorKind};
use crate::plan::Plan;

/// A reply, and how it came.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Invocation {
    /// The reply: text, content blocks, stop reason, usage.
    pub reply: Reply,
    /// How the call went.
    pub report: Report,
}

/// How a call went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The service's name for the request.
    pub request_id: Option<String>,
    /// Attempts made, the last one included.
    pub attempts: u32,
    /// From the first thing done for the call to its end, waiting and other attempts included.
    pub elapsed: Duration,
    /// How much of it was waiting for the quota, in the last attempt.
    pub waited: Duration,
    /// From sending the last attempt to its end.
    pub latency: Duration,
    /// From sending the last attempt to the first piece of content; streams only.
    pub first_content: Option<Duration>,
}

impl Client {
    /// Makes a call and returns its reply.
    ///
    /// It waits for the quota, tries again and gives up as the [options](Client::options) say.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`]. A request that the model's format cannot express is refused before
    /// anything is sent.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the call. Its reservation is given back if nothing was sent;
    /// else the estimate stands, since Bedrock may charge for it.
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(client: outcrop::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use outcrop::{ModelRef, Request};
    ///
    /// let model = ModelRef::parse("us.anthropic.claude-sonnet-4-5-20250929-v1:0")?;
    /// let request = Request::user("Why is the sky blue?").with_max_tokens(200);
    /// let invocation = client.invoke(&model, &request).await?;
    /// println!("{}", invocation.reply.text());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn invoke(&self, model: &ModelRef, request: &Request) -> Result<Invocation, Error> {
        let plan = Plan::new(self, model, request, unary_operation)?;
        let mut attempts = plan.attempts(self);
        loop {
            attempts.begin();
            match self.invoke_once(&plan, attempts.latest()).await {
                Ok((reply, mut report)) => {
                    attempts.succeeded(&self.shared);
                    report.attempts = attempts.made();
                    report.elapsed = self.shared.clock.now().since(plan.began);
                    return Ok(Invocation { reply, report });
                }
                Err(error) => attempts.again(&self.shared, error).await?,
            }
        }
    }

    async fn invoke_once(
        &self,
        plan: &Plan,
        latest: Option<Moment>,
    ) -> Result<(Reply, Report), Error> {
        let clock = &self.shared.clock;
        let asked = clock.now();
        let mut held = plan.admit(self, latest).await?;
        let sent = clock.now();
        let answer = self.shared.transport.unary(plan.call());
        let answer = plan.send(self, &mut held, answer).await?;
        let headers = ReplyHeaders(&answer.meta.headers);
        let reply =
            codec::decode(&plan.model, plan.api, &answer.body, &headers).map_err(|error| {
                Error::new(ErrorKind::Protocol, format!("the reply cannot be read: {error}"))
                    .with_request_id(answer.meta.request_id.as_deref())
                    .with_source(error)
            })?;
        plan.settle(held, reply.usage.as_ref());
        let report = Report {
            request_id: answer.meta.request_id,
            waited: sent.since(asked),
            latency: clock.now().since(sent),
            ..Report::default()
        };
        Ok((reply, report))
    }
}

/// The headers of a transport, as the codec reads them.
struct ReplyHeaders<'a>(&'a transport::Headers);

impl codec::Headers for ReplyHeaders<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }
}
