//! What one call comes down to: bytes to send, tokens to reserve, and moments it must not pass.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use codec::{Api, ModelRef, Request, Usage};
use quota::{Accounting, Charge, Requests, TokenCounts, Tokens, Verdict};
use transport::rt::Moment;
use transport::{Call, Operation};

use crate::client::Client;
use crate::cost::accounting;
use crate::error::{Error, ErrorKind, Limit};
use crate::estimate::{self, Size};
use crate::limiter::{Held, Limiter, Rank};
use crate::retry::Attempts;
use crate::time::{before, first};

/// A call that is ready to be made, as often as the policy allows.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) model: ModelRef,
    pub(crate) api: Api,
    call: Call,
    accounting: Accounting,
    /// Whether the quotas also count input and output apart.
    counts_apart: bool,
    size: Size,
    most: TokenCounts,
    limiter: Option<Arc<Limiter>>,
    rank: Rank,
    pub(crate) began: Moment,
    pub(crate) deadline: Option<Moment>,
}

impl Plan {
    pub(crate) fn new(
        client: &Client,
        model: &ModelRef,
        request: &Request,
        operation: fn(Api) -> Operation,
    ) -> Result<Self, Error> {
        let options = client.options();
        let rank = client.shared.limiters.rank(options)?;
        let api = client.api(model, request);
        let operation = operation(api);
        let encode = match operation {
            Operation::InvokeModelWithResponseStream => codec::encode_for_stream,
            _ => codec::encode,
        };
        let body = encode(model, api, request).map_err(Error::input)?;
        let mut call =
            Call::new(operation, model.address(), Bytes::from(body)).with_limits(options.limits);
        call.headers = options.headers.clone();

        let source = client.shared.limiters.source(model);
        let accounting = accounting(source.model, source.quotas.burndown);
        let counts_apart = source.quotas.counts_apart();
        let sent = as_sent(model, api, request, &call.body);
        let size = Size::of(source.model, &sent);
        let limiter = source.limiter;
        let most = size.tokens(|bytes| limiter.as_ref().map(|limiter| limiter.estimate(bytes)));
        let began = client.shared.clock.now();
        let deadline = options.limits.total.map(|total| began.after(total));
        Ok(Self {
            model: model.clone(),
            api,
            call,
            accounting,
            counts_apart,
            size,
            most,
            limiter,
            rank,
            began,
            deadline,
        })
    }

    pub(crate) fn call(&self) -> Call {
        self.call.clone()
    }

    pub(crate) fn attempts(&self, client: &Client) -> Attempts {
        Attempts::new(client.options.retry.clone(), self.began, self.deadline)
    }

    /// Waits for the quota, until `latest` at most; `None`, if the model has none.
    pub(crate) async fn admit(
        &self,
        client: &Client,
        latest: Option<Moment>,
    ) -> Result<Option<Held>, Error> {
        let Some(limiter) = &self.limiter else { return Ok(None) };
        let charge = self.charge(|rules| rules.reserve(self.most));
        let wait = limiter.acquire(charge, client.options.admission, latest);
        wait.ranked(self.rank).await.map(Some)
    }

    /// Makes one attempt, up to the head of the response.
    ///
    /// Nothing was sent if it fails before the connection stood; a refusal costs a request but no
    /// tokens; after anything else the estimate stands.
    pub(crate) async fn send<T>(
        &self,
        client: &Client,
        held: &mut Option<Held>,
        attempt: impl Future<Output = Result<T, transport::Error>>,
    ) -> Result<T, Error> {
        let shared = &client.shared;
        let limits = &self.call.limits;
        let first_byte = limits.first_byte.map(|span| shared.clock.now().after(span));
        let (until, limit) = first(Limit::FirstByte, first_byte, self.deadline);
        if let Some(held) = held.as_mut() {
            held.sent();
        }
        let Some(result) = before(&*shared.timer, until, attempt).await else {
            return Err(Error::timeout(limit, limits));
        };
        result.map_err(|error| {
            let phase = error.phase();
            let error = Error::from(error);
            let Some(held) = held.take() else { return error };
            match (phase, error.kind()) {
                (transport::Phase::NotSent, _) => held.refund(),
                (transport::Phase::Refused, ErrorKind::Throttled(_)) => {
                    return throttled(held, error);
                }
                (transport::Phase::Refused, ErrorKind::Refused | ErrorKind::Credentials) => {
                    held.settle(Charge::new(Requests::new(1), Tokens::ZERO));
                }
                _ => drop(held),
            }
            error
        })
    }

    /// Holds more while an answer of so many bytes has come, if it already costs more than was
    /// reserved.
    pub(crate) fn hold(&self, held: &mut Option<Held>, bytes: usize) {
        if let Some(held) = held {
            let output = estimate::of_answer(bytes);
            held.adjust(self.charge(|rules| rules.hold(self.most, output)));
        }
    }

    /// Settles what was held by what the service says it used; without its word the estimate stands.
    pub(crate) fn settle(&self, held: Option<Held>, usage: Option<&Usage>) {
        if let (Some(held), Some(usage)) = (held, usage) {
            if let (Some(limiter), Some(bytes)) = (&self.limiter, self.size.text_alone()) {
                let cached = usage.cache_read_input_tokens.unwrap_or_default()
                    + usage.cache_write_input_tokens.unwrap_or_default();
                let input = usage.input_tokens.saturating_add(cached);
                limiter.learn(bytes, Tokens::new(input.saturating_sub(self.size.fixed())));
            }
            let used = TokenCounts {
                input: Tokens::new(usage.input_tokens),
                cache_read: Tokens::new(usage.cache_read_input_tokens.unwrap_or_default()),
                cache_write: Tokens::new(usage.cache_write_input_tokens.unwrap_or_default()),
                output: Tokens::new(usage.output_tokens),
            };
            held.settle(self.charge(|rules| rules.settle(used)));
        }
    }

    /// What a call takes from every limit, by the rules that each of them has.
    fn charge(&self, of: impl Fn(Accounting) -> Charge) -> Charge {
        let charge = of(self.accounting);
        if self.counts_apart { charge.max(of(Accounting::Mantle)) } else { charge }
    }
}

/// Settles what a throttled call held, and says in the error whose throttle it was.
pub(crate) fn throttled(held: Held, error: Error) -> Error {
    let ErrorKind::Throttled(cause) = error.kind() else { return error };
    match held.throttled(cause) {
        Some(verdict @ (Verdict::Ours { .. } | Verdict::NotOurs { .. } | Verdict::Tried)) => {
            error.adding(&format!(" ({verdict})"))
        }
        _ => error,
    }
}

/// The request as its body says it: its `extra` and its `fields` may have set `max_tokens`, too.
fn as_sent<'a>(model: &ModelRef, api: Api, request: &'a Request, body: &[u8]) -> Cow<'a, Request> {
    if request.extra.is_empty() && request.fields.is_empty() {
        return Cow::Borrowed(request);
    }
    codec::decode_request(model, api, body).map_or(Cow::Borrowed(request), Cow::Owned)
}
