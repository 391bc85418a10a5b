//! Where Bedrock is, and who asks.

use std::fmt;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::{Credentials, Token};
use aws_smithy_runtime_api::client::auth::http::HTTP_BEARER_AUTH_SCHEME_ID;
use aws_smithy_types::checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_types::service_config::ServiceConfigKey;
use transport::{Error, ErrorKind, Limits, Phase};

use crate::error::Place;
use crate::{Bedrock, profile};

/// What the caller says about a [`Bedrock`]; the rest is as the AWS SDK reads it.
#[derive(Clone, Default)]
#[must_use]
pub struct Builder {
    region: Option<String>,
    fallback_region: Option<String>,
    profile: Option<String>,
    endpoint_url: Option<String>,
    identity: Option<Identity>,
}

#[derive(Clone)]
enum Identity {
    Keys(Credentials),
    Bearer(Token),
}

impl Builder {
    /// The region, such as `us-east-1`. Default: `AWS_REGION`, then the profile's region.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The region where nothing else names one, such as the region that an ARN is in.
    /// Default: none, so that a region has to be set.
    pub fn fallback_region(mut self, region: impl Into<String>) -> Self {
        self.fallback_region = Some(region.into());
        self
    }

    /// The profile to read. Default: `AWS_PROFILE`, then `default`.
    pub fn profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// The one endpoint for Bedrock and S3: `http://…` or `https://…`. S3 is then addressed by path.
    /// Default: `AWS_ENDPOINT_URL` and its like, then the endpoints of AWS.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// A key pair, with its session token if it is a temporary one.
    /// Default: the SDK's chain, from environment variables to the metadata of an instance.
    pub fn credentials(
        mut self,
        access_key: impl Into<String>,
        secret_key: impl Into<String>,
        session_token: Option<String>,
    ) -> Self {
        let keys = Credentials::new(access_key, secret_key, session_token, None, "outcrop");
        self.identity = Some(Identity::Keys(keys));
        self
    }

    /// A Bedrock API key, which needs no key pair. It does not open S3.
    /// Default: `AWS_BEARER_TOKEN_BEDROCK`.
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.identity = Some(Identity::Bearer(Token::new(token, None)));
        self
    }

    /// Reads what was left unsaid. Nothing is sent; credentials are fetched when a call first needs
    /// them.
    ///
    /// The region is never guessed, and the metadata of an instance is not asked for it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`], if there is no region, if the endpoint is no URL, or if the profile
    /// that is to be read is not there.
    pub async fn load(self) -> Result<Bedrock, Error> {
        // Whoever gives an identity needs no profile, unless one is named as well.
        if self.identity.is_none() || self.profile.is_some() {
            profile::check(self.profile.as_deref()).await?;
        }
        let region = self.resolve_region().await?;
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(region.clone())
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .timeout_config(timeouts(&Limits::default()))
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        if let Some(profile) = self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = identify(loader, self.identity).load().await;
        let endpoint = config.endpoint_url().map(str::to_owned);
        if let Some(url) = &endpoint {
            check_url(url)?;
        }
        let place = Place { region: region.to_string(), endpoint };
        Ok(Bedrock::new(config, place))
    }

    async fn resolve_region(&self) -> Result<Region, Error> {
        let mut profile = ProfileFileRegionProvider::builder();
        if let Some(name) = &self.profile {
            profile = profile.profile_name(name);
        }
        let given = self.region.clone().map(Region::new);
        RegionProviderChain::first_try(given)
            .or_else(EnvironmentVariableRegionProvider::new())
            .or_else(profile.build())
            .or_else(self.fallback_region.clone().map(Region::new))
            .region()
            .await
            .filter(|region| !region.as_ref().is_empty())
            .ok_or_else(|| config_error(NO_REGION))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let identity = self.identity.as_ref().map(|identity| match identity {
            Identity::Keys(_) => "a key pair",
            Identity::Bearer(_) => "a bearer token",
        });
        f.debug_struct("Builder")
            .field("region", &self.region)
            .field("fallback_region", &self.fallback_region)
            .field("profile", &self.profile)
            .field("endpoint_url", &self.endpoint_url)
            .field("identity", &identity)
            .finish()
    }
}

/// S3, addressed by path where the endpoint is not that of AWS: few servers answer to a host name
/// for each bucket.
pub(crate) fn s3_client(config: &SdkConfig) -> aws_sdk_s3::Client {
    let key = ServiceConfigKey::builder()
        .service_id("S3")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok();
    let own_endpoint = key.and_then(|key| config.service_config()?.load_config(key));
    let by_path = config.endpoint_url().is_some() || own_endpoint.is_some();
    let s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(by_path);
    aws_sdk_s3::Client::from_conf(s3.build())
}

/// The SDK's time limits: only the one for connecting is its to keep.
pub(crate) fn timeouts(limits: &Limits) -> TimeoutConfig {
    let timeouts = TimeoutConfig::builder();
    match limits.connect {
        Some(limit) => timeouts.connect_timeout(limit),
        None => timeouts.disable_connect_timeout(),
    }
    .disable_read_timeout()
    .disable_operation_timeout()
    .disable_operation_attempt_timeout()
    .build()
}

fn identify(loader: ConfigLoader, identity: Option<Identity>) -> ConfigLoader {
    match identity {
        Some(Identity::Keys(keys)) => loader.credentials_provider(keys),
        Some(Identity::Bearer(token)) => {
            loader.token_provider(token).auth_scheme_preference([HTTP_BEARER_AUTH_SCHEME_ID])
        }
        None => loader,
    }
}

fn check_url(url: &str) -> Result<(), Error> {
    let host = ["http://", "https://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    match host {
        Some(host) if !host.is_empty() && !host.starts_with('/') => Ok(()),
        _ => Err(config_error(&format!(
            "the endpoint `{url}` is not a URL: write it as http://host:port or https://host"
        ))),
    }
}

pub(crate) fn config_error(message: &str) -> Error {
    Error::new(ErrorKind::Config, Phase::NotSent, message)
}

const NO_REGION: &str = "no AWS region is set: pass --region, set AWS_REGION, or give the profile a \
                         region in ~/.aws/config";
