//! S3 on a directory: the wire is the crate `s3s`, the files are `s3s-fs`.

mod store;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::host::{S3Host, VirtualHost};
use s3s::path::S3Path;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Result, s3_error};

use self::store::Store;
use crate::body::{self, Response};

/// S3 as a service over the directory `root`, for the holder of one key pair.
pub(crate) fn service(
    root: &Path,
    access_key: &str,
    secret_key: &str,
) -> Result<S3Service, s3s_fs::Error> {
    let mut builder = S3ServiceBuilder::new(Store::new(root)?);
    builder.set_auth(OnePair { access_key: access_key.into(), secret_key: secret_key.into() });
    builder.set_access(Door { root: root.into() });
    builder.set_host(Localhost);
    Ok(builder.build())
}

/// Answers one S3 request.
pub(crate) async fn answer(
    service: &S3Service,
    request: hyper::Request<hyper::body::Incoming>,
) -> Response {
    use http_body_util::BodyExt;

    match service.call(request.map(Into::into)).await {
        Ok(response) => response.map(BodyExt::boxed_unsync),
        Err(error) => {
            let mut response = hyper::Response::new(body::full(format!("{error:?}")));
            *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
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
        match (cx.s3_op().name() == "CreateBucket", exists) {
            (true, true) => Err(s3_error!(
                BucketAlreadyOwnedByYou,
                "Your previous request to create the named bucket succeeded and you already own it."
            )),
            (false, false) => Err(s3_error!(NoSuchBucket, "The specified bucket does not exist")),
            _ => Ok(()),
        }
    }
}

/// Bucket names before `.localhost` are virtual hosts; on any other host the bucket is in the path.
struct Localhost;

impl S3Host for Localhost {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
        let virtual_host = VirtualHost::new(host);
        Ok(match name.strip_suffix(".localhost") {
            Some(bucket) => virtual_host.with_bucket(bucket),
            None => virtual_host,
        })
    }
}
