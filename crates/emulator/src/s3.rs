//! S3 on a directory: the wire is the crate `s3s`, the files are `s3s-fs`.

mod before;
mod folder;
mod host;
mod store;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::path::S3Path;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Result, s3_error};

use self::host::Hosts;
pub(crate) use self::host::Named;
use self::store::Store;
use crate::body::{self, Response};
use crate::fault::{Hits, Slot};
use crate::settings::{Auth, Settings};
use crate::state::State;
use crate::{auth, clock};

/// S3 as a service over the directory `root`, for the holder of one key pair.
pub(crate) fn service(root: &Path, settings: &Settings) -> Result<S3Service, s3s_fs::Error> {
    let mut builder = S3ServiceBuilder::new(Store::new(root)?);
    let (access_key, secret_key) = (settings.access_key.clone(), settings.secret_key.clone());
    builder.set_auth(OnePair { access_key, secret_key });
    builder.set_access(Door { root: root.into() });
    builder.set_host(Hosts);
    Ok(builder.build())
}

/// Answers one S3 request, and finds the faults that hit it.
pub(crate) async fn answer(
    state: &State,
    request: hyper::Request<hyper::body::Incoming>,
    hits: &mut Hits,
) -> Response {
    use http_body_util::BodyExt;

    let (mut head, body) = request.into_parts();
    if state.settings.auth == Auth::Any {
        auth::vouch(&state.settings, &mut head, clock::wall());
    }
    let slot = Slot::new(&state.faults);
    head.extensions.insert(slot.clone());
    let response = match state.s3.call(hyper::Request::from_parts(head, body.into())).await {
        Ok(response) => response.map(BodyExt::boxed_unsync),
        Err(error) => {
            let mut response = hyper::Response::new(body::full(format!("{error:?}")));
            *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    };
    *hits = slot.take();
    hits.before(&state.faults).await.unwrap_or(response)
}

/// The one key pair that may sign requests.
struct OnePair {
    access_key: String,
    secret_key: SecretKey,
}

#[async_trait]
impl S3Auth for OnePair {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.access_key {
            Ok(self.secret_key.clone())
        } else {
            Err(s3_error!(
                InvalidAccessKeyId,
                "The AWS Access Key Id you provided does not exist in our records."
            ))
        }
    }
}

/// What S3 checks before an operation and the file system does not: that the request is signed,
/// and that its bucket exists (a write would otherwise create it).
struct Door {
    root: PathBuf,
}

#[async_trait]
impl S3Access for Door {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        if cx.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        let bucket = match cx.s3_path() {
            S3Path::Root => return Ok(()),
            S3Path::Bucket { bucket } | S3Path::Object { bucket, .. } => bucket,
        };
        let exists = tokio::fs::metadata(self.root.join(&**bucket)).await.is_ok();
        if !exists && cx.s3_op().name() != "CreateBucket" {
            return Err(s3_error!(NoSuchBucket, "The specified bucket does not exist"));
        }
        let object = match cx.s3_path() {
            S3Path::Root => String::new(),
            S3Path::Bucket { bucket } => format!("{bucket}/"),
            S3Path::Object { bucket, key } => format!("{bucket}/{key}"),
        };
        let Some(slot) = cx.extensions_mut().get::<Slot>().cloned() else { return Ok(()) };
        slot.strike(cx.s3_op().name(), &object).map_or(Ok(()), Err)
    }
}
