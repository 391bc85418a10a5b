//! Amazon Bedrock and S3 for Outcrop, by way of the AWS SDK for Rust.
//!
//! [`Bedrock`] implements the three traits of `outcrop-transport`: [`Transport`](transport::Transport)
//! for inference, [`Jobs`](transport::Jobs) for batch inference and [`Objects`](transport::Objects)
//! for the S3 that batch inference reads and writes.
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
mod runtime;

use std::fmt;
use std::sync::Arc;

use aws_sdk_bedrockruntime as sdk_runtime;

use self::error::Place;

pub use self::builder::Builder;

/// Amazon Bedrock and S3 in one region. Copies share connections and credentials.
#[derive(Clone)]
pub struct Bedrock {
    inner: Arc<Inner>,
}

struct Inner {
    place: Place,
    runtime: sdk_runtime::Client,
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
    pub async fn from_env() -> Result<Self, transport::Error> {
        Self::builder().load().await
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.inner.place.region
    }
}

impl fmt::Debug for Bedrock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bedrock").field(&self.inner.place).finish()
    }
}
