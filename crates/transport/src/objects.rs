//! Objects in S3, as far as batch inference needs them.

use std::fmt::Debug;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Body, Error};

/// Reads and writes objects in S3.
///
/// An object under upload is invisible until [`complete_upload`](Self::complete_upload): a reader
/// sees the whole object or none.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Objects: Debug + Send + Sync {
    /// Begins a multipart upload.
    ///
    /// # Errors
    ///
    /// `NoSuchBucket` where there is no bucket of that name, or what kept the call from the service.
    async fn start_upload(&self, bucket: String, key: String) -> Result<Upload, Error>;

    /// Sends part `number`, counted from 1. Every part but the last has at least 5 MiB;
    /// there are at most 10,000.
    ///
    /// # Errors
    ///
    /// As [`start_upload`](Self::start_upload). A part that failed may be sent again.
    async fn put_part(&self, upload: Upload, number: u32, body: Bytes) -> Result<Part, Error>;

    /// Makes the object of its parts, in the order of their numbers.
    ///
    /// # Errors
    ///
    /// As [`start_upload`](Self::start_upload).
    async fn complete_upload(&self, upload: Upload, parts: Vec<Part>) -> Result<(), Error>;

    /// Gives the upload up: no object appears, and its parts are no longer stored.
    ///
    /// # Errors
    ///
    /// As [`start_upload`](Self::start_upload).
    async fn abort_upload(&self, upload: Upload) -> Result<(), Error>;

    /// Reads an object from its start.
    ///
    /// # Errors
    ///
    /// `NoSuchKey` where there is no such object, or what kept the call from the service.
    async fn get(&self, bucket: String, key: String) -> Result<ObjectBody, Error>;

    /// Every object whose key begins with `prefix`, in the order of their keys.
    ///
    /// # Errors
    ///
    /// As [`start_upload`](Self::start_upload).
    async fn list(&self, bucket: String, prefix: String) -> Result<Vec<ObjectMeta>, Error>;

    /// Removes an object; it is no error if there is none.
    ///
    /// # Errors
    ///
    /// As [`start_upload`](Self::start_upload).
    async fn delete(&self, bucket: String, key: String) -> Result<(), Error>;
}

/// A multipart upload that has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Upload {
    /// The bucket.
    pub bucket: String,
    /// The key of the object to be.
    pub key: String,
    /// The service's name for the upload.
    pub id: String,
}

impl Upload {
    /// The upload of this name.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>, id: impl Into<String>) -> Self {
        Self { bucket: bucket.into(), key: key.into(), id: id.into() }
    }
}

/// A part that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// Its number, counted from 1.
    pub number: u32,
    /// The service's name for its contents.
    pub etag: String,
}

impl Part {
    /// The part of this number and name.
    pub fn new(number: u32, etag: impl Into<String>) -> Self {
        Self { number, etag: etag.into() }
    }
}

/// An object that is being read.
#[non_exhaustive]
pub struct ObjectBody {
    /// Its length in bytes, where the service says.
    pub length: Option<u64>,
    /// Its bytes. A body that ends short of `length` ends with an error.
    pub body: Body,
}

impl ObjectBody {
    /// An object of these parts.
    pub fn new(length: impl Into<Option<u64>>, body: Body) -> Self {
        Self { length: length.into(), body }
    }
}

impl Debug for ObjectBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ObjectBody").field("length", &self.length).finish_non_exhaustive()
    }
}

/// An object in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectMeta {
    /// Its key.
    pub key: String,
    /// Its length in bytes.
    pub length: u64,
}

impl ObjectMeta {
    /// The object of this key and length.
    pub fn new(key: impl Into<String>, length: u64) -> Self {
        Self { key: key.into(), length }
    }
}
