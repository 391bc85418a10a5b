//! From the global options to a client.

use std::time::Duration;

use client::aws::Bedrock;
use client::{ApiChoice, Client, Options, Quotas, ServerModel};
use emulator::Emulator;

use crate::args::{Api, Globals};
use crate::error::Error;
use crate::interrupt::within;

/// A client, and the local server that it talks to, if there is one.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) client: Client,
    emulator: Option<Emulator>,
    region: String,
}

impl Session {
    /// Starts what the global options ask for; `region` is used where nothing else names one.
    pub(crate) async fn open(globals: &Globals, region: Option<&str>) -> Result<Self, Error> {
        Self::open_or(globals, region, Emulator::builder()).await
    }

    /// The same, with this as the local server where one is asked for.
    pub(crate) async fn open_or(
        globals: &Globals,
        region: Option<&str>,
        emulator: emulator::Builder,
    ) -> Result<Self, Error> {
        if globals.local && globals.endpoint_url.is_some() {
            return Err(Error::TwoEndpoints);
        }
        if globals.local {
            return Self::local(emulator.start().await?, globals).await;
        }
        let mut bedrock = Bedrock::builder();
        if let Some(url) = &globals.endpoint_url {
            bedrock = bedrock.endpoint_url(url);
        }
        if let Some(region) = region {
            bedrock = bedrock.fallback_region(region);
        }
        if let Some(region) = &globals.region {
            bedrock = bedrock.region(region);
        }
        if let Some(profile) = &globals.profile {
            bedrock = bedrock.profile(profile);
        }
        // Credentials may come from a server that does not answer.
        let load = async { bedrock.load().await.map_err(|error| Error::Client(error.into())) };
        let bedrock = within(globals.timeout, load).await?;
        let region = bedrock.region().to_owned();
        let mut quotas = quotas(globals);
        if globals.endpoint_url.as_deref().is_some_and(is_on_this_machine) {
            // No account whose refill nobody knows: all of the quota is used, evenly spaced.
            quotas.quota_use = quotas.quota_use.or(Some(WHOLE));
        }
        Ok(Self { client: client(bedrock, quotas, globals), emulator: None, region })
    }

    /// A client of this local server, by way of the AWS SDK.
    pub(crate) async fn local(emulator: Emulator, globals: &Globals) -> Result<Self, Error> {
        let bedrock = Bedrock::builder()
            .endpoint_url(emulator.endpoint_url())
            .region(globals.region.as_deref().unwrap_or(LOCAL_REGION))
            .credentials(LOCAL_KEY, LOCAL_KEY, None);
        let bedrock = bedrock.load().await.map_err(client::Error::from)?;
        let region = bedrock.region().to_owned();
        // Nobody else shares the local server, so that a minute's worth may go at once.
        let minute = ServerModel::Bucket { burst: Duration::from_secs(60) };
        let server = globals.server_model.unwrap_or(minute);
        let client = client(bedrock, quotas(globals).with_server(server), globals);
        Ok(Self { client, emulator: Some(emulator), region })
    }

    /// The region that is called.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// The local server inside this process, if it is in use.
    pub(crate) fn emulator(&self) -> Option<&Emulator> {
        self.emulator.as_ref()
    }
}

fn client(bedrock: Bedrock, quotas: Quotas, globals: &Globals) -> Client {
    Client::builder().bedrock(bedrock).quotas(quotas).options(options(globals)).build()
}

fn quotas(globals: &Globals) -> Quotas {
    let mut quotas = Quotas::default();
    quotas.requests_per_minute = globals.rpm;
    quotas.tokens_per_minute = globals.tpm;
    quotas.server = globals.server_model.unwrap_or_default();
    quotas.quota_use = globals.quota_use.map(|percent| u32::from(percent) * 10_000);
    quotas
}

fn options(globals: &Globals) -> Options {
    let mut options = Options::default();
    options.api = match globals.api {
        Api::Auto => ApiChoice::Auto,
        Api::Converse => ApiChoice::Converse,
        Api::Invoke => ApiChoice::Invoke,
    };
    if let Some(total) = globals.timeout {
        let limits = &mut options.limits;
        limits.total = Some(total);
        // The whole generation lies before the first byte of a reply in one piece, so that a
        // longer total has to lengthen this limit too. The others only get shorter.
        limits.first_byte = Some(total);
        limits.idle = limits.idle.map(|idle| idle.min(total));
        limits.connect = limits.connect.map(|connect| connect.min(total));
    }
    options
}

fn is_on_this_machine(url: &str) -> bool {
    ["http://127.", "http://localhost", "http://[::1]"].iter().any(|start| url.starts_with(start))
}

/// All of a quota, in millionths.
const WHOLE: u32 = 1_000_000;
/// The region that the local server says it is in.
pub(crate) const LOCAL_REGION: &str = "us-east-1";
/// The access key of the local server, which is also its secret.
pub(crate) const LOCAL_KEY: &str = "test";
