//! Amazon Bedrock and S3 for Outcrop, by way of the AWS SDK for Rust.
//!
//! [`Bedrock`] implements the traits of `outcrop-transport`: [`Transport`](transport::Transport)
//! for inference, [`Jobs`](transport::Jobs) for batch inference, [`Objects`](transport::Objects)
//! for the S3 that batch inference reads and writes, and
//! [`ServiceQuotas`](transport::ServiceQuotas) for what the account may use.
//!
//! The SDK does credentials, regions, endpoints, signing and HTTP, and is configured as it is
//! everywhere else: environment variables, profiles, `AWS_ENDPOINT_URL`, `AWS_BEARER_TOKEN_BEDROCK`,
//! FIPS and dual-stack endpoints. It does not touch the payload: an interceptor puts the caller's bytes
//! into the request before it is signed, and takes the response's bytes out before they are parsed.
//! So fields that the SDK does not know pass through in both directions.
//!
//! The SDK's retries and its protection against stalled streams are off.
//! Retries, and every time limit but the one for connecting, belong to the caller.
//!
//! ```no_run
//! use transport::{Call, Operation, Transport};
//!
//! # async fn example() -> Result<(), transport::Error> {
//! let bedrock = outcrop_aws::Bedrock::builder().region("eu-central-1").load().await?;
//! let body = r#"{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}"#;
//! let call = Call::new(Operation::Converse, "eu.amazon.nova-lite-v1:0", body);
//! let reply = bedrock.unary(call).await?;
//! assert!(!reply.body.is_empty());
//! # Ok(())
//! # }
//! ```

mod builder;
mod error;
mod interceptor;
mod jobs;
mod objects;
mod profile;
mod runtime;
mod service_quotas;

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use transport::Error;

use self::error::Place;

pub use self::builder::Builder;

/// Amazon Bedrock and S3 in one region. Copies share connections and credentials.
#[derive(Clone)]
pub struct Bedrock {
    inner: Arc<Inner>,
}

struct Inner {
    place: Place,
    config: SdkConfig,
    runtime: aws_sdk_bedrockruntime::Client,
    // Made when something first needs them.
    control: OnceLock<aws_sdk_bedrock::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    quotas: OnceLock<aws_sdk_servicequotas::Client>,
}

impl Bedrock {
    /// Says where Bedrock is and who asks. What is left unsaid, the AWS SDK reads from the environment
    /// and from profiles.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Everything as the AWS SDK reads it from the environment and from profiles.
    ///
    /// # Errors
    ///
    /// As [`Builder::load`].
    pub async fn from_env() -> Result<Self, Error> {
        Self::builder().load().await
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.inner.place.region
    }

    fn new(config: SdkConfig, place: Place) -> Self {
        let runtime = aws_sdk_bedrockruntime::Client::new(&config);
        let (control, s3, quotas) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { inner: Arc::new(Inner { place, config, runtime, control, s3, quotas }) }
    }

    fn runtime(&self) -> &aws_sdk_bedrockruntime::Client {
        &self.inner.runtime
    }

    fn control(&self) -> &aws_sdk_bedrock::Client {
        self.inner.control.get_or_init(|| aws_sdk_bedrock::Client::new(&self.inner.config))
    }

    fn s3(&self) -> &aws_sdk_s3::Client {
        self.inner.s3.get_or_init(|| builder::s3_client(&self.inner.config))
    }

    fn quotas(&self) -> &aws_sdk_servicequotas::Client {
        self.inner.quotas.get_or_init(|| aws_sdk_servicequotas::Client::new(&self.inner.config))
    }

    fn bedrock_error<E: error::Sdk>(&self, failed: SdkError<E, HttpResponse>) -> Error {
        error::from_sdk(failed, "Bedrock", &self.inner.place)
    }

    fn s3_error<E: error::Sdk>(&self, failed: SdkError<E, HttpResponse>) -> Error {
        error::from_sdk(failed, "S3", &self.inner.place)
    }

    fn quotas_error<E: error::Sdk>(&self, failed: SdkError<E, HttpResponse>) -> Error {
        error::from_sdk(failed, "Service Quotas", &self.inner.place)
    }
}

impl fmt::Debug for Bedrock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bedrock").field(&self.inner.place).finish()
    }
}
