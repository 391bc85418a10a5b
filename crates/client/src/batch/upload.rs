//! Writes an object in parts, so that it appears whole or not at all.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use transport::{Objects, Part, Upload};

use crate::attempt::attempt;
use crate::batch::place::Place;
use crate::client::Client;
use crate::error::Error;

/// An object in the making.
///
/// Nothing is sent before the first part is full, so a small input that is found bad leaves no trace
/// at all. Memory holds one part.
#[derive(Debug)]
pub(crate) struct Uploader {
    client: Client,
    objects: Arc<dyn Objects>,
    place: Place,
    stage: Stage,
    /// The length of all that was pushed.
    bytes: u64,
    buffer: BytesMut,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Stage {
    /// The bucket knows nothing of it.
    Unsent,
    /// Parts are stored, and the object is not there.
    Open(Upload),
    /// The parts may have become the object.
    Closing(Upload),
    /// The object is there.
    Closed,
}

impl Uploader {
    pub(crate) fn new(client: &Client, place: Place) -> Result<Self, Error> {
        Ok(Self {
            client: client.clone(),
            objects: Arc::clone(client.objects()?),
            place,
            stage: Stage::Unsent,
            bytes: 0,
            buffer: BytesMut::new(),
            parts: Vec::new(),
        })
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Adds bytes at the end, and sends the parts that are full.
    pub(crate) async fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.bytes += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        loop {
            let size = part_size(self.parts.len());
            if self.buffer.len() < size {
                return Ok(());
            }
            let part = self.buffer.split_to(size).freeze();
            self.send(part).await?;
        }
    }

    /// Sends the rest and makes the object of its parts.
    pub(crate) async fn finish(&mut self) -> Result<(), Error> {
        let rest = std::mem::take(&mut self.buffer).freeze();
        if !rest.is_empty() || self.parts.is_empty() {
            self.send(rest).await?;
        }
        let upload = self.open().await?;
        self.stage = Stage::Closing(upload.clone());
        let complete = || self.objects.complete_upload(upload.clone(), self.parts.clone());
        match attempt(&self.client, complete).await {
            // An attempt whose answer was lost may have done it.
            Err(error) if error.service_code() == Some("NoSuchUpload") && self.is_there().await => {
            }
            done => done?,
        }
        self.stage = Stage::Closed;
        Ok(())
    }

    /// Whether the object is there, as long as it should be.
    async fn is_there(&self) -> bool {
        let Place { bucket, key } = &self.place;
        let list = || self.objects.list(bucket.clone(), key.clone());
        let objects = attempt(&self.client, list).await.unwrap_or_default();
        objects.iter().any(|object| object.key == *key && object.length == self.bytes)
    }

    /// Takes back whatever the bucket knows of the object.
    pub(crate) async fn discard(self) -> Result<(), Error> {
        let aborted = self.abort().await;
        let deleted = self.delete().await;
        aborted.and(deleted)
    }

    async fn abort(&self) -> Result<(), Error> {
        let (Stage::Open(upload) | Stage::Closing(upload)) = &self.stage else { return Ok(()) };
        match attempt(&self.client, || self.objects.abort_upload(upload.clone())).await {
            // It became the object after all, or an attempt whose answer was lost aborted it.
            Err(error) if error.service_code() == Some("NoSuchUpload") => Ok(()),
            aborted => aborted,
        }
    }

    async fn delete(&self) -> Result<(), Error> {
        if let Stage::Unsent | Stage::Open(_) = &self.stage {
            return Ok(());
        }
        let Place { bucket, key } = &self.place;
        attempt(&self.client, || self.objects.delete(bucket.clone(), key.clone())).await
    }

    async fn send(&mut self, part: Bytes) -> Result<(), Error> {
        let upload = self.open().await?;
        let number = u32::try_from(self.parts.len() + 1).unwrap_or(u32::MAX);
        let put = || self.objects.put_part(upload.clone(), number, part.clone());
        let part = attempt(&self.client, put).await?;
        self.parts.push(part);
        Ok(())
    }

    async fn open(&mut self) -> Result<Upload, Error> {
        if let Stage::Open(upload) = &self.stage {
            return Ok(upload.clone());
        }
        let Place { bucket, key } = &self.place;
        let start = || self.objects.start_upload(bucket.clone(), key.clone());
        let upload = attempt(&self.client, start).await?;
        self.stage = Stage::Open(upload.clone());
        Ok(upload)
    }
}

/// The size of the part after `sent` others.
///
/// S3 takes 10,000 parts of 5 MiB to 5 GiB. Twice the size after each thousand makes room for any
/// object that S3 can hold, and costs little memory for one of the usual size.
fn part_size(sent: usize) -> usize {
    FIRST_PART << (sent / 1000).min(8)
}

const FIRST_PART: usize = 8 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_parts_hold_the_largest_object_and_each_is_of_a_size_that_s3_takes() {
        let sizes = (0..10_000).map(|sent| part_size(sent) as u64);
        assert!(sizes.clone().all(|size| (5 << 20..=5 << 30).contains(&size)));
        assert!(sizes.sum::<u64>() >= 5 << 40);
    }
}
