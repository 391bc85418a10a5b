//! `s3://bucket/key`, and where that is in the data folder.

use std::fmt;
use std::path::{Path, PathBuf};

/// A place in S3: a bucket, and a key or a prefix of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct S3Uri {
    pub(super) bucket: String,
    /// Without slashes at its ends; empty for the bucket itself.
    pub(super) key: String,
}

impl S3Uri {
    /// Reads a URI with the characters that the service takes; `None` for any other.
    pub(super) fn parse(uri: &str) -> Option<Self> {
        let place = uri.strip_prefix("s3://").filter(|_| uri.len() <= 1024)?;
        let (bucket, key) = place.split_once('/').unwrap_or((place, ""));
        let key = key.strip_suffix('/').unwrap_or(key);
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-!_*'().".contains(c);
        let segment = |part: &str| !matches!(part, "" | "." | "..") && part.chars().all(allowed);
        let is_valid =
            s3s::path::check_bucket_name(bucket) && (key.is_empty() || key.split('/').all(segment));
        is_valid.then(|| Self { bucket: bucket.into(), key: key.into() })
    }

    /// A place below this one.
    pub(super) fn join(&self, name: &str) -> Self {
        let key = if self.key.is_empty() { name.into() } else { format!("{}/{name}", self.key) };
        Self { bucket: self.bucket.clone(), key }
    }

    /// The folder of the bucket.
    pub(super) fn bucket_path(&self, root: &Path) -> PathBuf {
        root.join(&self.bucket)
    }

    /// The file or folder of the key.
    pub(super) fn path(&self, root: &Path) -> PathBuf {
        self.bucket_path(root).join(&self.key)
    }
}

impl fmt::Display for S3Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_prefixes_and_keys_are_read() {
        for (uri, bucket, key) in [
            ("s3://records", "records", ""),
            ("s3://records/", "records", ""),
            ("s3://records/in/", "records", "in"),
            ("s3://records/in/a-b_c.jsonl", "records", "in/a-b_c.jsonl"),
        ] {
            let expected = S3Uri { bucket: bucket.into(), key: key.into() };
            assert_eq!(S3Uri::parse(uri), Some(expected), "{uri}");
        }
    }

    #[test]
    fn what_the_service_does_not_take_is_refused() {
        for uri in [
            "records/in",
            "s3://",
            "s3://Records/in",
            "s3://ab/in",
            "s3://records//in",
            "s3://records/a b",
            "s3://records/a=b",
            "s3://records/../other",
        ] {
            assert_eq!(S3Uri::parse(uri), None, "{uri}");
        }
    }
}
