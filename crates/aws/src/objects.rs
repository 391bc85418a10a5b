//! Objects in S3.

use async_trait::async_trait;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use transport::{Error, ErrorKind, ObjectBody, ObjectMeta, Objects, Part, Phase, Upload};

use crate::runtime::stream_of;
use crate::{Bedrock, error};

#[async_trait]
impl Objects for Bedrock {
    async fn start_upload(&self, bucket: String, key: String) -> Result<Upload, Error> {
        let started = self.s3().create_multipart_upload().bucket(&bucket).key(&key).send().await;
        let started = started.map_err(|failed| self.s3_error(failed))?;
        let id = started.upload_id.ok_or_else(|| error::not_the_protocol("S3 named no upload"))?;
        Ok(Upload::new(bucket, key, id))
    }

    async fn put_part(&self, upload: Upload, number: u32, body: Bytes) -> Result<Part, Error> {
        let put = self
            .s3()
            .upload_part()
            .bucket(upload.bucket)
            .key(upload.key)
            .upload_id(upload.id)
            .part_number(part_number(number)?)
            .body(ByteStream::from(body))
            .send()
            .await
            .map_err(|failed| self.s3_error(failed))?;
        let etag = put.e_tag.ok_or_else(|| error::not_the_protocol("S3 named no part"))?;
        Ok(Part::new(number, etag))
    }

    async fn complete_upload(&self, upload: Upload, mut parts: Vec<Part>) -> Result<(), Error> {
        parts.sort_by_key(|part| part.number);
        let mut completed = CompletedMultipartUpload::builder();
        for part in parts {
            let number = part_number(part.number)?;
            completed = completed
                .parts(CompletedPart::builder().part_number(number).e_tag(part.etag).build());
        }
        let done = self
            .s3()
            .complete_multipart_upload()
            .bucket(upload.bucket)
            .key(upload.key)
            .upload_id(upload.id)
            .multipart_upload(completed.build())
            .send()
            .await;
        done.map(drop).map_err(|failed| self.s3_error(failed))
    }

    async fn abort_upload(&self, upload: Upload) -> Result<(), Error> {
        let aborted = self
            .s3()
            .abort_multipart_upload()
            .bucket(upload.bucket)
            .key(upload.key)
            .upload_id(upload.id)
            .send()
            .await;
        aborted.map(drop).map_err(|failed| self.s3_error(failed))
    }

    async fn get(&self, bucket: String, key: String) -> Result<ObjectBody, Error> {
        let got = self.s3().get_object().bucket(bucket).key(key).send().await;
        let got = got.map_err(|failed| self.s3_error(failed))?;
        let length = got.content_length.and_then(|length| length.try_into().ok());
        Ok(ObjectBody::new(length, stream_of(got.body, None)))
    }

    async fn list(&self, bucket: String, prefix: String) -> Result<Vec<ObjectMeta>, Error> {
        let mut objects = Vec::new();
        let mut next_page = None;
        loop {
            let page = self
                .s3()
                .list_objects_v2()
                .bucket(&bucket)
                .prefix(&prefix)
                .set_continuation_token(next_page)
                .send()
                .await
                .map_err(|failed| self.s3_error(failed))?;
            objects.extend(page.contents.into_iter().flatten().filter_map(|object| {
                let length = object.size.and_then(|size| size.try_into().ok());
                Some(ObjectMeta::new(object.key?, length.unwrap_or_default()))
            }));
            next_page = page.next_continuation_token;
            if next_page.is_none() {
                return Ok(objects);
            }
        }
    }

    async fn delete(&self, bucket: String, key: String) -> Result<(), Error> {
        let deleted = self.s3().delete_object().bucket(bucket).key(key).send().await;
        deleted.map(drop).map_err(|failed| self.s3_error(failed))
    }
}

fn part_number(number: u32) -> Result<i32, Error> {
    number.try_into().map_err(|_| {
        let message = format!("{number} is no part number: they go from 1 to 10,000");
        Error::new(ErrorKind::Config, Phase::NotSent, message)
    })
}
