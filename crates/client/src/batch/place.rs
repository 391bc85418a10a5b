//! A place in S3: a bucket, and a key or the beginning of one.

use std::fmt;

use crate::batch::error::BatchError;

/// `s3://bucket/key`, in the letters that Bedrock's batch API accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

impl Place {
    pub(crate) fn new(bucket: &str, key: &str) -> Result<Self, BatchError> {
        if !is_bucket(bucket) {
            return Err(BatchError::Bucket { bucket: bucket.to_owned() });
        }
        // The whole address has at most 1,024 characters.
        if !is_key(key) || "s3:///".len() + bucket.len() + key.len() > 1024 {
            return Err(BatchError::Key { key: key.to_owned() });
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    pub(crate) fn parse(uri: &str) -> Result<Self, BatchError> {
        let address = uri.strip_prefix("s3://");
        let address = address.ok_or_else(|| BatchError::Uri { uri: uri.to_owned() })?;
        let (bucket, key) = address.split_once('/').unwrap_or((address, ""));
        Self::new(bucket, key)
    }

    /// This place, as a folder.
    pub(crate) fn folder(mut self) -> Self {
        if !self.key.is_empty() && !self.key.ends_with('/') {
            self.key.push('/');
        }
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

fn is_bucket(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = |byte: Option<&u8>| byte.is_some_and(|byte| plain(*byte));
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| plain(*byte) || matches!(byte, b'-' | b'.'))
        && ends(bytes.first())
        && ends(bytes.last())
}

/// Whether these are names between slashes, with a slash at the end or without.
fn is_key(key: &str) -> bool {
    let named = |part: &str| !part.is_empty() && part.chars().all(is_key_char);
    key.is_empty() || key.strip_suffix('/').unwrap_or(key).split('/').all(named)
}

fn is_key_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '!' | '_' | '*' | '\'' | '(' | ')' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_what_it_writes() {
        for uri in
            ["s3://abc/", "s3://a-b.c/x", "s3://abc/x/y.jsonl", "s3://abc/x/", "s3://abc/(_'*!)"]
        {
            assert_eq!(Place::parse(uri).unwrap().to_string(), uri);
        }
        assert_eq!(Place::parse("s3://abc").unwrap().to_string(), "s3://abc/");
    }

    #[test]
    fn what_the_batch_api_would_refuse_is_refused() {
        for bucket in ["", "ab", "Abc", "a_b", "-ab", "ab-", "a b", &"a".repeat(64)] {
            let error = Place::new(bucket, "k").unwrap_err();
            assert!(matches!(error, BatchError::Bucket { .. }), "{bucket}");
        }
        for key in ["/", "/k", "a//b", "a b", "a=b", "a+b", "a@b", "ä", &"k".repeat(1020)] {
            let error = Place::new("abc", key).unwrap_err();
            assert!(matches!(error, BatchError::Key { .. }), "{key}");
        }
        assert!(matches!(Place::parse("/abc"), Err(BatchError::Uri { .. })));
    }

    #[test]
    fn a_folder_ends_in_a_slash_and_the_root_is_one() {
        let folder = |key| Place::new("abc", key).unwrap().folder().key;
        assert_eq!([folder(""), folder("p"), folder("p/")], ["", "p/", "p/"]);
    }
}
