//! Builds a client, by stages: it cannot be built without a transport.

use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

use codec::ModelRef;
use quota::{Bucket, Quotas, Rate};
use transport::rt::system::System;
use transport::rt::{Clock, Entropy, Timer};
use transport::{Jobs, Objects, ServiceQuotas, Transport};

use crate::client::{Client, Shared};
use crate::limiter::Tenants;
use crate::limiters::{Limiters, Stated};
use crate::options::Options;
use crate::retry::Retries;

/// A client to be. `State` is [`WantsTransport`] until one was given, then [`Ready`].
#[derive(Debug)]
pub struct Builder<State> {
    state: State,
    settings: Settings,
}

/// The builder needs a transport.
#[derive(Debug)]
#[non_exhaustive]
pub struct WantsTransport;

/// The builder has what it needs.
#[derive(Debug)]
pub struct Ready(Arc<dyn Transport>);

#[derive(Debug)]
struct Settings {
    jobs: Option<Arc<dyn Jobs>>,
    objects: Option<Arc<dyn Objects>>,
    service_quotas: Option<Arc<dyn ServiceQuotas>>,
    clock: Arc<dyn Clock>,
    timer: Arc<dyn Timer>,
    entropy: Arc<dyn Entropy>,
    quotas: Stated,
    tenants: Tenants,
    account: Option<quota::Limits>,
    options: Options,
}

impl Builder<WantsTransport> {
    pub(crate) fn new() -> Self {
        let system = System::new();
        let settings = Settings {
            jobs: None,
            objects: None,
            service_quotas: None,
            clock: Arc::new(system),
            timer: Arc::new(system),
            entropy: Arc::new(system),
            quotas: Stated::default(),
            tenants: Tenants::default(),
            account: None,
            options: Options::default(),
        };
        Self { state: WantsTransport, settings }
    }

    /// Calls go this way.
    pub fn transport(self, transport: impl Transport + 'static) -> Builder<Ready> {
        Builder { state: Ready(Arc::new(transport)), settings: self.settings }
    }

    /// Calls, batch jobs, S3 and Service Quotas all go to AWS by way of the AWS SDK.
    #[cfg(feature = "aws")]
    pub fn bedrock(self, bedrock: aws::Bedrock) -> Builder<Ready> {
        let all = self.transport(bedrock.clone()).jobs(bedrock.clone());
        all.objects(bedrock.clone()).service_quotas(bedrock)
    }
}

impl Builder<Ready> {
    /// The client.
    pub fn build(self) -> Client {
        let Settings {
            jobs,
            objects,
            service_quotas,
            clock,
            timer,
            entropy,
            quotas,
            tenants,
            account,
            options,
        } = self.settings;
        let (time, waker) = (Arc::clone(&clock), Arc::clone(&timer));
        let limiters = Limiters::new(time, waker, quotas, tenants, account);
        let shared = Shared {
            transport: self.state.0,
            jobs,
            objects,
            service_quotas,
            clock,
            timer,
            entropy,
            limiters,
            retries: Retries::default(),
        };
        Client { shared: Arc::new(shared), options }
    }
}

impl<State> Builder<State> {
    /// Batch jobs go this way.
    #[must_use]
    pub fn jobs(mut self, jobs: impl Jobs + 'static) -> Self {
        self.settings.jobs = Some(Arc::new(jobs));
        self
    }

    /// Objects in S3 are read and written this way.
    #[must_use]
    pub fn objects(mut self, objects: impl Objects + 'static) -> Self {
        self.settings.objects = Some(Arc::new(objects));
        self
    }

    /// Service Quotas is read this way.
    #[must_use]
    pub fn service_quotas(mut self, service_quotas: impl ServiceQuotas + 'static) -> Self {
        self.settings.service_quotas = Some(Arc::new(service_quotas));
        self
    }

    /// The quotas of every model that has none of its own. Default: unlimited.
    #[must_use]
    pub fn quotas(mut self, quotas: Quotas) -> Self {
        self.settings.quotas.default = quotas;
        self
    }

    /// The quotas that calls to this address draw from.
    ///
    /// Bedrock counts `us.X`, `global.X` and `X` apart, so that these are three. An ARN draws from
    /// the same as the id in it, and the profiles of all geographies of a model from one. Of two that
    /// are stated for one, the later counts.
    #[must_use]
    pub fn quotas_for(mut self, address: impl Into<String>, quotas: Quotas) -> Self {
        self.settings.quotas.by_address.push((address.into(), quotas));
        self
    }

    /// Calls to this address draw from the quotas of that model, and are charged as its calls are.
    ///
    /// The ARN of an application inference profile hides the model or profile beneath it, whose
    /// quotas it shares. Without this it is taken for one with quotas of its own.
    #[must_use]
    pub fn draws_from(mut self, address: impl Into<String>, model: ModelRef) -> Self {
        self.settings.quotas.payers.insert(address.into(), model);
        self
    }

    /// All models together share this many tokens, which refill evenly over a day of 24 hours, whatever
    /// else their own quotas allow: a budget, of which a client that starts anew has all. (The quota
    /// of a model's day is [`Quotas::tokens_per_day`]: no 24 hours see more than that.) Tokens count
    /// as each model charges them, and provisioned throughput does not count. A call is held against
    /// both, all or nothing; while several models wait for the account, they take turns, call by call.
    /// Default: unlimited.
    #[must_use]
    pub fn account_tokens_per_day(mut self, tokens: NonZeroU64) -> Self {
        let bucket = Bucket::new(Rate::per_day(tokens), tokens);
        self.settings.account = Some(quota::Limits::unlimited().with_daily_tokens(bucket));
        self
    }

    /// Shares the quotas among tenants: while tenants have calls waiting, each is served tokens in
    /// proportion to its weight. [`Options::tenant`] says whose a call is; calls that name no tenant
    /// are those of one more, of weight 1. Of tenants of one name, the last weight counts.
    ///
    /// Over any time in which two tenants `f` and `g` of weights `w` always have calls waiting, they
    /// are let go `W` tokens, and no call of theirs reserves more than `c`:
    /// `|W(f)/w(f) − W(g)/w(g)| ≤ c(f)/w(f) + c(g)/w(g)`. What a call turns out to have cost less
    /// or more than it had reserved is made up for in the next turns of its tenant.
    #[must_use]
    pub fn tenant(mut self, name: impl Into<String>, weight: NonZeroU32) -> Self {
        self.settings.tenants.set(name.into(), weight);
        self
    }

    /// The options of calls.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.settings.options = options;
        self
    }

    /// Time comes from here: a clock, and the timer that belongs to it. Default: the machine's
    /// clock and tokio's timer, which needs a tokio runtime with time enabled.
    #[must_use]
    pub fn time(mut self, clock: impl Clock + 'static, timer: impl Timer + 'static) -> Self {
        self.settings.clock = Arc::new(clock);
        self.settings.timer = Arc::new(timer);
        self
    }

    /// Chance comes from here. Default: the operating system.
    #[must_use]
    pub fn entropy(mut self, entropy: impl Entropy + 'static) -> Self {
        self.settings.entropy = Arc::new(entropy);
        self
    }
}
