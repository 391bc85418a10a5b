//! Buckets in the name of the host.

use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

/// What the name of a host says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named<'a> {
    /// The bucket, if the name begins with one.
    pub(crate) bucket: Option<&'a str>,
    region: Option<&'a str>,
    /// S3 is named too, as in `bucket.s3.localhost`, and not only `bucket.localhost`.
    pub(crate) is_s3: bool,
}

impl<'a> Named<'a> {
    /// Reads a host, with or without a port. Any that is not below `localhost` or a name of S3's
    /// own names no bucket, and then the path does.
    pub(crate) fn of(host: &'a str) -> Self {
        let name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
        let of_s3 = |rest: &'a str, region| {
            let bucket = match rest {
                "s3" | "s3.dualstack" => Some(None),
                _ => rest
                    .strip_suffix(".s3")
                    .or_else(|| rest.strip_suffix(".s3.dualstack"))
                    .filter(|bucket| !bucket.is_empty())
                    .map(Some),
            };
            bucket.map(|bucket| Self { bucket, region, is_s3: true })
        };
        let named = if let Some(rest) = name.strip_suffix(".localhost") {
            let bucket = Self { bucket: Some(rest), region: None, is_s3: false };
            Some(of_s3(rest, None).unwrap_or(bucket))
        } else if let Some(rest) = name.strip_suffix(".amazonaws.com") {
            let regional = rest.rsplit_once('.');
            of_s3(rest, None)
                .or_else(|| regional.and_then(|(rest, region)| of_s3(rest, Some(region))))
        } else {
            None
        };
        named.unwrap_or(Self { bucket: None, region: None, is_s3: false })
    }
}

/// Tells the library where a bucket is in the name of the host.
#[derive(Debug)]
pub(super) struct Hosts;

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let Named { bucket, region, .. } = Named::of(host);
        let mut virtual_host = VirtualHost::new(host);
        if let Some(bucket) = bucket {
            virtual_host = virtual_host.with_bucket(bucket);
        }
        if let Some(region) = region {
            virtual_host = virtual_host.with_region(region);
        }
        Ok(virtual_host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_stands_before_localhost_or_a_name_of_s3() {
        for (host, bucket, is_s3) in [
            ("records.localhost:4566", Some("records"), false),
            ("records.s3.localhost:4566", Some("records"), true),
            ("records.s3.amazonaws.com", Some("records"), true),
            ("records.s3.eu-west-3.amazonaws.com", Some("records"), true),
            ("records.s3.dualstack.eu-west-3.amazonaws.com", Some("records"), true),
            ("my.records.s3.localhost", Some("my.records"), true),
            ("s3.localhost:4566", None, true),
            ("s3.amazonaws.com", None, true),
            ("s3.eu-west-3.amazonaws.com", None, true),
            ("localhost:4566", None, false),
            ("127.0.0.1:4566", None, false),
            ("emulator:4566", None, false),
            ("bedrock-runtime.us-east-1.amazonaws.com", None, false),
            ("", None, false),
        ] {
            let named = Named::of(host);
            assert_eq!((named.bucket, named.is_s3), (bucket, is_s3), "{host}");
        }
    }
}
